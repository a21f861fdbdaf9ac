"""An engine: what gives connections to a database, whichever it is."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Protocol, TypeVar

import sqlalchemy

from wheelyard.sql.connection import Connection
from wheelyard.sql.sqlite import SqliteEngine

T = TypeVar("T")

SQLITE = "sqlite:///"


class Engine(Protocol):
    """A database that connections are taken from.

    What cannot be done raises Refused, of the connection or of a statement on it.
    """

    def reading(self) -> AbstractAsyncContextManager[Connection]:
        """Begin a transaction that reads: one consistent view."""

    def writing(self, *, is_shared: bool = False) -> AbstractAsyncContextManager[Connection]:
        """Begin a transaction that writes, alone; it commits at the end of the block.

        is_shared: others that share may be committed with it, where that saves time.
        """

    def alone(self, job: str) -> AbstractAsyncContextManager[bool]:
        """Try to take the lock of a job, to the end of the block; say whether it was free."""

    async def inspect(self, work: Callable[[sqlalchemy.Connection], T]) -> T:
        """Do work that reads on a plain connection, outside of the event loop's turn."""

    async def restructure(self, work: Callable[[sqlalchemy.Connection], None]) -> None:
        """Do work on the schema in one transaction; of all processes, one at a time."""

    async def close(self) -> None:
        """Close all connections."""


def sqlite_url(file: Path) -> str:
    """Return the database URL of an SQLite file."""
    return f"{SQLITE}{file}"


def make_engine(url: str) -> Engine:
    """Return an engine for `sqlite:///FILE` or `postgresql://…`; nothing is connected yet."""
    if url.startswith(SQLITE):
        return SqliteEngine(url)
    # Loads asyncpg and the asynchronous part of SQLAlchemy, which brings its ORM along.
    from wheelyard.sql.postgresql import PostgresEngine  # noqa: PLC0415

    return PostgresEngine(url)
