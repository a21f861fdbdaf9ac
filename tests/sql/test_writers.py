"""SQLite's writers that share are committed together: each alone in its work, none forgotten."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import delete, insert, select

from wheelyard.domain.errors import Reason, Refused
from wheelyard.sql.migrate import migrate
from wheelyard.sql.prepared import prepared
from wheelyard.sql.schema import counters
from wheelyard.sql.sqlite import SqliteEngine

NAMES = select(counters.c.name).order_by(counters.c.name)
ADD = prepared(insert(counters))


@pytest.fixture
async def engine(tmp_path: Path) -> AsyncIterator[SqliteEngine]:
    made = SqliteEngine(f"sqlite:///{tmp_path / 'a.db'}")
    await migrate(made)
    async with made.writing() as connection:
        await connection.execute(delete(counters))
    yield made
    await made.close()


async def names(engine: SqliteEngine) -> list[str]:
    async with engine.reading() as connection:
        return list(await connection.scalars(NAMES))


class Writing:
    """A writer that has begun; it goes on when `may_end` is set, and fails with `error` if any."""

    def __init__(
        self,
        engine: SqliteEngine,
        name: str,
        error: Exception | None = None,
        *,
        is_shared: bool = True,
    ) -> None:
        self.has_begun, self.may_end = asyncio.Event(), asyncio.Event()
        self._engine, self._name, self._error = engine, name, error
        self._is_shared = is_shared
        self.task = asyncio.create_task(self._write())

    async def _write(self) -> None:
        async with self._engine.writing(is_shared=self._is_shared) as connection:
            await connection.execute(ADD, {"name": self._name, "value": 1})
            self.has_begun.set()
            await self.may_end.wait()
            if self._error is not None:
                raise self._error
        assert self._name in await names(self._engine)

    async def end(self) -> None:
        """Let it end what it does, once it has begun."""
        await self.has_begun.wait()
        self.may_end.set()


async def test_nobody_is_told_before_the_commit_for_all(engine: SqliteEngine) -> None:
    first, second = Writing(engine, "first"), Writing(engine, "second")
    await first.end()
    await second.has_begun.wait()
    assert not first.task.done()
    assert await names(engine) == []
    await second.end()
    await asyncio.gather(first.task, second.task)
    assert await names(engine) == ["first", "second"]


async def test_one_that_does_not_share_finds_all_before_it_committed(engine: SqliteEngine) -> None:
    first, second = Writing(engine, "first"), Writing(engine, "second", is_shared=False)
    third = Writing(engine, "third")
    await first.end()
    await second.has_begun.wait()
    assert await names(engine) == ["first"]
    await first.task
    await second.end()
    await third.has_begun.wait()
    assert await names(engine) == ["first", "second"]
    await third.end()
    await asyncio.gather(second.task, third.task)
    assert await names(engine) == ["first", "second", "third"]


async def test_one_that_goes_away_while_it_waits_for_a_commit_stops_nothing(
    engine: SqliteEngine,
) -> None:
    for number in range(20):
        first = Writing(engine, f"first{number:02}")
        leaving = Writing(engine, f"leaving{number:02}", is_shared=False)
        await first.end()
        for _ in range(number):
            await asyncio.sleep(0)
        leaving.task.cancel()
        await asyncio.wait([leaving.task])
        await first.task
    assert await names(engine) == [f"first{number:02}" for number in range(20)]


@pytest.mark.parametrize("failing", range(3))
async def test_one_that_fails_leaves_the_others_alone(engine: SqliteEngine, failing: int) -> None:
    errors = [RuntimeError("told") if number == failing else None for number in range(3)]
    writers = [Writing(engine, f"n{number}", error) for number, error in enumerate(errors)]
    for writer in writers:
        await writer.end()
    ended = await asyncio.gather(*(writer.task for writer in writers), return_exceptions=True)
    assert ended == errors
    assert await names(engine) == [f"n{number}" for number in range(3) if number != failing]


async def test_one_that_goes_away_leaves_the_commit_to_the_others(engine: SqliteEngine) -> None:
    first, second = Writing(engine, "first"), Writing(engine, "second")
    await first.end()
    await second.has_begun.wait()
    first.task.cancel()
    await asyncio.wait([first.task])
    await second.end()
    await second.task
    assert await names(engine) == ["first", "second"]


async def test_all_are_refused_when_their_transaction_is_lost(engine: SqliteEngine) -> None:
    async def lose() -> None:
        async with engine.writing(is_shared=True) as connection:
            connection.run("ROLLBACK")  # as SQLite does by itself when a disk is full
            raise RuntimeError

    first, losing = Writing(engine, "first"), asyncio.create_task(lose())
    await first.end()
    with pytest.raises(RuntimeError):
        await losing
    with pytest.raises(Refused) as refused:
        await first.task
    assert refused.value.reason is Reason.UNAVAILABLE
    after = Writing(engine, "after")
    await after.end()
    await after.task
    assert await names(engine) == ["after"]


async def test_all_are_told_when_the_commit_fails(engine: SqliteEngine) -> None:
    async def spoil() -> None:
        async with engine.writing(is_shared=True) as connection:
            connection.run("PRAGMA defer_foreign_keys=ON")
            connection.run("INSERT INTO file_forms (file_id, fields) VALUES (1, '{}')")

    first, spoiling = Writing(engine, "first"), asyncio.create_task(spoil())
    await first.end()
    ended = await asyncio.gather(first.task, spoiling, return_exceptions=True)
    assert ["FOREIGN KEY" in str(error) for error in ended] == [True, True]
    after = Writing(engine, "after")
    await after.end()
    await after.task
    assert await names(engine) == ["after"]


async def test_many_at_once_are_all_there(engine: SqliteEngine) -> None:
    async def write(number: int) -> None:
        async with engine.writing(is_shared=number % 10 > 0) as connection:
            await connection.execute(ADD, {"name": f"n{number:03}", "value": number})
            await asyncio.sleep(0)
        assert f"n{number:03}" in await names(engine)

    for start in range(0, 200, 40):
        await asyncio.gather(*(write(number) for number in range(start, start + 40)))
    assert await names(engine) == [f"n{number:03}" for number in range(200)]
