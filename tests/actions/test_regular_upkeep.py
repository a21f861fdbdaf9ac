"""Upkeep while the server runs: when it is due, by one process of all, and never in its way."""

import asyncio
import time
from datetime import UTC, datetime, timedelta

from wheelyard.actions.regular_upkeep import UPKEEP, Rhythm, regular_upkeep, upkeep_if_due
from wheelyard.actions.upkeep import GRACE
from wheelyard.app import Machinery
from wheelyard.domain.keys import distribution_key

DAY = timedelta(days=1)
ORPHAN = distribution_key("ab" * 32)


def much_later(days: int = 2) -> datetime:
    return datetime.now(UTC) + days * DAY


async def done_at(machines: Machinery) -> datetime | None:
    async with machines.db.read() as tx:
        return await tx.chores.done_at(UPKEEP)


async def test_it_is_done_once_a_day(machines: Machinery) -> None:
    await machines.blobs.put_bytes(ORPHAN, b"x")
    first, second = much_later(2), much_later(4)
    assert await upkeep_if_due(machines.db, machines.blobs, lambda: first, DAY)
    assert await machines.blobs.size(ORPHAN) is None
    assert await done_at(machines) == first
    assert not await upkeep_if_due(machines.db, machines.blobs, lambda: first + DAY / 2, DAY)
    assert await done_at(machines) == first
    assert await upkeep_if_due(machines.db, machines.blobs, lambda: second, DAY)
    assert await done_at(machines) == second


async def test_nobody_does_it_while_another_process_does(machines: Machinery) -> None:
    await machines.blobs.put_bytes(ORPHAN, b"x")
    async with machines.db.alone(UPKEEP) as is_alone:
        assert is_alone
        assert not await upkeep_if_due(machines.db, machines.blobs, much_later, DAY)
    assert await machines.blobs.size(ORPHAN) == 1
    assert await done_at(machines) is None


async def test_fresh_bytes_are_left_alone(machines: Machinery) -> None:
    await machines.blobs.put_bytes(ORPHAN, b"x")
    soon = datetime.now(UTC) + GRACE / 2
    assert await upkeep_if_due(machines.db, machines.blobs, lambda: soon, DAY)
    assert await machines.blobs.size(ORPHAN) == 1


async def test_a_server_does_it_by_itself(machines: Machinery) -> None:
    await machines.blobs.put_bytes(ORPHAN, b"x")
    rhythm = Rhythm(look_every=timedelta(milliseconds=10))
    async with regular_upkeep(machines.db, machines.blobs, machines.spool, much_later, rhythm):
        deadline = time.monotonic() + 30
        while await done_at(machines) is None:
            assert time.monotonic() < deadline
            await asyncio.sleep(0.01)
    assert await machines.blobs.size(ORPHAN) is None
