"""Which database a test runs on, and looking into it from outside.

By default each data folder has its SQLite file. With WHEELYARD_TEST_DATABASE=postgresql (what
`./test --postgres` sets) each has a database of its own on the session's server.
"""

import asyncio
import os
import sqlite3
import threading
from collections.abc import Callable, Coroutine, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeVar

import asyncpg

import postgres
from stores import address_of
from wheelyard.settings import ServerSettings

T = TypeVar("T")

CHOICE = "WHEELYARD_TEST_DATABASE"

ERRORS = (sqlite3.DatabaseError, asyncpg.PostgresError)
"""What `run_sql` raises when the database refuses."""

_traces: dict[Path, list[str]] = {}


def is_postgresql() -> bool:
    """Tell whether the tests of the whole server run on PostgreSQL."""
    chosen = os.environ.get(CHOICE, "sqlite")
    assert chosen in {"sqlite", "postgresql"}, f"{CHOICE} is sqlite or postgresql, not {chosen}"
    return chosen == "postgresql"


def settings_of(data: Path) -> ServerSettings:
    """Return the settings of the server on this data folder."""
    url = database_of(data) if is_postgresql() else None
    return ServerSettings(data=data, database_url=url, blobs=address_of(data))


def environment_of(data: Path) -> dict[str, str]:
    """Return the environment that a process needs to work on this data folder."""
    database = {"WHEELYARD_DATABASE_URL": database_of(data)} if is_postgresql() else {}
    blobs = address_of(data)
    return database if blobs is None else database | {"WHEELYARD_BLOBS": blobs}


def environment_for(arguments: Iterable[object]) -> dict[str, str]:
    """Return the environment that a command needs for the data folder among its arguments."""
    given = list(map(str, arguments))
    if "--data" not in given:
        return {}
    return environment_of(Path(given[given.index("--data") + 1]))


@cache
def database_of(data: Path) -> str:
    """Return the URL of the PostgreSQL database of a data folder, made when first asked for."""
    name = f"test_{sha256(str(data.absolute()).encode()).hexdigest()[:16]}"
    known = administer(f"SELECT 1 FROM pg_database WHERE datname = '{name}'")  # noqa: S608  ours
    return f"{postgres.server_url()}/{name}" if known else make_database(name)


def make_database(name: str, template: str = postgres.TEMPLATE) -> str:
    """Make a PostgreSQL database, a copy of another one, and return its URL.

    Of `template0` it is empty.
    """
    administer(f"CREATE DATABASE {name} TEMPLATE {template} {_by_copying_files()}")
    return f"{postgres.server_url()}/{name}"


@cache
def _by_copying_files() -> str:
    """Return the option for the quickest way without a sync; PostgreSQL 14 has no other."""
    [(version,)] = administer("SHOW server_version_num")
    return "STRATEGY file_copy" if int(version) >= 150000 else ""


def drop_database(name: str) -> None:
    """Remove a PostgreSQL database, whoever still uses it."""
    administer(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


def forget(data: Path) -> None:
    """Remove the PostgreSQL database of a data folder that nobody needs any more."""
    drop_database(database_of(data).rpartition("/")[2])


def administer(statement: str) -> list[Any]:
    """Run a statement on the server itself, and return its rows."""
    return fetch(f"{postgres.server_url()}/postgres", statement)


def fetch(url: str, statement: str, *parameters: object) -> list[Any]:
    """Run a statement on a PostgreSQL database, and return its rows."""
    return _apart(_fetch(url, statement, parameters))


def run_sql(data: Path, statement: str, *parameters: object) -> list[tuple[Any, ...]]:
    """Run a statement (with ? for parameters) behind the server's back; return its rows."""
    if is_postgresql():
        numbered = statement
        for number in range(1, len(parameters) + 1):
            numbered = numbered.replace("?", f"${number}", 1)
        return [tuple(row) for row in fetch(database_of(data), numbered, *parameters)]
    with closing(sqlite3.connect(data / "wheelyard.db", timeout=30)) as database, database:
        return database.execute(statement, parameters).fetchall()


def as_moment(value: object) -> datetime:
    """Read a moment as `run_sql` returns it."""
    moment = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def dump(data: Path) -> bytes:
    """Return all that the database holds."""
    if not is_postgresql():
        return b"".join(path.read_bytes() for path in data.glob("wheelyard.db*"))
    tables = run_sql(data, "SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    rows = [run_sql(data, f"SELECT t::text FROM {name} t") for (name,) in tables]  # noqa: S608  the database's own names
    return "\n".join(text for of_table in rows for (text,) in of_table).encode()


def unguard_audit(data: Path) -> None:
    """Allow what the database forbids: changing the record, as somebody in charge of it could."""
    if is_postgresql():
        run_sql(data, "DROP TRIGGER audit_events_final ON audit_events")
        return
    for change in ("update", "delete"):
        run_sql(data, f"DROP TRIGGER audit_events_no_{change}")


@contextmanager
def locked(data: Path) -> Iterator[None]:
    """Hold the lock that writers take, as another process would."""
    if is_postgresql():
        with _locked_row(database_of(data)):
            yield
        return
    with closing(sqlite3.connect(data / "wheelyard.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield


@contextmanager
def write_counter(data: Path) -> Iterator[Callable[[], int]]:
    """Yield a function whose number grows when transactions have written since its last call."""
    if is_postgresql():
        yield lambda: _write_count(data)
        return
    with closing(sqlite3.connect(data / "wheelyard.db")) as database:
        yield lambda: int(database.execute("PRAGMA data_version").fetchone()[0])


def _write_count(data: Path) -> int:
    """Count how often another transaction was the last to take the writers' lock."""
    [(trace,)] = run_sql(
        data, "SELECT xmin::text || xmax::text FROM counters WHERE name = 'serial'"
    )
    seen = _traces.setdefault(data, [])
    if trace not in seen:
        seen.append(str(trace))
    return len(seen)


@contextmanager
def _locked_row(url: str) -> Iterator[None]:
    held, released = threading.Event(), threading.Event()

    async def hold() -> None:
        connection = await asyncpg.connect(url)
        async with connection.transaction():
            await connection.execute("SELECT * FROM counters FOR UPDATE")
            held.set()
            await asyncio.to_thread(released.wait)
        await connection.close()

    with ThreadPoolExecutor(1) as thread:
        holding = thread.submit(asyncio.run, hold())
        try:
            assert held.wait(30)
            yield
        finally:
            released.set()
            holding.result()


async def _fetch(url: str, statement: str, parameters: Sequence[object]) -> list[Any]:
    connection = await asyncpg.connect(url)
    try:
        rows: list[Any] = await connection.fetch(statement, *parameters)
    finally:
        await connection.close()
    return rows


def _apart(work: Coroutine[Any, Any, T]) -> T:
    """Run it in a thread of its own: the caller may be in an event loop."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, work).result()
