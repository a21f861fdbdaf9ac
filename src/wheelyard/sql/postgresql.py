"""PostgreSQL: its connections, limits of time, and the lock that makes its writers queue."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from hashlib import sha256
from typing import Any, TypeVar

import asyncpg
import sqlalchemy
from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

from wheelyard.ports.freshness import Stamps
from wheelyard.sql.failures import translated_network_errors
from wheelyard.sql.hosts import Hosts
from wheelyard.sql.queueing import WriterQueue
from wheelyard.sql.schema import counters
from wheelyard.sql.serial import to_stamps
from wheelyard.sql.server_connection import ServerConnection
from wheelyard.sql.turns import take_turn

T = TypeVar("T")

POOL_SIZE = 8
"""Connections of a process for its requests; a request has one for some milliseconds."""

POOL_SECONDS = 5.0
"""How long a request waits for one of them."""

COMMAND_SECONDS = 10.0
"""How long a statement or a commit may take before its connection is given up."""

LOCK_SECONDS = 5
"""How long a writer waits for those of other processes."""

_SESSION = {
    "application_name": "wheelyard",
    "timezone": "UTC",
    "jit": "off",  # statements are short: compiling them would take longer
    "statement_timeout": "8s",  # below COMMAND_SECONDS, so that the server speaks first
    "lock_timeout": f"{LOCK_SECONDS}s",
    # A node that is stuck, cut off or dead gives up its locks after this.
    "idle_in_transaction_session_timeout": "60s",
    "tcp_keepalives_idle": "10",
    "tcp_keepalives_interval": "5",
    "tcp_keepalives_count": "3",
    "client_connection_check_interval": "2s",
}


class PostgresEngine:
    """A `wheelyard.sql.engine.Engine` on a PostgreSQL server, or on whichever of several leads."""

    def __init__(self, url: str) -> None:
        self._hosts = Hosts(url)
        engine = create_async_engine(
            "postgresql+asyncpg://",
            async_creator=self._connect,
            pool_size=POOL_SIZE,
            max_overflow=0,
            pool_timeout=POOL_SECONDS,
            pool_use_lifo=True,
        )
        self._engine = engine
        self._readers = engine.execution_options(
            isolation_level="REPEATABLE READ", postgresql_readonly=True
        )
        self._writers = engine.execution_options(isolation_level="READ COMMITTED")
        self._queue = WriterQueue()
        self.on_commit: Callable[[Stamps], None] | None = None

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[ServerConnection]:
        """Begin a transaction that reads: one consistent view, from its first statement on."""
        async with _closing(ServerConnection(self._readers)) as connection:
            yield connection

    @asynccontextmanager
    async def writing(
        self,
        *,
        is_shared: bool = False,  # noqa: ARG002  a connection holds one writer's transaction
    ) -> AsyncIterator[ServerConnection]:
        """Begin a transaction that writes, alone; it commits at the end of the block.

        The lock comes first, so each statement sees all that was committed before.
        """
        async with self._queue.turn(), _closing(ServerConnection(self._writers)) as connection:
            before = await take_turn(connection)
            yield connection
            after = to_stamps(await connection.execute(select(counters)))
            await connection.commit()
        if self.on_commit is not None and after.serial != before:
            self.on_commit(after)

    @asynccontextmanager
    async def alone(self, job: str) -> AsyncIterator[bool]:
        """Try to take the lock of a job, which ends with its connection and so with this process.

        The connection is one of its own, outside of any transaction, as the job may take long.
        """
        engine = self._patient_engine().execution_options(isolation_level="AUTOCOMMIT")
        with translated_network_errors():
            connection = await engine.connect()
        try:
            with translated_network_errors():
                is_free = await connection.scalar(select(func.pg_try_advisory_lock(lock_key(job))))
            yield bool(is_free)
        finally:
            with translated_network_errors():
                await connection.close()

    async def inspect(self, work: Callable[[sqlalchemy.Connection], T]) -> T:
        """Do work that reads on a plain connection, in a greenlet."""
        with translated_network_errors():
            async with self._engine.connect() as connection:
                return await connection.run_sync(work)

    async def restructure(self, work: Callable[[sqlalchemy.Connection], None]) -> None:
        """Do work on the schema in one transaction, for which other nodes wait."""
        engine = self._patient_engine()
        with translated_network_errors():
            async with engine.begin() as connection:
                await connection.execute(select(func.pg_advisory_xact_lock(lock_key("migration"))))
                # While a change waits for a table, everybody who comes later waits behind it.
                await connection.execute(text(f"SET LOCAL lock_timeout = '{LOCK_SECONDS}s'"))
                await connection.run_sync(work)

    async def listener(self, command_seconds: float) -> "asyncpg.Connection[asyncpg.Record]":
        """Open a connection beside the pool. Raises OSError, or asyncpg's errors."""
        return await self._hosts.connect(command_timeout=command_seconds, server_settings=_SESSION)

    async def standbys(self, command_seconds: float) -> "list[asyncpg.Connection[asyncpg.Record]]":
        """Open connections to the hosts beside one that is gone; none unless all others answer."""
        return await self._hosts.connect_others(
            command_timeout=command_seconds, server_settings=_SESSION
        )

    async def close(self) -> None:
        """Close all connections."""
        await self._engine.dispose()

    async def _connect(self) -> "asyncpg.Connection[asyncpg.Record]":
        return await self._hosts.connect(command_timeout=COMMAND_SECONDS, server_settings=_SESSION)

    def _patient_engine(self) -> AsyncEngine:
        settings = {**_SESSION, "statement_timeout": "0", "lock_timeout": "0"}

        async def connect() -> Any:
            return await self._hosts.connect(server_settings=settings)

        return create_async_engine(
            "postgresql+asyncpg://", async_creator=connect, poolclass=NullPool
        )


def lock_key(job: str) -> int:
    """Return the key of a job's advisory lock; other programs on the database hardly use it."""
    return int.from_bytes(sha256(f"wheelyard {job}".encode()).digest()[:8], signed=True)


@asynccontextmanager
async def _closing(connection: ServerConnection) -> AsyncIterator[ServerConnection]:
    try:
        yield connection
    finally:
        await connection.close()
