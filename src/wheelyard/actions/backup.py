"""Backups: the rows of one moment, and the bytes that they name, in a folder.

Bytes come after rows, so that all the rows name is there to be copied; what is deleted between the
two is caught by looking again. The folder is finished by renaming the rows into place.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from wheelyard.actions.copying import copy_bytes
from wheelyard.actions.moving import OpenRows, Origin
from wheelyard.actions.verify import stored_objects
from wheelyard.domain.keys import BlobKey
from wheelyard.ports.blobs import Blobs
from wheelyard.ports.database import Database

_ROUNDS = 3
_BATCH = 500


@dataclass(frozen=True, slots=True)
class BackedUp:
    """What a backup holds: counts of rows and objects, and what was copied for it now.

    missing: objects that rows name and the store has not got, or not whole.
    serial: the number of the latest change that it holds.
    """

    rows: int
    files: int
    objects: int
    copied_objects: int
    copied_bytes: int
    missing: tuple[BlobKey, ...]
    serial: int


async def back_up(
    origin: Origin,
    file: Path,
    target: Blobs,
    open_rows: OpenRows,
    on_progress: Callable[[int, int], None],
) -> BackedUp:
    """Save the rows to `file` and copy the bytes that they name to `target`.

    Bytes that lie there from an earlier backup are not copied again. Raises Refused (unavailable).
    """
    copied_objects = copied_bytes = 0
    for number in range(1, _ROUNDS + 1):
        serial = (await origin.freshness.stamps()).serial
        await origin.db.save(str(file))
        async with open_rows(file) as rows:
            copied = await copy_bytes(
                rows,
                origin.blobs,
                target,
                origin.spool,
                trusts_target=True,
                on_progress=on_progress,
            )
            totals = await rows.totals()
        copied_objects += copied.copied_objects
        copied_bytes += copied.copied_bytes
        # Upkeep may have taken what was deleted since; then newer rows do not name it.
        if not copied.damaged or number == _ROUNDS:
            break
    return BackedUp(
        rows=sum(table.rows for table in totals.values()),
        files=totals["files"].rows,
        objects=copied.objects,
        copied_objects=copied_objects,
        copied_bytes=copied_bytes,
        missing=tuple(copied.damaged),
        serial=serial,
    )


async def prune(file: Path, target: Blobs, open_rows: OpenRows) -> int:
    """Delete what earlier backups needed and the rows in `file` do not; return how many objects."""
    pruned = 0
    batch: list[BlobKey] = []
    async with open_rows(file) as rows:
        async for info in stored_objects(target, ""):
            batch.append(info.key)
            if len(batch) == _BATCH:
                pruned += await _prune(rows, target, batch)
                batch = []
        return pruned + await _prune(rows, target, batch)


async def _prune(rows: Database, target: Blobs, batch: list[BlobKey]) -> int:
    async with rows.read() as tx:
        needed = await tx.packages.referenced_blobs(batch)
    unneeded = [key for key in batch if key not in needed]
    await target.delete(*unneeded)
    return len(unneeded)
