"""Moving house: all rows and all bytes to another database and another store, until both are equal.

Servers may go on with the source meanwhile. Rows travel as a snapshot, after the bytes they name;
when the source has changed since, there is another round, and at last one that lets nobody write.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from wheelyard.actions.copying import CopiedBytes, copy_bytes, refuse_damaged
from wheelyard.actions.verify import BROKEN, verify_store
from wheelyard.domain.errors import Reason, Refused
from wheelyard.domain.keys import BlobKey
from wheelyard.ports.blobs import Blobs
from wheelyard.ports.database import Database
from wheelyard.ports.freshness import Freshness
from wheelyard.ports.snapshots import TableTotals
from wheelyard.ports.spool import Spool

_OPEN_ROUNDS = 3
_KEEP_ALIVE_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class Side:
    """A database and a store; None for what is not copied."""

    db: Database | None
    blobs: Blobs | None


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a registry is copied from. `spool` is where bytes wait on their way."""

    db: Database
    blobs: Blobs
    spool: Spool
    freshness: Freshness


@dataclass(frozen=True, slots=True)
class Moved:
    """What the target has now, by table, and what the rounds copied.

    damaged: objects that the source had not whole; the target has not got them.
    """

    tables: Mapping[str, TableTotals]
    objects: int
    copied_objects: int
    copied_bytes: int
    serial: int
    damaged: tuple[BlobKey, ...]

    @property
    def rows(self) -> int:
        """How many rows there are in all tables."""
        return sum(totals.rows for totals in self.tables.values())


OpenRows = Callable[[Path], AbstractAsyncContextManager[Database]]
"""Opens the database in a file of saved rows."""


async def copy_registry(
    origin: Origin,
    target: Side,
    folder: Path,
    *,
    open_rows: OpenRows,
    now: datetime,
    on_progress: Callable[[int, int], None],
    takes_damaged: bool = False,
) -> Moved:
    """Copy everything; when this returns, both sides are equal, and have been compared.

    folder: an empty one, for snapshots. takes_damaged: go on where the source lacks bytes that its
    rows name, or has others. Raises Refused: conflict (the target is another registry, the source
    is damaged), unavailable.
    """
    journey = _Journey(
        origin,
        target,
        folder / "rows.db",
        open_rows=open_rows,
        now=now,
        on_progress=on_progress,
        takes_damaged=takes_damaged,
    )
    for _ in range(_OPEN_ROUNDS):
        moved = await journey.go()
        if (await origin.freshness.stamps()).serial == moved.serial:
            return moved
    async with _nobody_writes(origin.db):
        return await journey.go()


@asynccontextmanager
async def _nobody_writes(db: Database) -> AsyncIterator[None]:
    async with db.write() as tx:

        async def keep_alive() -> None:
            while True:  # a server ends transactions in which nothing happens
                await asyncio.sleep(_KEEP_ALIVE_SECONDS)
                await tx.settings.load()

        keeping = asyncio.create_task(keep_alive())
        try:
            yield
        finally:
            keeping.cancel()
            with suppress(asyncio.CancelledError):
                await keeping


class _Journey:
    """One round after the other; each leaves the target whole, as of a moment."""

    def __init__(
        self,
        origin: Origin,
        target: Side,
        file: Path,
        *,
        open_rows: OpenRows,
        now: datetime,
        on_progress: Callable[[int, int], None],
        takes_damaged: bool,
    ) -> None:
        self._origin = origin
        self._target = target
        self._file = file
        self._open_rows = open_rows
        self._now = now
        self._on_progress = on_progress
        self._takes_damaged = takes_damaged
        self._trusts_target = False
        self._copied_objects = 0
        self._copied_bytes = 0

    async def go(self) -> Moved:
        """Copy what has changed since the last round. Raises Refused."""
        serial = (await self._origin.freshness.stamps()).serial
        await self._origin.db.save(str(self._file))
        async with self._open_rows(self._file) as rows:
            copied = await self._copy_bytes(rows)
            self._copied_objects += copied.copied_objects
            self._copied_bytes += copied.copied_bytes
            tables = await rows.totals()
        await self._load_rows(tables)
        return Moved(
            tables,
            copied.objects,
            self._copied_objects,
            self._copied_bytes,
            serial,
            tuple(copied.damaged),
        )

    async def _copy_bytes(self, rows: Database) -> CopiedBytes:
        if self._target.blobs is None:
            return CopiedBytes()
        copied = await copy_bytes(
            rows,
            self._origin.blobs,
            self._target.blobs,
            self._origin.spool,
            trusts_target=self._trusts_target,
            on_progress=self._on_progress,
        )
        self._trusts_target = True  # from now on: all of it was read, or written, just now
        found = await verify_store(rows, self._target.blobs, self._now)
        broken = {finding.key for finding in found.findings if finding.kind in BROKEN}
        copied.damaged = sorted(broken.union(copied.damaged))
        if not self._takes_damaged:
            refuse_damaged(copied.damaged)
        return copied

    async def _load_rows(self, tables: Mapping[str, TableTotals]) -> None:
        if self._target.db is None:
            return
        await self._target.db.load(str(self._file))
        if await self._target.db.totals() != tables:
            raise Refused(Reason.CONFLICT, "The target database has other rows than it was given.")
