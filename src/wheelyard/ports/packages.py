"""Package names and files: what publishes and what an index reads."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, Protocol

from wheelyard.domain.access import Target
from wheelyard.domain.documents.page import ProjectPage
from wheelyard.domain.extent import Extent
from wheelyard.domain.keys import BlobKey
from wheelyard.domain.models.packages import NewFile, PackageFile
from wheelyard.domain.names import NormalisedName
from wheelyard.domain.reach import Reach


class NameHolder(NamedTuple):
    """A project that has published a name, and what reading it depends on."""

    project_id: int
    path_key: str
    target: Target


@dataclass(frozen=True, slots=True)
class Recorded:
    """What recording a file came to: the file, and whether anything changed.

    is_new_name: whether the project has not published anything of this name before.
    """

    file: PackageFile
    is_new: bool
    is_new_name: bool = False


class Packages(Protocol):
    """Package names, packages (a name and a version) and files."""

    async def project_names(self, project_id: int) -> Sequence[NormalisedName]:
        """Return each name of a project that has a listed file, once, sorted."""

    async def project_serials(self, project_id: int) -> Mapping[NormalisedName, int]:
        """Return the same names, in the same order, with the serials of their latest changes."""

    async def names(self, extent: Extent, reach: Reach) -> Sequence[NormalisedName]:
        """Return each name of an extent that has a listed file, once, sorted.

        Who owns a name is decided among all projects of the extent; the names whose owner is
        out of `reach` are left out. Where names are merged, every project within reach counts.
        """

    async def serials(self, extent: Extent, reach: Reach) -> Mapping[NormalisedName, int]:
        """Return the same names, in the same order, with the serials of their latest changes."""

    async def holders(
        self, extent: Extent, name: NormalisedName, limit: int | None = None
    ) -> Sequence[NameHolder]:
        """Return the projects of the extent that have published a name, its owner first.

        The owner is the one that was chosen (`Ownership`), else the one that was first.
        """

    async def page(self, project_id: int, name: NormalisedName) -> ProjectPage | None:
        """Return what the index says about a name; None for an unknown name.

        Superseded files are left out, and so are all files of a quarantined project (PEP 792).
        """

    async def pages(self, project_ids: Sequence[int], name: NormalisedName) -> list[ProjectPage]:
        """Return the pages of one name in several projects, in the order of `project_ids`."""

    async def file(self, project_id: int, sha256: str, filename: str) -> PackageFile | None:
        """Return the file with this digest and name, superseded ones included.

        None also for the files of a quarantined project.
        """

    async def files(
        self, extent: Extent, sha256: str, filename: str
    ) -> Sequence[tuple[PackageFile, NameHolder]]:
        """Return the files of all projects of the extent with this digest and name.

        As `file` otherwise.
        """

    async def serial(self, project_id: int, name: NormalisedName) -> int | None:
        """Return the serial of a name's latest change, None for an unknown one."""

    async def current_file(self, project_id: int, filename: str) -> PackageFile | None:
        """Return the file that the index lists under this file name."""

    async def record(
        self, project_id: int, file: NewFile, by_user_id: int | None, at: datetime
    ) -> Recorded:
        """Add the file to its package (made if need be) and list it.

        Another file of the same name is superseded: kept, no longer listed. The same bytes
        again change nothing when they are listed, and are listed again, with their first
        upload time, when they had been superseded.
        """

    async def referenced_blobs(self, keys: Sequence[BlobKey]) -> set[BlobKey]:
        """Return those of `keys` that some file needs."""
