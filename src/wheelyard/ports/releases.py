"""Packages (a name and a version) as a maintainer sees and changes them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from wheelyard.domain.extent import Extent
from wheelyard.domain.listing import Listing, Window
from wheelyard.domain.models.packages import NameStatus, PackageFile, Release
from wheelyard.domain.names import NormalisedName
from wheelyard.domain.reach import Reach
from wheelyard.domain.releases import ListedRelease, ReleaseFilter
from wheelyard.domain.status import ProjectStatus


class Releases(Protocol):
    """Packages as a maintainer sees them: looked at, yanked, marked, deleted.

    Whatever changes a page gives its name the next serial.
    """

    async def of_project(
        self, project_id: int, wanted: ReleaseFilter, window: Window
    ) -> Listing[ListedRelease]:
        """List a project's releases, by default the oldest first.

        Orders: created_at, name (as published), normalised_name, version (PEP 440's order),
        type, project_path.
        """

    async def of_extent(
        self, extent: Extent, reach: Reach, wanted: ReleaseFilter, window: Window
    ) -> Listing[ListedRelease]:
        """List the releases of those projects of the extent that are within reach."""

    async def others(self, release: Release) -> Sequence[Release]:
        """Return the other releases of the same name, newest first."""

    async def listed_files(self, release_id: int, window: Window) -> Listing[PackageFile]:
        """List the files of a release, superseded ones included, by default the oldest first."""

    async def get(self, project_id: int, release_id: int) -> Release | None:
        """Return the release with this id, if it is the project's and not deleted."""

    async def find(self, project_id: int, name: NormalisedName, version: str) -> Release | None:
        """Return the release of this name and version, however that is spelled (PEP 440)."""

    async def files(self, release_id: int) -> Sequence[PackageFile]:
        """Return all files of a release, superseded ones included, oldest first."""

    async def yank(self, file_ids: Sequence[int], reason: str | None) -> None:
        """Mark the files as yanked for `reason` (may be empty), or with None as not yanked."""

    async def delete_file(self, file: PackageFile) -> None:
        """Remove a file. Of those that it had superseded, the youngest is listed again."""

    async def delete(self, release: Release, at: datetime) -> None:
        """Remove a release with its files; its version stays on the page (PEP 700)."""

    async def status(self, project_id: int, name: NormalisedName) -> NameStatus | None:
        """Return the status of a name, or None for an unknown one."""

    async def set_status(
        self, project_id: int, name: NormalisedName, status: ProjectStatus, reason: str | None
    ) -> NameStatus:
        """Mark a name; raises LookupError for an unknown one."""

    async def without_metadata(self, after_id: int, limit: int) -> Sequence[PackageFile]:
        """Return up to `limit` wheels with ids over `after_id` whose metadata is not stored."""

    async def set_metadata(self, file: PackageFile, sha256: str | None) -> None:
        """Note the digest of a file's stored metadata document, or None for having none."""

    async def mark_lost(self, file: PackageFile, at: datetime) -> None:
        """List a file no more whose bytes are lost; uploading it again brings it back."""

    async def mark_found(self, file: PackageFile) -> bool:
        """Take a loss back; list the file unless another of its name is, and return whether."""
