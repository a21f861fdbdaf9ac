"""All rows in one SQLite file, as of one moment, and back into a database of either dialect.

The file is a whole database of its own, at this version's schema: a backup, or what travels when a
registry moves. Ids, hashes and the numbers of the next ids come along.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any

import sqlalchemy
from sqlalchemy import Select, Table, delete, func, insert, select, text

from wheelyard.domain.errors import Reason, Refused
from wheelyard.ports.snapshots import TableTotals
from wheelyard.sql.connection import Connection
from wheelyard.sql.engine import Engine, sqlite_url
from wheelyard.sql.migrate import migrate
from wheelyard.sql.schema import audit_events, counters, metadata, namespaces, users
from wheelyard.sql.sqlite import SqliteEngine
from wheelyard.sql.turns import TIMELINE

_BATCH = 500
_ALL_BITS = 2**256


async def save(engine: Engine, file: Path) -> None:
    """Write all rows, as of one moment, to a SQLite file, made anew; others may go on writing.

    Raises Refused (unavailable).
    """
    await asyncio.to_thread(_remove, file)
    if isinstance(engine, SqliteEngine):
        await engine.inspect(lambda connection: _back_up(connection, file))
        return
    async with _opened(file) as saved:
        await migrate(saved)
        async with engine.reading() as source, saved.writing() as target:
            await _replace(source, target)


async def load(engine: Engine, file: Path) -> None:
    """Replace all rows by those of a file, in one transaction.

    Raises Refused: conflict, when what is there is not an earlier state of what is in the file;
    unavailable.
    """
    async with _opened(file) as saved, saved.reading() as source, engine.writing() as target:
        await _check_lineage(source, target)
        await _replace(source, target)


async def totals(engine: Engine) -> Mapping[str, TableTotals]:
    """Return how many rows each table has and a digest of them all, in any order of theirs."""
    async with engine.reading() as connection:
        return {table.name: await _total(connection, table) for table in metadata.sorted_tables}


@asynccontextmanager
async def _opened(file: Path) -> AsyncIterator[SqliteEngine]:
    engine = SqliteEngine(sqlite_url(file))
    try:
        yield engine
    finally:
        await engine.close()


def _remove(file: Path) -> None:
    for suffix in ("", "-wal", "-shm", "-journal"):
        file.with_name(file.name + suffix).unlink(missing_ok=True)


def _back_up(connection: sqlalchemy.Connection, file: Path) -> None:
    """Use SQLite's online backup: of a database that others write to meanwhile."""
    import sqlite3  # noqa: PLC0415  PostgreSQL needs none

    target = sqlite3.connect(file)
    try:
        source: Any = connection.connection.dbapi_connection
        source.backup(target)
        target.execute("PRAGMA journal_mode=DELETE")  # one file, and nothing beside it
    finally:
        target.close()


async def _replace(source: Connection, target: Connection) -> None:
    await _empty(target)
    for table in metadata.sorted_tables:
        rows: list[dict[str, Any]] = []
        async for row in source.stream(await _new_rows(table, target)):
            rows.append(dict(row._mapping))  # noqa: SLF001  SQLAlchemy's public name for it
            if len(rows) == _BATCH:
                await target.execute(insert(table), rows)
                rows = []
        if rows:
            await target.execute(insert(table), rows)
    for table, value in (await _next_ids(source)).items():
        await _set_next_id(target, table, value)


async def _empty(target: Connection) -> None:
    """Remove all rows but those of the record, which is append-only, and of PostgreSQL's own."""
    if target.dialect.name == "sqlite":
        await target.execute(text("PRAGMA defer_foreign_keys = ON"))
        for table in reversed(metadata.sorted_tables):
            if table not in {audit_events, counters}:
                await target.execute(delete(table))
    else:
        names = [table.name for table in metadata.sorted_tables]
        kept = {audit_events.name, counters.name}
        await target.execute(text(f"TRUNCATE {', '.join(n for n in names if n not in kept)}"))
    await target.execute(delete(counters).where(counters.c.name != TIMELINE))


async def _new_rows(table: Table, target: Connection) -> Select[Any]:
    """Select what the target lacks, in an order in which no row names one that comes later."""
    rows = _rows_of(table)
    if table is audit_events:
        last: int | None = await target.scalar(select(func.max(audit_events.c.id)))
        return rows.where(audit_events.c.id > (last or 0)).order_by(audit_events.c.id)
    if table is namespaces:  # a parent's path is a part of its children's
        return rows.order_by(func.length(namespaces.c.full_path))
    return rows


def _rows_of(table: Table) -> Select[Any]:
    if table is counters:
        return select(counters).where(counters.c.name != TIMELINE)
    return select(table)


async def _check_lineage(source: Connection, target: Connection) -> None:
    """Refuse a target that is another registry, or a later state of this one."""
    last = select(audit_events.c.id, audit_events.c.hash).order_by(audit_events.c.id.desc())
    found = (await target.execute(last.limit(1))).one_or_none()
    if found is None:
        if await target.scalar(select(func.count()).select_from(users)):
            raise Refused(Reason.CONFLICT, "The target database holds another registry.")
        return
    same = select(audit_events.c.hash).where(audit_events.c.id == found.id)
    if await source.scalar(same) != found.hash:
        raise Refused(
            Reason.CONFLICT,
            "The target database holds another registry, or has been written to since it was "
            "copied.",
        )


async def _total(connection: Connection, table: Table) -> TableTotals:
    rows = total = 0
    async for row in connection.stream(_rows_of(table)):
        rows += 1
        content = json.dumps(list(row), default=str, sort_keys=True).encode()
        total += int.from_bytes(sha256(content).digest(), "big")
    return TableTotals(rows, f"{total % _ALL_BITS:064x}")


def _numbered() -> Iterator[Table]:
    """Iterate over the tables whose ids are never used twice."""
    for table in metadata.sorted_tables:
        if table.dialect_options["sqlite"]["autoincrement"]:
            yield table


async def _next_ids(connection: Connection) -> dict[Table, int]:
    """Return the highest id that was ever given out, for each table that has given out any."""
    found: dict[Table, int] = {}
    for table in _numbered():
        last = (
            text("SELECT seq FROM sqlite_sequence WHERE name = :name")
            if connection.dialect.name == "sqlite"
            else text(
                "SELECT pg_sequence_last_value(pg_get_serial_sequence(:name, 'id')::regclass)"
            )
        )
        value = (await connection.execute(last, {"name": table.name})).scalar()
        if value:
            found[table] = int(value)
    return found


async def _set_next_id(connection: Connection, table: Table, value: int) -> None:
    parameters = {"name": table.name, "value": value}
    if connection.dialect.name != "sqlite":
        number = text("SELECT setval(pg_get_serial_sequence(:name, 'id'), :value)")
        await connection.execute(number, parameters)
        return
    # There is no row for a table that had no row yet, nor a constraint that would make one.
    await connection.execute(text("DELETE FROM sqlite_sequence WHERE name = :name"), parameters)
    await connection.execute(text("INSERT INTO sqlite_sequence VALUES (:name, :value)"), parameters)
