"""What the rows need of the byte store."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, bindparam, func, insert, select, update

from wheelyard.domain.keys import (
    CORE_METADATA,
    BlobKey,
    core_metadata_key,
    distribution_key,
    sha256_of,
)
from wheelyard.ports.inventory import FileInProject, NeededBlob
from wheelyard.sql.connection import Connection
from wheelyard.sql.file_rows import FILE_COLUMNS, to_package_file
from wheelyard.sql.prepared import prepared
from wheelyard.sql.schema import counters, files, projects

DELETIONS = "deletions"
"""Names the counter of `wheelyard.actions.deletion`."""

_DELETIONS = prepared(select(counters.c.value).where(counters.c.name == bindparam("counter")))


class SqlInventory:
    """`wheelyard.ports.Inventory` on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def needed(self, sha256_prefix: str = "") -> Sequence[NeededBlob]:
        """Return, once each, the objects whose SHA-256 (hex) begins so, in no order."""
        distributions = await self._connection.execute(
            select(files.c.sha256, files.c.size_bytes, func.count(files.c.lost_at) > 0)
            .where(*_begins(files.c.sha256, sha256_prefix))
            .group_by(files.c.sha256, files.c.size_bytes)
        )
        metadata = await self._connection.scalars(
            select(files.c.metadata_sha256)
            .where(
                files.c.metadata_sha256.is_not(None),
                *_begins(files.c.metadata_sha256, sha256_prefix),
            )
            .distinct()
        )
        return [
            *(
                NeededBlob(distribution_key(sha256), size_bytes, bool(has_lost))
                for sha256, size_bytes, has_lost in distributions
            ),
            *(NeededBlob(core_metadata_key(sha256), None) for sha256 in metadata),
        ]

    async def files_needing(self, key: BlobKey) -> Sequence[FileInProject]:
        """Return the files that need an object, superseded ones included, oldest first."""
        is_metadata = key.startswith(f"{CORE_METADATA}/")
        column = files.c.metadata_sha256 if is_metadata else files.c.sha256
        rows = await self._connection.execute(
            select(*FILE_COLUMNS, projects.c.full_path, files.c.lost_at)
            .join(projects, projects.c.id == files.c.project_id)
            .where(column == sha256_of(key))
            .order_by(files.c.id)
        )
        return [
            FileInProject(to_package_file(row), row["full_path"], row["lost_at"] is not None)
            for row in rows.mappings()
        ]

    async def count(self) -> int:
        """Return about how many objects are needed: no fewer."""
        return 2 * int(await self._connection.scalar(select(func.count()).select_from(files)))

    async def deletions(self) -> int:
        """Return a number that grows with each deletion of stored bytes; odd while one goes on."""
        return (
            await self._connection.execute(_DELETIONS, {"counter": DELETIONS})
        ).scalar_one_or_none() or 0

    async def raise_deletions(self, *, is_odd: bool) -> int:
        """Raise that number to the next odd or even one, and return it."""
        value = await self.deletions()
        raised = value + 1 if (value % 2 == 0) is is_odd else value + 2
        row = {"name": DELETIONS, "value": raised}
        changed = await self._connection.execute(
            update(counters).where(counters.c.name == DELETIONS).values(row)
        )
        if changed.rowcount == 0:
            await self._connection.execute(insert(counters).values(row))
        return raised


def _begins(column: ColumnElement[str | None], prefix: str) -> list[ColumnElement[bool]]:
    """Return conditions that an index on the column can answer."""
    return [column >= prefix, column < f"{prefix}g"] if prefix else []
