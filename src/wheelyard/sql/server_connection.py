"""A connection to a database server: statements are round trips, over a network that may fail."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, TypeVar

import sqlalchemy
from sqlalchemy import Executable, Row, ScalarResult
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from wheelyard.domain.errors import Refused
from wheelyard.sql.connection import Parameters, Rows
from wheelyard.sql.failures import is_connection_lost, is_of_driver, translated_network_errors

T = TypeVar("T")

_STREAMED_ROWS = 500


class ServerConnection:
    """A `Connection` that is taken from the pool, and begins its transaction, when first used.

    A pooled connection may be dead without anybody knowing: the server was restarted, or another
    one leads now. So the first statement, on which nothing depends yet, is tried once more.
    """

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._connection: AsyncConnection | None = None

    @property
    def dialect(self) -> sqlalchemy.Dialect:
        """The dialect that statements are compiled for."""
        return self._engine.dialect

    async def execute(self, statement: Executable, parameters: Parameters = None) -> Rows:
        """Run a statement and return its result."""
        return await self._run(lambda connection: connection.execute(statement, parameters))

    async def scalar(self, statement: Executable) -> Any:
        """Run a statement and return the first column of its first row, or None."""
        return await self._run(lambda connection: connection.scalar(statement))

    async def scalars(self, statement: Executable) -> ScalarResult[Any]:
        """Run a statement and return the first column of its rows."""
        return await self._run(lambda connection: connection.scalars(statement))

    async def stream(self, statement: Executable) -> AsyncIterator[Row[*tuple[Any, ...]]]:
        """Iterate over rows; a cursor on the server brings them in portions."""
        options = {"yield_per": _STREAMED_ROWS}
        result = await self._run(
            lambda connection: connection.stream(statement, execution_options=options)
        )
        with translated_network_errors():
            async for row in result:
                yield row

    async def commit(self) -> None:
        """Commit what was written, if a transaction was begun."""
        if self._connection is not None:
            await self._on(self._connection, lambda connection: connection.commit())

    async def close(self) -> None:
        """Take back what was not committed, and give the connection back."""
        connection, self._connection = self._connection, None
        if connection is not None:
            with translated_network_errors():
                await connection.close()

    async def _run(self, work: Callable[[AsyncConnection], Awaitable[T]]) -> T:
        if self._connection is not None:
            return await self._on(self._connection, work)
        try:
            return await self._begin(work)
        except Refused as refused:
            if not is_connection_lost(refused):
                raise
            await self.close()
            return await self._begin(work)

    async def _begin(self, work: Callable[[AsyncConnection], Awaitable[T]]) -> T:
        with translated_network_errors():
            self._connection = await self._engine.connect()
        return await self._on(self._connection, work)

    async def _on(
        self, connection: AsyncConnection, work: Callable[[AsyncConnection], Awaitable[T]]
    ) -> T:
        with translated_network_errors():
            try:
                return await work(connection)
            except OSError:  # no answer, or half of one: nobody may use it again
                await connection.invalidate()
                raise
            except DBAPIError as error:
                if is_of_driver(error):
                    await connection.invalidate()
                raise
