"""Prepared statements give what SQLAlchemy gives, fail as it fails, and are in the transaction."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Executable, bindparam, insert, select, update
from sqlalchemy.exc import MultipleResultsFound, NoResultFound

from wheelyard.domain.errors import Reason, Refused
from wheelyard.sql.engine import make_engine, sqlite_url
from wheelyard.sql.migrate import migrate
from wheelyard.sql.prepared import prepared
from wheelyard.sql.schema import names, namespaces
from wheelyard.sql.sqlite import SqliteEngine

ROW = {
    "kind": "group",
    "path": "team",
    "name": "Team",
    "full_path": "team",
    "path_key": "team",
    "visibility": "private",
    "description": "",
    "created_at": datetime(2026, 1, 2, 3, 4, 5, 6, tzinfo=UTC),
    "packages_enabled": None,
    "locked_settings": ["duplicates"],
    "merges_names": True,
}
ADD = insert(namespaces).returning(namespaces)
FIND = select(namespaces).where(namespaces.c.path_key == bindparam("key")).limit(1)
RENAME = update(namespaces).where(namespaces.c.path_key == bindparam("key"))


@pytest.fixture
async def engine(tmp_path: Path) -> AsyncIterator[SqliteEngine]:
    made = make_engine(sqlite_url(tmp_path / "a.db"))
    assert isinstance(made, SqliteEngine)
    await migrate(made)
    yield made
    await made.close()


async def changed(engine: SqliteEngine, statement: Executable, values: dict[str, Any]) -> list[Any]:
    async with engine.writing() as connection:
        result = await connection.execute(statement, values)
        return [row._asdict() for row in result]


async def test_values_go_in_and_come_out_as_through_sqlalchemy(engine: SqliteEngine) -> None:
    (added,) = await changed(engine, prepared(ADD), ROW)
    async with engine.reading() as connection:
        theirs = (await connection.execute(FIND, {"key": "team"})).mappings().one()
        ours = (await connection.execute(prepared(FIND), {"key": "team"})).mappings().one()
    assert added == dict(ours) == dict(theirs)
    assert {key: added[key] for key in ROW} == ROW


async def test_a_result_answers_whatever_sqlalchemys_does(engine: SqliteEngine) -> None:
    await changed(engine, prepared(ADD), ROW)
    named = select(namespaces.c.name, namespaces.c.path).where(
        namespaces.c.path_key == bindparam("key")
    )
    for key in ("team", "nobody"):
        async with engine.reading() as connection:
            for ask in (
                lambda result: result.scalar(),
                lambda result: result.scalar_one_or_none(),
                lambda result: result.scalars().all(),
                lambda result: result.one_or_none(),
                lambda result: result.first(),
                list,
                lambda result: result.all(),
                lambda result: list(result.keys()),
                lambda result: [dict(row) for row in result.mappings()],
                lambda result: result.mappings().one_or_none(),
                lambda result: result.mappings().first(),
                lambda result: [(row.name, row[1]) for row in result],
                lambda result: list(result.partitions(1)),
            ):
                theirs = ask(await connection.execute(named, {"key": key}))
                assert ask(await connection.execute(prepared(named), {"key": key})) == theirs


async def test_a_row_too_many_or_too_few_is_sqlalchemys_error(engine: SqliteEngine) -> None:
    for key in ("one", "two"):
        await changed(engine, prepared(ADD), ROW | {"path_key": key})
    of_name = prepared(select(namespaces.c.id).where(namespaces.c.name == bindparam("called")))
    async with engine.reading() as connection:
        for called, error in (("Team", MultipleResultsFound), ("Nobody", NoResultFound)):
            for take in ("one", "scalar_one"):
                result = await connection.execute(of_name, {"called": called})
                with pytest.raises(error):
                    getattr(result, take)()


async def test_one_statement_serves_many_values(engine: SqliteEngine) -> None:
    add, find, rename = prepared(ADD), prepared(FIND), prepared(RENAME)
    await changed(engine, add, ROW)
    await changed(engine, add, ROW | {"path_key": "other", "merges_names": False})
    assert await changed(engine, rename, {"key": "other", "name": "Other"}) == []
    async with engine.reading() as connection:
        for key, name, merges in (("team", "Team", True), ("other", "Other", False)):
            row = (await connection.execute(find, {"key": key})).one()
            assert (row.name, row.merges_names) == (name, merges)
        assert (await connection.execute(find, {"key": "nobody"})).one_or_none() is None
        with pytest.raises(KeyError):
            await connection.execute(find, {})


async def test_a_value_that_nothing_can_store_is_refused(engine: SqliteEngine) -> None:
    with pytest.raises(Refused) as refusal:
        await changed(engine, prepared(ADD), ROW | {"name": "a\0b"})
    assert refusal.value.reason is Reason.INVALID


async def test_a_broken_rule_is_the_error_that_sqlalchemy_has(engine: SqliteEngine) -> None:
    add = prepared(ADD)
    await changed(engine, add, ROW)
    with pytest.raises(Exception, match="UNIQUE") as theirs:
        await changed(engine, ADD, ROW)
    with pytest.raises(theirs.type, match="UNIQUE"):
        await changed(engine, add, ROW)


async def test_a_statement_that_needs_sqlalchemy_each_time_is_not_prepared(
    engine: SqliteEngine,
) -> None:
    several = prepared(select(names.c.id).where(names.c.id.in_(bindparam("ids", expanding=True))))
    async with engine.reading() as connection:
        with pytest.raises(ValueError, match="cannot be run as it stands"):
            await connection.execute(several, {"ids": [1, 2]})


async def test_a_reader_has_one_view_from_its_first_statement(engine: SqliteEngine) -> None:
    find = prepared(FIND)
    async with engine.reading() as connection:
        assert (await connection.execute(find, {"key": "team"})).one_or_none() is None
        await changed(engine, prepared(ADD), ROW)
        assert (await connection.execute(find, {"key": "team"})).one_or_none() is None
    async with engine.reading() as connection:
        assert (await connection.execute(find, {"key": "team"})).one().name == "Team"


async def test_what_failed_leaves_nothing(engine: SqliteEngine) -> None:
    add = prepared(ADD)

    def count(connection: Connection) -> int:
        return len(connection.execute(select(namespaces.c.id)).all())

    async def fail() -> None:
        async with engine.writing() as connection:
            await connection.execute(add, ROW)
            raise RuntimeError

    before = await engine.inspect(count)
    with pytest.raises(RuntimeError):
        await fail()
    assert await engine.inspect(count) == before
