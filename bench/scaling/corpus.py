"""A registry in PyPI's shape, made up in the order in which it would have been published.

Deterministic: the same size gives the same registry. Nobody has the bytes behind its files. Which
rows it takes, and how they are written, is left to `scaling.rows` and `scaling.seeding`.
"""

import itertools
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from scaling.shape import files_per_name

NEWEST = datetime(2026, 1, 1, tzinfo=UTC)
OLDEST = datetime(2006, 1, 1, tzinfo=UTC)

MIRROR = 0
"""The number of the project that has all names; the others have one or two each."""

FILES_PER_PROJECT = 1000
"""How many files there are in the registry for each further project."""

LEAST_PROJECTS = 60
"""More than any list shows at once: a page of a list is as long at each size."""

_SMALL, _LARGE = 20, 500
_WORDS = (
    *("acid", "agent", "api", "array", "async", "atlas", "auth", "aws", "azure", "base", "beam"),
    *("bind", "block", "bot", "cache", "chain", "chart", "cli", "client", "cloud", "code", "core"),
    *("data", "deep", "django", "docs", "edge", "event", "fast", "field", "file", "flask", "flow"),
    *("form", "frame", "geo", "graph", "grid", "http", "image", "io", "json", "kit", "lab", "lang"),
    *("learn", "lib", "lite", "log", "map", "math", "mesh", "model", "net", "node", "open", "orm"),
)
_PLATFORMS = (
    "manylinux_2_17_x86_64.manylinux2014_x86_64",
    "manylinux_2_17_aarch64.manylinux2014_aarch64",
    "macosx_11_0_arm64",
    "win_amd64",
)
_BUILDS = tuple(
    f"-{python}-{python}-{platform}.whl"
    for python in ("cp39", "cp310", "cp311", "cp312", "cp313")
    for platform in _PLATFORMS
)


@dataclass(frozen=True, slots=True)
class Name:
    """A name, the number of the project that publishes it, and how many files it has."""

    normalised: str
    project: int
    files: int


@dataclass(frozen=True, slots=True)
class Release:
    """One version of a name, given by its place among the names, and the endings of its files."""

    name: int
    version: str
    at: datetime
    endings: Sequence[str]


@dataclass(frozen=True, slots=True)
class Corpus:
    """All names, those to be measured last, and all releases, the oldest first."""

    names: Sequence[Name]
    releases: Sequence[Release]
    projects: int

    @property
    def median(self) -> str:
        """A name with as many files as the median has."""
        return self.names[-3].normalised

    @property
    def p99(self) -> str:
        """A name with as many files as 1 % of the names exceed."""
        return self.names[-2].normalised

    @property
    def largest(self) -> str:
        """The name with the most files."""
        return self.names[-1].normalised


def make_corpus(total_files: int) -> Corpus:
    """Make up a registry of about this many files."""
    chance = random.Random(total_files)  # noqa: S311  nothing secret
    counts = files_per_name(total_files)
    combinations = ("-".join(words) for words in itertools.product(_WORDS, repeat=3))
    words = [*itertools.islice(combinations, len(counts) - 3)]
    chance.shuffle(words)
    words += ["the-median", "the-hundredth", "the-largest"]
    projects = 1 + max(LEAST_PROJECTS, total_files // FILES_PER_PROJECT)
    names = [
        *_names_of_teams(words, projects),
        *(Name(word, MIRROR, count) for word, count in zip(words, counts, strict=True)),
    ]
    releases = [
        release
        for number, name in enumerate(names)
        for release in _releases(number, name.files, chance)
    ]
    releases.sort(key=lambda release: release.at)
    return Corpus(names, releases, projects)


def _names_of_teams(words: Sequence[str], projects: int) -> Iterator[Name]:
    """Give each project a name of its own, and every tenth one that the mirror has as well."""
    for project in range(1, projects):
        yield Name(f"team-{project}-tools", project, 2)
        if project % 10 == 1:
            yield Name(words[project % len(words)], project, 2)


def _releases(name: int, files: int, chance: random.Random) -> Iterator[Release]:
    """Divide a name's files among versions: small projects have two for each, large ones many."""
    per_release = 2 if files < _SMALL else 4 if files < _LARGE else 8
    versions = -(-files // per_release)
    period = (NEWEST - OLDEST).total_seconds()
    begin = chance.random() * period
    endings = (".tar.gz", *(("-py3-none-any.whl",) if files < _SMALL else _BUILDS))
    for number in range(versions):
        at = OLDEST + timedelta(seconds=begin + (period - begin) * number / versions)
        count = min(per_release, files - number * per_release)
        yield Release(name, _version(number), at, endings[:count])


def _version(number: int) -> str:
    """Return the version with this number in its history; every tenth is a release candidate."""
    major, minor, patch = number // 100, number // 10 % 10, number % 10
    return f"{major}.{minor}.{patch}" + ("rc1" if patch == 1 else "")
