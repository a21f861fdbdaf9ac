"""Core metadata for files that lack it: taken out of the stored wheel, as an upload does."""

import asyncio
import hashlib
import tempfile
from collections.abc import AsyncIterator
from typing import BinaryIO

from wheelyard.actions.auditing import record_event
from wheelyard.domain.inspection import inspect_file
from wheelyard.domain.keys import core_metadata_key, distribution_key
from wheelyard.domain.models.callers import Caller
from wheelyard.domain.models.packages import PackageFile
from wheelyard.ports.blobs import Blobs
from wheelyard.ports.database import Database

_BATCH = 200


async def backfill_metadata(db: Database, blobs: Blobs, by: Caller) -> tuple[int, int]:
    """Extract and store the metadata of every wheel that lacks it (PEP 658).

    Returns how many were filled in, and how many could not be read.
    """
    filled = unreadable = 0
    async for file in _lacking(db):
        metadata = await extract_metadata(blobs, file)
        if metadata is None:
            unreadable += 1
            continue
        sha256 = hashlib.sha256(metadata).hexdigest()
        async with db.write() as tx:
            # In the transaction, so that upkeep cannot take what lay there already for an orphan
            # in the moment before the row names it.
            await blobs.put_bytes(core_metadata_key(sha256), metadata)
            await tx.releases.set_metadata(file, sha256)
            await record_event(tx, by, "metadata_backfilled", file.filename, sha256=sha256)
        filled += 1
    return filled, unreadable


async def _lacking(db: Database) -> AsyncIterator[PackageFile]:
    last_id = 0
    while True:
        async with db.read() as tx:
            batch = await tx.releases.without_metadata(last_id, _BATCH)
        if not batch:
            return
        for file in batch:
            yield file
        last_id = batch[-1].id


async def extract_metadata(blobs: Blobs, file: PackageFile) -> bytes | None:
    """Take the metadata out of a stored distribution; None where that cannot be read.

    Raises Refused (unavailable).
    """
    digest = hashlib.sha256()
    with tempfile.TemporaryFile() as copy:
        try:
            async for chunk in blobs.read(distribution_key(file.digests.sha256)):
                digest.update(chunk)
                await asyncio.to_thread(copy.write, chunk)
        except KeyError:
            return None
        if digest.hexdigest() != file.digests.sha256:
            return None
        return await asyncio.to_thread(_read_metadata, copy, file)


def _read_metadata(source: BinaryIO, file: PackageFile) -> bytes | None:
    source.seek(0)
    facts = inspect_file(source, file.filename, file.size_bytes).facts
    return None if facts is None else facts.metadata
