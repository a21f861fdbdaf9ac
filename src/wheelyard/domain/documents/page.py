"""What the two documents of the simple API say, before they are JSON or HTML.

Both forms are rendered from these values and in the order given here, so they cannot disagree
about a file. Reading the values from a database is left to the caller.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter, itemgetter
from typing import NamedTuple

from packaging.version import Version

from wheelyard.domain.models.packages import ListedFile
from wheelyard.domain.names import NormalisedName
from wheelyard.domain.status import ProjectStatus

API_VERSION = "1.4"
"""The version of the Simple Repository API that both forms claim.

HTML stays at it for ever (PEP 833). 1.5 (namespaces, PEP 752) may be claimed only where it is
supported.
"""


@dataclass(frozen=True, slots=True)
class ProjectList:
    """The names of an index, each once, in the order they are listed.

    `serials` has the number of each name's latest change; None where nobody asked for them.
    """

    names: Sequence[NormalisedName]
    serials: Mapping[NormalisedName, int] | None = None


@dataclass(frozen=True, slots=True)
class ProjectPage:
    """Everything the index says about one project; `files` and `versions` in any order.

    `versions` may hold versions that have no file (any more); those of `files` need not be
    repeated. `status` None is active; `reason` is a sentence about the status, or None.
    `serial` is the number of the latest change to any of this. `project_id` is the registry's
    project that all of it is from; None where several are mixed.
    All `files` are listed: the caller leaves them out where the status does not offer them.
    """

    name: NormalisedName
    files: Sequence[ListedFile]
    versions: Sequence[str] = ()
    status: ProjectStatus | None = None
    reason: str | None = None
    serial: int = 0
    project_id: int | None = None

    @property
    def stated_status(self) -> ProjectStatus | None:
        """The status that the page mentions: an active project needs no mention (PEP 792)."""
        return None if self.status is ProjectStatus.ACTIVE else self.status


class Ordered(NamedTuple):
    """Versions and files of a page in the order in which both documents have them."""

    versions: list[str]
    files: list[ListedFile]


def ordered(page: ProjectPage) -> Ordered:
    """Put a page in order.

    The versions: each once, in PEP 440's order and normal form (PEP 700). One that PEP 440 cannot
    read is spelled as it is, and comes last. The files: by version, oldest first, and those of
    one version by file name.
    """
    # By version first: comparing versions is slow, and a page may have tens of thousands of files.
    by_version: dict[str, list[ListedFile]] = {}
    for file in page.files:
        by_version.setdefault(file.version, []).append(file)
    versions = _in_order({*page.versions, *by_version})
    files = [
        file
        for _, text in versions
        for file in sorted(by_version.get(text, ()), key=attrgetter("filename", "id"))
    ]
    spelled = dict.fromkeys(str(parsed) if parsed else text for parsed, text in versions)
    return Ordered([*spelled], files)


def _in_order(texts: Iterable[str]) -> list[tuple[Version | None, str]]:
    """Sort versions by PEP 440, equal ones by their spelling, unreadable ones last."""
    pairs = [(_parse(text), text) for text in sorted(texts)]
    readable = [(version, text) for version, text in pairs if version is not None]
    unreadable = [(version, text) for version, text in pairs if version is None]
    # By the version alone (the sort is stable): tuples would compare each pair twice.
    return [*sorted(readable, key=itemgetter(0)), *unreadable]


def _parse(text: str) -> Version | None:
    try:
        return Version(text)
    except ValueError:  # InvalidVersion, or a number with more digits than int() reads
        return None
