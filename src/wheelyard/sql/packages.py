"""Names, packages (a name and a version) and files: what the index reads, and the upload writes."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ScalarResult, bindparam, exists, select

from wheelyard.domain.documents.page import ProjectPage
from wheelyard.domain.extent import Extent
from wheelyard.domain.keys import BlobKey, core_metadata_key, distribution_key
from wheelyard.domain.models.packages import NewFile, PackageFile
from wheelyard.domain.names import NormalisedName
from wheelyard.domain.reach import Reach
from wheelyard.domain.status import ProjectStatus
from wheelyard.ports.packages import NameHolder, Recorded
from wheelyard.sql.connection import Connection, Rows
from wheelyard.sql.extents import within
from wheelyard.sql.file_rows import FILE_COLUMNS, to_package_file
from wheelyard.sql.index_rows import (
    HOLDER_COLUMNS,
    by_ownership,
    merged_names,
    merged_serials,
    owned_names,
    owned_serials,
    to_holder,
)
from wheelyard.sql.pages import read_pages
from wheelyard.sql.prepared import prepared
from wheelyard.sql.recording import Recording
from wheelyard.sql.schema import files, names, projects

_IDS_PER_QUERY = 500
_PORTION_ROWS = 2000

_CURRENT_FILE = prepared(
    select(*FILE_COLUMNS).where(
        files.c.project_id == bindparam("of_project"),
        files.c.filename == bindparam("named"),
        ~files.c.is_superseded,
    )
)

_OFFERS_FILES = exists().where(
    names.c.id == files.c.name_id, names.c.status != ProjectStatus.QUARANTINED
)


class SqlPackages:
    """`wheelyard.ports.Packages` on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def project_names(self, project_id: int) -> Sequence[NormalisedName]:
        """Return each name of a project that has a listed file, once, sorted."""
        rows = await self._connection.scalars(
            select(names.c.normalised)
            .where(names.c.project_id == project_id, names.c.has_files)
            .order_by(names.c.normalised)
        )
        return await _all(rows)

    async def project_serials(self, project_id: int) -> Mapping[NormalisedName, int]:
        """Return the same names, in the same order, with the serials of their latest changes."""
        rows = await self._connection.execute(
            select(names.c.normalised, names.c.serial)
            .where(names.c.project_id == project_id, names.c.has_files)
            .order_by(names.c.normalised)
        )
        return dict(await _all(rows))

    async def names(self, extent: Extent, reach: Reach) -> Sequence[NormalisedName]:
        """Return each name of an extent that has a listed file, once, sorted."""
        select_names = merged_names if extent.merges_names else owned_names
        rows = await self._connection.scalars(select_names(extent, reach))
        # Of several projects' names, each in its order, the database would sort all.
        return sorted(await _all(rows))

    async def serials(self, extent: Extent, reach: Reach) -> Mapping[NormalisedName, int]:
        """Return the same names, in the same order, with the serials of their latest changes."""
        select_serials = merged_serials if extent.merges_names else owned_serials
        rows = await self._connection.execute(select_serials(extent, reach))
        return dict(sorted(await _all(rows)))

    async def holders(
        self, extent: Extent, name: NormalisedName, limit: int | None = None
    ) -> Sequence[NameHolder]:
        """Return the projects of the extent that have published a name, its owner first."""
        rows = await self._connection.execute(
            by_ownership(select(*HOLDER_COLUMNS), extent)
            .where(names.c.normalised == name)
            .limit(limit)
        )
        return [to_holder(row) for row in rows.mappings()]

    async def page(self, project_id: int, name: NormalisedName) -> ProjectPage | None:
        """Return what the index says about a name; None for an unknown name."""
        pages = await read_pages(self._connection, name, [project_id])
        return pages[0] if pages else None

    async def pages(self, project_ids: Sequence[int], name: NormalisedName) -> list[ProjectPage]:
        """Return the pages of one name in several projects, in the order of `project_ids`."""
        found: dict[int | None, ProjectPage] = {}
        for first in range(0, len(project_ids), _IDS_PER_QUERY):
            ids = project_ids[first : first + _IDS_PER_QUERY]
            pages = await read_pages(self._connection, name, ids)
            found.update((page.project_id, page) for page in pages)
        return [found[project_id] for project_id in project_ids if project_id in found]

    async def file(self, project_id: int, sha256: str, filename: str) -> PackageFile | None:
        """Return the file with this digest and name, superseded ones included.

        A quarantined project offers no files, to nobody who kept a link either.
        """
        return await self._one(
            files.c.sha256 == sha256,
            files.c.filename == filename,
            files.c.project_id == project_id,
            _OFFERS_FILES,
        )

    async def files(
        self, extent: Extent, sha256: str, filename: str
    ) -> Sequence[tuple[PackageFile, NameHolder]]:
        """Return the files of all projects of the extent with this digest and name."""
        rows = await self._connection.execute(
            select(*FILE_COLUMNS, *HOLDER_COLUMNS[1:])
            .join(projects, projects.c.id == files.c.project_id)
            .where(
                files.c.sha256 == sha256,
                files.c.filename == filename,
                _OFFERS_FILES,
                within(extent),
            )
            .order_by(files.c.id)
        )
        return [(to_package_file(row), to_holder(row)) for row in rows.mappings()]

    async def serial(self, project_id: int, name: NormalisedName) -> int | None:
        """Return the serial of a name's latest change, None for an unknown one."""
        serial: int | None = await self._connection.scalar(
            select(names.c.serial).where(
                names.c.project_id == project_id, names.c.normalised == name
            )
        )
        return serial

    async def current_file(self, project_id: int, filename: str) -> PackageFile | None:
        """Return the file that the index lists under this file name."""
        result = await self._connection.execute(
            _CURRENT_FILE, {"of_project": project_id, "named": filename}
        )
        row = result.mappings().one_or_none()
        return None if row is None else to_package_file(row)

    async def record(
        self, project_id: int, file: NewFile, by_user_id: int | None, at: datetime
    ) -> Recorded:
        """Add the file to its package (made if need be) and list it."""
        recording = Recording(self._connection, project_id, by_user_id, at)
        is_new = await recording.record(file)
        recorded = await self.current_file(project_id, file.filename)
        if recorded is None:
            raise LookupError(f"{file.filename} was recorded but is not listed")
        return Recorded(recorded, is_new, recording.is_new_name)

    async def referenced_blobs(self, keys: Sequence[BlobKey]) -> set[BlobKey]:
        """Return those of `keys` that some file needs."""
        digests = [key.rpartition("/")[2] for key in keys]
        rows = await self._connection.execute(
            select(files.c.sha256, files.c.metadata_sha256).where(
                files.c.sha256.in_(digests) | files.c.metadata_sha256.in_(digests)
            )
        )
        needed: set[BlobKey] = set()
        for sha256, metadata_sha256 in rows:
            needed.add(distribution_key(sha256))
            if metadata_sha256 is not None:
                needed.add(core_metadata_key(metadata_sha256))
        return needed.intersection(keys)

    async def _one(self, *conditions: Any) -> PackageFile | None:
        result = await self._connection.execute(
            select(*FILE_COLUMNS).where(*conditions).order_by(files.c.id).limit(1)
        )
        row = result.mappings().one_or_none()
        return None if row is None else to_package_file(row)


async def _all(rows: ScalarResult[Any] | Rows) -> list[Any]:
    """Fetch rows a few thousand at a time, with turns for others in between."""
    found: list[Any] = []
    for portion in rows.partitions(_PORTION_ROWS):
        if found:
            await asyncio.sleep(0)
        found.extend(portion)
    return found
