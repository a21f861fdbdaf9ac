"""Deleting stored bytes while others upload: an upload notices, and needs no other question."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from actions.test_publish import CONTENT, METADATA, project, received, stored
from distributions import compute_digests
from wheelyard.actions.deletion import deleting, may_have_been_deleted
from wheelyard.actions.publish import publish
from wheelyard.app import Machinery
from wheelyard.blobs.disk import DiskBlobs
from wheelyard.domain.keys import core_metadata_key, distribution_key
from wheelyard.domain.models.callers import Caller
from wheelyard.domain.models.places import Project

__all__ = ["project"]  # a fixture

KEYS = {
    distribution_key(compute_digests(CONTENT).sha256),
    core_metadata_key(compute_digests(METADATA).sha256),
}


@asynccontextmanager
async def upload_meets_deletion(
    machines: Machinery, by: Caller, project: Project
) -> AsyncIterator[None]:
    """Delete the bytes of an upload that has stored them and waits for its turn to write.

    The block is what happens then, before the deletion ends; afterwards the upload has ended too.
    """
    uploading: asyncio.Task[None] | None = None

    async def upload() -> None:
        async with received(machines) as arrived:
            await publish(machines.db, machines.blobs, by, project.id, arrived)

    try:
        async with deleting(machines.db):
            uploading = asyncio.create_task(upload())
            deadline = time.monotonic() + 30
            while await stored(machines) != KEYS:
                assert time.monotonic() < deadline
                await asyncio.sleep(0.01)
            await machines.blobs.delete(*KEYS)
            yield
    finally:
        if uploading is not None:
            await uploading


async def test_an_upload_notices(machines: Machinery, by: Caller, project: Project) -> None:
    async with upload_meets_deletion(machines, by, project):
        assert await stored(machines) == set()
    assert await stored(machines) == KEYS


async def test_an_upload_notices_a_deletion_that_is_broken_off(
    machines: Machinery, by: Caller, project: Project
) -> None:
    with pytest.raises(ConnectionError):
        async with upload_meets_deletion(machines, by, project):
            raise ConnectionError("as when the database is lost")
    assert await stored(machines) == KEYS


async def test_the_number_tells(machines: Machinery) -> None:
    async def number() -> int:
        async with machines.db.read() as tx:
            return await tx.inventory.deletions()

    async def may_be_gone(before: int) -> bool:
        async with machines.db.write() as tx:
            return await may_have_been_deleted(tx, before)

    before = await number()
    assert not await may_be_gone(before)
    for _ in range(2):
        async with deleting(machines.db) as tx:
            during = await tx.inventory.deletions()
        assert during % 2 == 1
        assert [await may_be_gone(each) for each in (before, during)] == [True, True]
        before = await number()
        assert not await may_be_gone(before)
    with pytest.raises(ConnectionError):
        async with deleting(machines.db):
            raise ConnectionError
    assert await may_be_gone(await number()), "nobody knows what is gone"
    async with deleting(machines.db):
        pass
    assert not await may_be_gone(await number())


async def test_deletions_at_once(machines: Machinery) -> None:
    async def delete() -> None:
        async with deleting(machines.db) as tx:
            assert await tx.inventory.deletions() % 2 == 1

    await asyncio.gather(*(delete() for _ in range(4)))
    async with machines.db.read() as tx:
        assert await tx.inventory.deletions() % 2 == 0


async def test_an_upload_asks_the_store_nothing_while_others_wait(
    machines: Machinery, by: Caller, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def unasked(_blobs: DiskBlobs, key: str) -> int | None:
        raise AssertionError(f"asked for {key}")

    monkeypatch.setattr(DiskBlobs, "size", unasked)
    async with received(machines) as upload:
        await publish(machines.db, machines.blobs, by, project.id, upload)
    assert await stored(machines) == KEYS
