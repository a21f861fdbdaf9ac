"""What a node on PostgreSQL knows of the others' changes: soon, its own at once, or not surely."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from databases import fetch
from sql.wires import Wire, through
from wheelyard.domain.errors import Refused
from wheelyard.domain.models.events import AuditEvent
from wheelyard.ports.freshness import Freshness, Stamps
from wheelyard.sql.database import SqlDatabase
from wheelyard.sql.listening import SURE_SECONDS
from wheelyard.sql.opening import opened_database


class Node:
    """One process: its database and what it knows of changes."""

    def __init__(self, db: SqlDatabase, freshness: Freshness) -> None:
        self.db = db
        self.freshness = freshness

    async def change(self, action: str = "changed") -> None:
        at = datetime(2026, 2, 3, tzinfo=UTC)
        async with self.db.write() as tx:
            await tx.audit.append(AuditEvent(at, "ann", 1, 2, "192.0.2.1", action, "x", {}))

    async def sure(self) -> Stamps:
        """Return what it knows, as soon as it is sure of it."""
        deadline = time.monotonic() + 30
        while (present := self.freshness.present()) is None:
            assert time.monotonic() < deadline, "it never was sure"
            await asyncio.sleep(0.01)
        return present

    async def unsure(self) -> float:
        """Wait until it is not sure any more; return how long that took."""
        began = time.monotonic()
        while self.freshness.present() is not None:
            assert time.monotonic() - began < 30, "it stayed sure"
            await asyncio.sleep(0.01)
        return time.monotonic() - began

    async def knows(self, serial: int) -> None:
        """Wait until it is sure of a change."""
        deadline = time.monotonic() + 30
        while (await self.sure()).serial < serial:
            assert time.monotonic() < deadline, "it was not told"
            await asyncio.sleep(0.01)


@asynccontextmanager
async def node(url: str, folder: Path) -> AsyncIterator[Node]:
    await asyncio.to_thread(lambda: folder.mkdir(exist_ok=True))
    async with opened_database(url, folder) as (db, freshness):
        yield Node(db, freshness)


@pytest.fixture
async def here(postgresql_url: str, tmp_path: Path) -> AsyncIterator[Node]:
    async with node(postgresql_url, tmp_path / "here") as made:
        yield made


@pytest.fixture
async def there(postgresql_url: str, tmp_path: Path, wire: Wire) -> AsyncIterator[Node]:
    async with node(through(postgresql_url, wire), tmp_path / "there") as made:
        yield made


async def test_nothing_listens_until_it_is_asked(here: Node, postgresql_url: str) -> None:
    """A command that only writes a row does without another connection."""
    await here.change()
    listening = "SELECT 1 FROM pg_stat_activity WHERE query LIKE 'LISTEN%' AND datname = '{}'"
    name = postgresql_url.rpartition("/")[2]
    assert fetch(postgresql_url, listening.format(name)) == []
    assert here.freshness.present() is None
    assert (await here.sure()).serial == 1


async def test_its_own_change_is_known_at_once(here: Node) -> None:
    await here.sure()
    for number in range(1, 20):
        await here.change()
        assert here.freshness.present() == Stamps(number, number, 0)


async def test_changes_of_others_are_told(here: Node, there: Node) -> None:
    await there.sure()
    for number in range(1, 10):
        began = time.monotonic()
        await here.change()
        await there.knows(number)
        assert time.monotonic() - began < 10
        assert await there.freshness.stamps() == there.freshness.present()


async def test_a_change_without_effect_moves_one_stamp(here: Node, there: Node) -> None:
    await there.sure()
    await here.change("yanked")
    await there.knows(1)
    assert there.freshness.present() == Stamps(1, 0, 0)


async def test_another_process_of_the_machine_never_knows_less(
    here: Node, postgresql_url: str, tmp_path: Path
) -> None:
    """The answer to a write may be there before the notification."""
    async with node(postgresql_url, tmp_path / "here") as neighbour:
        await neighbour.sure()
        for number in range(1, 50):
            await here.change()
            present = neighbour.freshness.present()
            assert present is None or present.serial == number
            assert (await neighbour.freshness.stamps()).serial == number


async def test_a_cut_makes_unsure_at_once_and_mending_it_sure(
    here: Node, there: Node, wire: Wire
) -> None:
    await there.sure()
    wire.cut()
    assert await there.unsure() < SURE_SECONDS
    with pytest.raises(Refused):
        await there.freshness.stamps()
    await here.change()
    wire.mend()
    assert (await there.sure()).serial == 1


async def test_silence_makes_unsure_too(here: Node, there: Node, wire: Wire) -> None:
    await there.sure()
    wire.freeze()
    await here.change()
    assert await there.unsure() < SURE_SECONDS + 2
    wire.thaw()
    await there.knows(1)


async def test_smaller_numbers_of_a_new_leader_are_taken_over(
    here: Node, there: Node, wire: Wire, postgresql_url: str
) -> None:
    for _ in range(3):
        await here.change()
    await there.knows(3)
    wire.cut()
    fetch(postgresql_url, "UPDATE counters SET value = 2 WHERE name = 'serial'")
    wire.mend()
    await there.unsure()
    assert (await there.sure()).serial == 2


async def test_a_database_that_was_put_back_is_believed(
    postgresql_url: str, tmp_path: Path
) -> None:
    """What processes of the machine told one another is of no use then."""
    async with node(postgresql_url, tmp_path / "here") as before:
        for _ in range(3):
            await before.change()
    fetch(postgresql_url, "UPDATE counters SET value = 2 WHERE name = 'serial'")
    async with node(postgresql_url, tmp_path / "here") as after:
        assert (await after.sure()).serial == 2
