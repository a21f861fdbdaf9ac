"""What every server holds: one package with a page of 50 files, larger wheels, a closure, names.

The parts are made once in the cache folder and are the same in every run. Each measurement names
the parts that it needs, so that a run of few measurements does not upload the rest.
"""

import random
from pathlib import Path

from side_by_side.wheels import Distribution, make_wheel

PAGED = "bench-paged"
MEDIUM, LARGE, HUGE = "bench-medium", "bench-large", "bench-huge"
CLOSURE_ROOT = "bench-closure-0"
PREFIX = "bench"  # every name begins with it

SMALL_BYTES, MEDIUM_BYTES, LARGE_BYTES, HUGE_BYTES = 2_000, 200_000, 30_000_000, 300_000_000
PAGE_FILES = 50
CLOSURE_PACKAGES = 40
CLOSURE_VERSIONS = 5
LISTED_NAMES = 200
UPLOADED_NAMES = 50


class Corpus:
    """The wheels on disk, below `folder`; each part is made when it is first asked for."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def part(self, name: str) -> list[Distribution]:
        """Return the wheels of a part: `page`, `medium`, `large`, `huge`, `closure` or `names`."""
        match name:
            case "page":
                return [self._wheel(PAGED, f"1.{n}", SMALL_BYTES) for n in range(PAGE_FILES)]
            case "medium":
                return [self._wheel(MEDIUM, "1.0", MEDIUM_BYTES)]
            case "large":
                return [self._wheel(LARGE, "1.0", LARGE_BYTES)]
            case "huge":
                return [self._wheel(HUGE, "1.0", HUGE_BYTES)]
            case "closure":
                return self._closure()
            case "names":
                return [
                    self._wheel(f"bench-name-{n}", "1.0", SMALL_BYTES) for n in range(LISTED_NAMES)
                ]
        raise ValueError(f"the corpus has no part {name!r}")

    def _wheel(
        self, name: str, version: str, size_bytes: int, requires: tuple[str, ...] = ()
    ) -> Distribution:
        return make_wheel(self._folder, name, version, size_bytes, requires)

    def _closure(self) -> list[Distribution]:
        """Return 40 packages of 5 versions each: number n needs up to three with higher numbers."""
        wheels = []
        for n in range(CLOSURE_PACKAGES):
            needed = _needed_by(n)
            for version in range(1, CLOSURE_VERSIONS + 1):
                requires = tuple(f"bench-closure-{other}>=1.{version - 1}" for other in needed)
                name = f"bench-closure-{n}"
                wheels.append(self._wheel(name, f"1.{version}", 20_000, requires))
        return wheels


def _needed_by(number: int) -> list[int]:
    """Return what package `number` needs: the next one, so that all are reached, and two more."""
    later = range(number + 1, CLOSURE_PACKAGES)
    chosen = set(later[:1]) | set(random.Random(number).sample(later, min(2, len(later))))  # noqa: S311  a graph
    return sorted(chosen)


def fresh_uploads(folder: Path, batch: int, count: int, size_bytes: int) -> list[Distribution]:
    """Make wheels spread over 50 names; with another `batch` they are others."""
    folder.mkdir(parents=True, exist_ok=True)
    return [
        make_wheel(folder, f"bench-upload-{n % UPLOADED_NAMES}", f"{batch}.{n}", size_bytes)
        for n in range(count)
    ]
