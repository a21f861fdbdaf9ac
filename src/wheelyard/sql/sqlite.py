"""SQLite: what it needs to be durable and quick, and its one writer at a time."""

import asyncio
import fcntl
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry

from wheelyard.sql.connection import LocalConnection
from wheelyard.sql.failures import translated_errors
from wheelyard.sql.prepared import driver_of, run_on_driver
from wheelyard.sql.writers import BUSY_TIMEOUT_SECONDS, Writers

T = TypeVar("T")

WRITE = "wheelyard_write"
"""Execution option of a connection whose transactions write."""

_IDLE_CONNECTIONS = 8


class SqliteEngine:
    """A `wheelyard.sql.engine.Engine` on an SQLite file."""

    def __init__(self, url: str) -> None:
        self._engine = connect_lazily(url)
        # SQLite has one writer at a time, and waits for it by sleeping. Writers of this
        # process queue up here instead, where the next one wakes at once.
        self._writers = Writers(self._lend, self._take_back)
        self._idle: list[LocalConnection] = []

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[LocalConnection]:
        """Begin a transaction that reads: one consistent view."""
        with translated_errors(), self._connected() as connection:
            connection.run("BEGIN")
            yield connection

    @asynccontextmanager
    async def writing(self, *, is_shared: bool = False) -> AsyncIterator[LocalConnection]:
        """Begin a transaction that writes, alone; it commits at the end of the block.

        is_shared: others that share may be committed with it.
        """
        turn = self._writers.sharing if is_shared else self._writers.alone
        with translated_errors():
            async with turn() as connection:
                yield connection

    @asynccontextmanager
    async def alone(self, job: str) -> AsyncIterator[bool]:
        """Try to take the lock of a job: a file beside the database, which the system unlocks."""
        lock = Path(f"{self._engine.url.database}-{job}")
        with lock.open("w") as file:  # noqa: ASYNC230  an empty file: it takes no time
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                yield False
            else:
                yield True

    async def inspect(self, work: Callable[[Connection], T]) -> T:
        """Do work that reads on a plain connection, in a thread."""
        with translated_errors():
            return await asyncio.to_thread(self._inspect, work)

    async def restructure(self, work: Callable[[Connection], None]) -> None:
        """Do work on the schema in one transaction, in a thread."""
        with translated_errors():
            await asyncio.to_thread(self._restructure, work)

    async def close(self) -> None:
        """Close all connections."""
        await self._writers.close()
        while self._idle:
            self._idle.pop().close()
        self._engine.dispose()

    @contextmanager
    def _connected(self) -> Iterator[LocalConnection]:
        """Lend a connection; one that served without an error is kept for the next caller."""
        connection = self._lend()
        try:
            yield connection
        except BaseException:
            connection.close()
            raise
        self._take_back(connection)

    def _lend(self) -> LocalConnection:
        return self._idle.pop() if self._idle else LocalConnection(self._engine.connect())

    def _take_back(self, connection: LocalConnection) -> None:
        connection.end()
        if len(self._idle) < _IDLE_CONNECTIONS:
            self._idle.append(connection)
        else:
            connection.close()

    def _inspect(self, work: Callable[[Connection], T]) -> T:
        with self._engine.connect() as connection:
            return work(connection)

    def _restructure(self, work: Callable[[Connection], None]) -> None:
        writing = self._engine.connect().execution_options(**{WRITE: True})
        with writing as connection, connection.begin():
            work(connection)


def connect_lazily(url: str) -> Engine:
    """Return SQLAlchemy's engine for `url`; nothing is connected yet.

    There is no limit to its connections: waiting for a free one would hold up the event loop.
    Requests in flight are bounded by the server.
    """
    engine = create_engine(
        url,
        max_overflow=-1,
        connect_args={
            "timeout": BUSY_TIMEOUT_SECONDS,
            "isolation_level": None,
            "check_same_thread": False,  # a transaction may begin and commit in threads, in turn
        },
    )
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    return engine


def _prepare(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
    """Set what holds for every connection.

    WAL lets readers go on while one writes. `synchronous=FULL` syncs the log at each commit:
    what was acknowledged survives a power cut.
    """
    cursor: Any = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin(connection: Connection) -> None:
    """Begin for real: the driver's own BEGIN comes late, and lets two readers turn writers.

    A writer takes the lock at once, so it waits its turn instead of failing half-way.
    """
    driver = driver_of(connection)
    if not driver.in_transaction:
        immediate = connection.get_execution_options().get(WRITE, False)
        run_on_driver(driver, "BEGIN IMMEDIATE" if immediate else "BEGIN")
