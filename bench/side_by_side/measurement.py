"""What a measurement is, and how long and how often it is done."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from side_by_side.contestant import Contestant
from side_by_side.corpus import Corpus
from side_by_side.samples import Sample


@dataclass(frozen=True, slots=True)
class Pace:
    """How much is measured: rounds, the seconds of a load, the uploads of one, publications."""

    rounds: int
    seconds: int
    uploads: int
    publications: int


@dataclass(frozen=True, slots=True)
class Bench:
    """What measurements share: the pace, the corpus, and a folder for what they make."""

    pace: Pace
    corpus: Corpus
    scratch: Path


@dataclass(frozen=True, slots=True)
class Measurement:
    """One row of the table.

    `measure(contestant, bench, round)` returns None where the server has no such thing. `slow`
    ones are left out of a quick run.
    """

    key: str
    title: str
    parts: frozenset[str]
    measure: Callable[[Contestant, Bench, int], Sample | None]
    slow: bool = False
