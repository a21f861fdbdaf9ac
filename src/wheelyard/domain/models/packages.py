"""Package names, releases and files."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from wheelyard.domain.names import NormalisedName
from wheelyard.domain.status import ProjectStatus


class DistributionKind(StrEnum):
    """A built or a source distribution; the values are the upload form's `filetype`."""

    WHEEL = "bdist_wheel"
    SDIST = "sdist"


@dataclass(frozen=True, slots=True)
class Digests:
    """The digests of a file, in lower-case hex."""

    sha256: str
    md5: str
    blake2_256: str


@dataclass(frozen=True, slots=True)
class NewFile:
    """A checked distribution that is about to be recorded."""

    filename: str
    kind: DistributionKind
    name: str
    normalised_name: NormalisedName
    version: str
    digests: Digests
    size_bytes: int
    requires_python: str | None
    metadata_sha256: str
    form: Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Release:
    """One version of a package in a project: what GitLab calls a package.

    `status` is its name's (PEP 792).
    """

    id: int
    project_id: int
    name: str
    normalised_name: NormalisedName
    version: str
    creator_id: int | None
    created_at: datetime
    last_downloaded_at: datetime | None = None
    status: ProjectStatus = ProjectStatus.ACTIVE


@dataclass(frozen=True, slots=True)
class NameStatus:
    """The status marker of a package name in a project (PEP 792), and the reason given."""

    normalised_name: NormalisedName
    status: ProjectStatus
    reason: str | None


@dataclass(frozen=True, slots=True)
class PackageFile:
    """A file as the index lists it: one row, with everything that a page says about it."""

    id: int
    project_id: int
    package_id: int
    normalised_name: NormalisedName
    version: str
    filename: str
    kind: DistributionKind
    digests: Digests
    size_bytes: int
    requires_python: str | None
    metadata_sha256: str | None
    uploaded_at: datetime
    yanked_reason: str | None
    is_superseded: bool

    @property
    def core_metadata_sha256(self) -> str | None:
        """Digest of the metadata document that the index offers beside the file: wheels only.

        An sdist's metadata may change when it is built, so it is not advertised (PEP 658).
        """
        return self.metadata_sha256 if self.kind is DistributionKind.WHEEL else None


class ListedFile(NamedTuple):
    """A file as a page lists it: what a page says about it, and no more.

    A page may have tens of thousands of them, and a tuple is made in a tenth of the time that a
    frozen dataclass takes. For the same reason two values are plain text: `kind` is the value of
    a `DistributionKind`, and `uploaded_at` is in the form that pages show (PEP 700: UTC, with
    microseconds and `Z`), which sorts by time.
    """

    filename: str
    id: int
    version: str
    kind: str
    sha256: str
    size_bytes: int
    requires_python: str | None
    metadata_sha256: str | None
    uploaded_at: str
    yanked_reason: str | None
    md5: str
    blake2_256: str

    @property
    def core_metadata_sha256(self) -> str | None:
        """Digest of the metadata document that is offered beside the file, as of `PackageFile`."""
        return self.metadata_sha256 if self.kind == DistributionKind.WHEEL else None
