"""The index of one project."""

from wheelyard.domain.documents.page import ProjectList, ProjectPage
from wheelyard.domain.keys import is_sha256
from wheelyard.domain.models.packages import PackageFile
from wheelyard.domain.names import NormalisedName
from wheelyard.ports.packages import Packages


class LocalIndex:
    """What one project offers."""

    def __init__(self, packages: Packages, project_id: int) -> None:
        self._packages = packages
        self._project_id = project_id

    async def list(self, *, with_serials: bool = False) -> ProjectList:
        """Return every name that has files, once, sorted."""
        if with_serials:
            serials = await self._packages.project_serials(self._project_id)
            return ProjectList([*serials], serials)
        return ProjectList(await self._packages.project_names(self._project_id))

    async def page(self, name: NormalisedName) -> ProjectPage | None:
        """Return what there is under a name, or None."""
        return await self._packages.page(self._project_id, name)

    async def open_file(self, sha256: str, filename: str) -> PackageFile | None:
        """Return the file with exactly these bytes and this name, or None.

        A superseded file is found too: a link, once given out, keeps its bytes.
        """
        if not is_sha256(sha256):
            return None
        return await self._packages.file(self._project_id, sha256, filename)
