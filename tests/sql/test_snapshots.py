"""All rows in one file and back: between dialects, at one moment, over no other registry."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from databases import database_of, forget
from shelves import Shelf
from wheelyard.actions.auditing import record_event, verify_chain
from wheelyard.actions.groups import create_group
from wheelyard.actions.tokens import create_personal_token
from wheelyard.actions.users import create_user
from wheelyard.app import Machinery, machinery
from wheelyard.domain.access import Visibility
from wheelyard.domain.errors import Reason, Refused
from wheelyard.domain.models.callers import Actor, Caller
from wheelyard.domain.usage import Usage
from wheelyard.ports.database import Database
from wheelyard.settings import ServerSettings

AT = datetime(2026, 3, 4, 5, 6, 7, 890, tzinfo=UTC)
BY = Caller(Actor(username="operator", is_admin=True), AT, "192.0.2.7")
PAIRS = [
    (source, target) for source in ("sqlite", "postgresql") for target in ("sqlite", "postgresql")
]

Opener = Callable[[str, str], AbstractAsyncContextManager[Machinery]]


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Opener]:
    """Open the machinery of a name, on a dialect."""
    used: list[Path] = []

    @asynccontextmanager
    async def opener(dialect: str, name: str) -> AsyncIterator[Machinery]:
        data = tmp_path / name
        settings = ServerSettings(data=data)
        if dialect == "postgresql":
            used.append(data)
            settings = ServerSettings(data=data, database_url=database_of(data))
        async with machinery(settings) as machines:
            yield machines

    yield opener
    for data in used:
        forget(data)


async def fill(machines: Machinery) -> Shelf:
    """Make rows that are hard to carry, and some that are gone again."""
    shelf = await Shelf.make(machines, BY, "early")
    one, two = await shelf.add("one"), await shelf.add("two", payload=b"x")
    await shelf.add("two", payload=b"y")  # supersedes
    await create_group(machines.db, BY, full_path="late", visibility=Visibility.PUBLIC)
    for name in ("ann", "gone"):
        await create_user(machines.db, machines.passwords, BY, username=name, is_admin=False)
    await create_personal_token(machines.db, BY, username="ann", name="t", scopes=("api",))
    async with machines.db.write() as tx:
        early, late = await tx.namespaces.by_path("early"), await tx.namespaces.by_path("late")
        ann, gone = await tx.users.by_username("ann"), await tx.users.by_username("gone")
        assert early is not None
        assert late is not None
        assert ann is not None
        assert gone is not None
        await tx.namespaces.move(early, late)  # a child that is older than its parent
        await tx.users.update(ann.id, name='Änn "\\\u2028\U0001d49c')
        await tx.users.delete(gone)
        await tx.releases.yank([one.id], "broken: naïve\n“quotes”")
        await tx.usage.add(
            Usage({}, {one.id: AT}, {(one.id, AT.date()): 7, (two.id, AT.date()): 1})
        )
        await record_event(tx, BY, "moved", early, details={"b": [1, None], "a": "ü"})
    return shelf


async def rows_of(db: Database) -> dict[str, int]:
    return {name: totals.rows for name, totals in (await db.totals()).items() if totals.rows}


@pytest.mark.parametrize(("source", "target"), PAIRS)
async def test_everything_travels(opened: Opener, tmp_path: Path, source: str, target: str) -> None:
    file = str(tmp_path / "rows.db")
    async with opened(source, "source") as machines:
        shelf = await fill(machines)
        await machines.db.save(file)
        before = await machines.db.totals()
        listed = await shelf.listed()
    with closing(sqlite3.connect(file)) as saved:
        assert saved.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert saved.execute("PRAGMA foreign_key_check").fetchall() == []
    async with opened(target, "target") as machines:
        await machines.db.load(file)
        assert await machines.db.totals() == before
        assert await Shelf(machines, BY, shelf.project).listed() == listed
        check = await verify_chain(machines.db)
        assert (check.is_whole, check.events > 5) == (True, True)
        # Ids go on where they were: that of the user who is gone is not given out again.
        user = await create_user(
            machines.db, machines.passwords, BY, username="next", is_admin=False
        )
        async with machines.db.read() as tx:
            ann = await tx.users.by_username("ann")
        assert ann is not None
        assert user.id == ann.id + 2
        assert (await verify_chain(machines.db)).is_whole


@pytest.mark.parametrize(("source", "target"), PAIRS)
async def test_a_later_state_replaces_an_earlier_one(
    opened: Opener, tmp_path: Path, source: str, target: str
) -> None:
    async with opened(source, "source") as machines, opened(target, "target") as copy:
        shelf = await fill(machines)
        await machines.db.save(str(tmp_path / "first.db"))
        await copy.db.load(str(tmp_path / "first.db"))
        await copy.db.load(str(tmp_path / "first.db"))
        await shelf.add("three")
        async with machines.db.write() as tx:
            current = await tx.packages.current_file(shelf.project.id, "one-1.0-py3-none-any.whl")
            assert current is not None
            await tx.releases.delete_file(current)
            await record_event(tx, BY, "file_deleted", shelf.project)
        await machines.db.save(str(tmp_path / "second.db"))
        await copy.db.load(str(tmp_path / "second.db"))
        assert await copy.db.totals() == await machines.db.totals()
        # Back to the past it does not go.
        with pytest.raises(Refused, match="written to since") as refusal:
            await copy.db.load(str(tmp_path / "first.db"))
        assert refusal.value.reason is Reason.CONFLICT
        assert await copy.db.totals() == await machines.db.totals()


@pytest.mark.parametrize("target", ["sqlite", "postgresql"])
async def test_another_registry_is_left_alone(opened: Opener, tmp_path: Path, target: str) -> None:
    file = str(tmp_path / "rows.db")
    async with opened("sqlite", "source") as machines, opened(target, "other") as other:
        await fill(machines)
        await machines.db.save(file)
        await create_user(other.db, other.passwords, BY, username="bob", is_admin=True)
        before = await other.db.totals()
        with pytest.raises(Refused, match="another registry"):
            await other.db.load(file)
        assert await other.db.totals() == before


@pytest.mark.parametrize("dialect", ["sqlite", "postgresql"])
async def test_a_snapshot_is_of_one_moment(opened: Opener, tmp_path: Path, dialect: str) -> None:
    """While others write: each event comes with its package, so there are as many of both."""
    async with opened(dialect, "source") as machines, AsyncExitStack() as stack:
        shelf = await Shelf.make(machines, BY)
        events = (await rows_of(machines.db))["audit_events"]
        stop = asyncio.Event()

        async def publish() -> None:
            number = 0
            while not stop.is_set():
                number += 1
                await shelf.add("pkg", f"1.{number}")

        publishing = asyncio.create_task(publish())
        for number in range(5):
            file = str(tmp_path / f"{number}.db")
            await machines.db.save(file)
            saved = sqlite3.connect(file)
            stack.callback(saved.close)
            [[packages]] = saved.execute("SELECT count(*) FROM packages")
            [[recorded]] = saved.execute("SELECT count(*) FROM audit_events")
            assert recorded - events == packages
        stop.set()
        await publishing
