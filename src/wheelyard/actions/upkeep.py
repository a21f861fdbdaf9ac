"""Upkeep: collect what crashes left behind. Nothing that a row names is ever touched."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from wheelyard.actions.deletion import deleting
from wheelyard.domain.keys import sha256_of
from wheelyard.ports.blobs import BlobInfo, Blobs
from wheelyard.ports.database import Database
from wheelyard.ports.spool import Spool

GRACE = timedelta(hours=24)
"""How long bytes may lie without a row: longer than any upload takes between the two."""

_BATCH = 500


@dataclass(frozen=True, slots=True)
class Collected:
    """What upkeep removed."""

    spooled_files: int
    orphaned_blobs: int
    orphaned_bytes: int


async def collect_rubbish(
    db: Database, blobs: Blobs, spool: Spool, now: datetime, grace: timedelta = GRACE
) -> Collected:
    """Delete uploads that were never finished, and stored bytes that no file needs."""
    spooled = await spool.clean(grace.total_seconds())
    return Collected(spooled, *await collect_orphans(db, blobs, now, grace))


async def collect_orphans(
    db: Database, blobs: Blobs, now: datetime, grace: timedelta = GRACE
) -> tuple[int, int]:
    """Delete stored bytes that no file needs; return how many objects, and their bytes."""
    count = size_bytes = 0
    batch: list[BlobInfo] = []
    async for blob in blobs.list():
        # A bucket may hold more than what is ours.
        if blob.modified_at < now - grace and sha256_of(blob.key) is not None:
            batch.append(blob)
        if len(batch) >= _BATCH:
            removed = await remove_orphans(db, blobs, batch)
            count, size_bytes = count + removed[0], size_bytes + removed[1]
            batch = []
    removed = await remove_orphans(db, blobs, batch)
    return count + removed[0], size_bytes + removed[1]


async def remove_orphans(db: Database, blobs: Blobs, batch: Sequence[BlobInfo]) -> tuple[int, int]:
    """Delete those of some hundred objects that no file needs; return how many, and their bytes."""
    keys = [blob.key for blob in batch]
    async with db.read() as tx:  # mostly there are none, and no writer has to wait
        if len(await tx.packages.referenced_blobs(keys)) == len(keys):
            return 0, 0
    async with deleting(db) as tx:
        needed = await tx.packages.referenced_blobs(keys)
        orphans = [blob for blob in batch if blob.key not in needed]
        await blobs.delete(*(blob.key for blob in orphans))
    return len(orphans), sum(blob.size_bytes for blob in orphans)
