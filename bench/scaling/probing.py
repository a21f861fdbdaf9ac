"""A probe: a kind of request, how it is made, and how often it is measured."""

from collections.abc import Callable
from dataclasses import dataclass

MANY, SOME, FEW = 100, 20, 5
"""How often: what is quick, what needs an upload before each or is not quick, what is slow."""


@dataclass(frozen=True, slots=True)
class Probe:
    """A kind of request: what it is called, how to make one, and what to do before each.

    entries: how many files or names the answer has, where that grows with the registry.
    """

    title: str
    times: int
    work: Callable[[], object]
    prepare: Callable[[], object] | None = None
    entries: int | None = None
