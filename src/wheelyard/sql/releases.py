"""Packages as a maintainer sees them: looked at, yanked, marked, deleted."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, func, select, update

from wheelyard.domain.extent import Extent
from wheelyard.domain.listing import Listing, Window
from wheelyard.domain.models.packages import DistributionKind, NameStatus, PackageFile, Release
from wheelyard.domain.names import NormalisedName
from wheelyard.domain.reach import Reach
from wheelyard.domain.releases import ListedRelease, ReleaseFilter
from wheelyard.domain.status import ProjectStatus
from wheelyard.domain.version_order import version_key
from wheelyard.sql.connection import Connection
from wheelyard.sql.file_rows import FILE_COLUMNS, to_package_file
from wheelyard.sql.index_rows import HAS_FILES
from wheelyard.sql.prepared import prepared
from wheelyard.sql.project_figures import add_stored
from wheelyard.sql.release_filters import Place
from wheelyard.sql.release_lists import list_releases
from wheelyard.sql.release_rows import RELEASE_COLUMNS, live_releases, to_release
from wheelyard.sql.schema import files, names, packages
from wheelyard.sql.serial import next_serial, note_listing_change
from wheelyard.sql.windows import read_window

_STATUS = prepared(
    select(names.c.status, names.c.status_reason).where(
        names.c.project_id == bindparam("of_project"), names.c.normalised == bindparam("name")
    )
)
_FILE_ORDERS = {
    "id": files.c.id,
    "created_at": files.c.uploaded_at,
    "file_name": files.c.filename,
}


class SqlReleases:
    """`wheelyard.ports.Releases` on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def of_project(
        self, project_id: int, wanted: ReleaseFilter, window: Window
    ) -> Listing[ListedRelease]:
        """List a project's releases, by default the oldest first."""
        return await list_releases(self._connection, Place(project_id), wanted, window)

    async def of_extent(
        self, extent: Extent, reach: Reach, wanted: ReleaseFilter, window: Window
    ) -> Listing[ListedRelease]:
        """List the releases of those projects of the extent that are within reach."""
        place = Place(extent=extent, reach=reach)
        return await list_releases(self._connection, place, wanted, window)

    async def others(self, release: Release) -> Sequence[Release]:
        """Return the other releases of the same name, newest first."""
        result = await self._connection.execute(
            live_releases(*RELEASE_COLUMNS)
            .where(
                names.c.project_id == release.project_id,
                names.c.normalised == release.normalised_name,
                packages.c.id != release.id,
            )
            .order_by(packages.c.id.desc())
        )
        return [to_release(row) for row in result.mappings()]

    async def listed_files(self, release_id: int, window: Window) -> Listing[PackageFile]:
        """List the files of a release, superseded ones included, by default the oldest first."""
        return await read_window(
            self._connection,
            select(*FILE_COLUMNS).where(files.c.package_id == release_id),
            window,
            to_package_file,
            id_column=files.c.id,
            orders=_FILE_ORDERS,
            default=("id", False),
        )

    async def get(self, project_id: int, release_id: int) -> Release | None:
        """Return the release with this id, if it is the project's and not deleted."""
        return await self._one(packages.c.project_id == project_id, packages.c.id == release_id)

    async def find(self, project_id: int, name: NormalisedName, version: str) -> Release | None:
        """Return the release of this name and version, however that is spelled."""
        return await self._one(
            names.c.project_id == project_id,
            names.c.normalised == name,
            packages.c.version_key == version_key(version),
        )

    async def files(self, release_id: int) -> Sequence[PackageFile]:
        """Return all files of a release, superseded ones included, oldest first."""
        return await self._files(files.c.package_id == release_id)

    async def yank(self, file_ids: Sequence[int], reason: str | None) -> None:
        """Mark the files as yanked for `reason` (may be empty), or with None as not yanked."""
        changed = files.c.id.in_(file_ids)
        await self._connection.execute(update(files).where(changed).values(yanked_reason=reason))
        await self._touch(names.c.id.in_(select(files.c.name_id).where(changed)))

    async def delete_file(self, file: PackageFile) -> None:
        """Remove a file. Of those that it had superseded, the youngest is listed again."""
        await self._connection.execute(delete(files).where(files.c.id == file.id))
        await add_stored(self._connection, file.project_id, files=-1, size_bytes=-file.size_bytes)
        if not file.is_superseded:
            next_in_line = (
                select(files.c.id)
                .where(files.c.project_id == file.project_id, files.c.filename == file.filename)
                .order_by(files.c.id.desc())
                .limit(1)
            )
            await self._connection.execute(
                update(files)
                .where(files.c.id == next_in_line.scalar_subquery())
                .values(is_superseded=False)
            )
        await self._relist(file.project_id, file.normalised_name)

    async def delete(self, release: Release, at: datetime) -> None:
        """Remove a release with its files; its version stays on the page (PEP 700)."""
        its = files.c.package_id == release.id
        stored = await self._connection.execute(
            select(func.count(), func.coalesce(func.sum(files.c.size_bytes), 0)).where(its)
        )
        count, size_bytes = stored.one()
        await add_stored(
            self._connection,
            release.project_id,
            packages=-1,
            files=-count,
            size_bytes=-int(size_bytes),
        )
        await self._connection.execute(delete(files).where(its))
        await self._connection.execute(
            update(packages).where(packages.c.id == release.id).values(deleted_at=at)
        )
        await self._relist(release.project_id, release.normalised_name)

    async def status(self, project_id: int, name: NormalisedName) -> NameStatus | None:
        """Return the status of a name, or None for an unknown one."""
        result = await self._connection.execute(_STATUS, {"of_project": project_id, "name": name})
        row = result.one_or_none()
        return None if row is None else NameStatus(name, ProjectStatus(row[0]), row[1])

    async def set_status(
        self, project_id: int, name: NormalisedName, status: ProjectStatus, reason: str | None
    ) -> NameStatus:
        """Mark a name; raises LookupError for an unknown one."""
        changed = await self._connection.execute(
            update(names)
            .where(names.c.project_id == project_id, names.c.normalised == name)
            .values(status=status, status_reason=reason, serial=await next_serial(self._connection))
        )
        if changed.rowcount == 0:
            raise LookupError(name)
        return NameStatus(name, status, reason)

    async def without_metadata(self, after_id: int, limit: int) -> Sequence[PackageFile]:
        """Return up to `limit` wheels with ids over `after_id` whose metadata is not stored."""
        result = await self._connection.execute(
            select(*FILE_COLUMNS)
            .where(
                files.c.kind == DistributionKind.WHEEL,
                files.c.metadata_sha256.is_(None),
                files.c.id > after_id,
            )
            .order_by(files.c.id)
            .limit(limit)
        )
        return [to_package_file(row) for row in result.mappings()]

    async def set_metadata(self, file: PackageFile, sha256: str | None) -> None:
        """Note the digest of a file's stored metadata document, or None for having none."""
        this_file = files.c.id == file.id
        await self._connection.execute(
            update(files).where(this_file).values(metadata_sha256=sha256)
        )
        await self._touch(names.c.id.in_(select(files.c.name_id).where(this_file)))

    async def mark_lost(self, file: PackageFile, at: datetime) -> None:
        """List a file no more whose bytes are lost; uploading it again brings it back."""
        this_file = files.c.id == file.id
        await self._connection.execute(
            update(files).where(this_file).values(is_superseded=True, lost_at=at)
        )
        await self._relist(file.project_id, file.normalised_name)

    async def mark_found(self, file: PackageFile) -> bool:
        """Take a loss back; list the file unless another of its name is, and return whether."""
        this_file = files.c.id == file.id
        namesake = select(files.c.id).where(
            files.c.project_id == file.project_id,
            files.c.filename == file.filename,
            ~files.c.is_superseded,
        )
        is_free = await self._connection.scalar(namesake) is None
        await self._connection.execute(
            update(files).where(this_file).values(is_superseded=not is_free, lost_at=None)
        )
        await self._relist(file.project_id, file.normalised_name)
        return is_free

    async def _touch(self, which: Any) -> None:
        serial = await next_serial(self._connection)
        await self._connection.execute(update(names).where(which).values(serial=serial))

    async def _relist(self, project_id: int, name: NormalisedName) -> None:
        """Note a change of a name, which may have lost its last listed file."""
        await self._connection.execute(
            update(names)
            .where(names.c.project_id == project_id, names.c.normalised == name)
            .values(serial=await next_serial(self._connection), has_files=HAS_FILES)
        )
        await note_listing_change(self._connection)

    async def _one(self, *conditions: Any) -> Release | None:
        result = await self._connection.execute(live_releases(*RELEASE_COLUMNS).where(*conditions))
        row = result.mappings().one_or_none()
        return None if row is None else to_release(row)

    async def _files(self, condition: Any) -> Sequence[PackageFile]:
        result = await self._connection.execute(
            select(*FILE_COLUMNS).where(condition).order_by(files.c.id)
        )
        return [to_package_file(row) for row in result.mappings()]
