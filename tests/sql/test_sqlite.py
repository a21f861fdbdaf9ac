"""SQLite's connections are lent again: no transaction sees or keeps anything of the one before."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import Insert, delete, insert, select

from wheelyard.sql.migrate import migrate
from wheelyard.sql.prepared import prepared
from wheelyard.sql.schema import counters
from wheelyard.sql.sqlite import SqliteEngine

NAMES = select(counters.c.name).order_by(counters.c.name)
ADD = insert(counters)


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


@pytest.mark.parametrize("statement", [ADD, prepared(ADD)])
async def test_each_reader_sees_what_was_committed_before(
    engine: SqliteEngine, statement: Insert
) -> None:
    for number in range(3):
        async with engine.writing() as connection:
            await connection.execute(statement, {"name": f"n{number}", "value": 1})
        assert await names(engine) == [f"n{n}" for n in range(number + 1)]


@pytest.mark.parametrize("statement", [ADD, prepared(ADD)])
async def test_what_is_not_committed_is_gone(engine: SqliteEngine, statement: Insert) -> None:
    async def fail() -> None:
        async with engine.writing() as connection:
            await connection.execute(statement, {"name": "never", "value": 1})
            raise RuntimeError

    for _ in range(3):
        with pytest.raises(RuntimeError):
            await fail()
        assert await names(engine) == []


async def test_readers_that_read_at_once_have_a_view_each(engine: SqliteEngine) -> None:
    async with engine.reading() as old:
        assert list(await old.scalars(NAMES)) == []
        async with engine.writing() as connection:
            await connection.execute(ADD, {"name": "new", "value": 1})
        assert await names(engine) == ["new"]
        assert list(await old.scalars(NAMES)) == []
    assert await names(engine) == ["new"]


async def test_a_stream_that_was_left_half_read_leaves_nothing(engine: SqliteEngine) -> None:
    async with engine.writing() as connection:
        await connection.execute(ADD, [{"name": f"n{n:04}", "value": n} for n in range(2000)])
    for _ in range(3):
        async with engine.reading() as connection:
            async for row in connection.stream(NAMES):
                assert row.name == "n0000"
                break
        assert len(await names(engine)) == 2000


async def test_a_writer_that_is_cancelled_holds_up_nobody(engine: SqliteEngine) -> None:
    async def write(name: str) -> None:
        async with engine.writing() as connection:
            await connection.execute(ADD, {"name": name, "value": 1})

    for number in range(20):
        writing = asyncio.create_task(write(f"cancelled{number}"))
        for _ in range(number % 10):
            await asyncio.sleep(0)
        writing.cancel()
        await asyncio.wait([writing])
        await write(f"kept{number}")
    kept = {name for name in await names(engine) if name.startswith("kept")}
    assert kept == {f"kept{number}" for number in range(20)}
