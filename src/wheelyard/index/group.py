"""The index of a group or of the instance: many projects, seen as one.

A name belongs to one project: the one that published it first, unless somebody in charge has
moved it (`wheelyard.actions.ownership`). Another project's files of that name are not mixed in:
whoever may publish to any one project of a group could otherwise put a file into every other
project's package. A group may choose to mix them all the same, as GitLab does.
"""

from wheelyard.domain.documents.page import ProjectList, ProjectPage
from wheelyard.domain.extent import Extent
from wheelyard.domain.keys import is_sha256
from wheelyard.domain.models.packages import PackageFile
from wheelyard.domain.names import NormalisedName
from wheelyard.domain.reach import Reach
from wheelyard.index.merging import merge_pages
from wheelyard.ports.packages import NameHolder, Packages


class GroupIndex:
    """What the projects of an extent offer to somebody of this reach.

    Ownership is decided among all projects of the extent: a name whose owner is hidden from the
    caller is not there for them, rather than somebody else's.
    """

    def __init__(self, packages: Packages, extent: Extent, reach: Reach) -> None:
        self._packages = packages
        self._extent = extent
        self._reach = reach

    async def list(self, *, with_serials: bool = False) -> ProjectList:
        """Return every readable name that has files, once, sorted."""
        if with_serials:
            serials = await self._packages.serials(self._extent, self._reach)
            return ProjectList([*serials], serials)
        return ProjectList(await self._packages.names(self._extent, self._reach))

    async def page(self, name: NormalisedName) -> ProjectPage | None:
        """Return what there is under a name, or None."""
        merges = self._extent.merges_names
        holders = await self._packages.holders(self._extent, name, None if merges else 1)
        readable = [holder.project_id for holder in holders if self._may_read(holder)]
        return merge_pages(await self._packages.pages(readable, name)) if readable else None

    async def open_file(self, sha256: str, filename: str) -> PackageFile | None:
        """Return the file with exactly these bytes and this name from a readable project."""
        if not is_sha256(sha256):
            return None
        for file, holder in await self._packages.files(self._extent, sha256, filename):
            if self._may_read(holder):
                return file
        return None

    def _may_read(self, holder: NameHolder) -> bool:
        return self._reach.holds(holder.path_key, holder.target)
