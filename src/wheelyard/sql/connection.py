"""What the resources need of a connection, and how SQLite gives it without a thread per statement.

A statement on SQLite takes some ten microseconds, from memory. An adapter that makes it
asynchronous by sending it to a thread (aiosqlite: four visits for one statement) takes a hundred
times that. So statements run where they are awaited; only what waits for a disk or for another
process goes to a thread: COMMIT, and BEGIN IMMEDIATE while the lock is taken.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any, Protocol, cast

import sqlalchemy
from sqlalchemy import CursorResult, Executable, Row, ScalarResult

from wheelyard.sql.prepared import PREPARED, LocalStatement, driver_of, run_on_driver

Parameters = Mapping[str, Any] | Sequence[Mapping[str, Any]] | None

Rows = CursorResult[*tuple[Any, ...]]

_STREAMED_ROWS = 500


class Connection(Protocol):
    """A connection within a transaction, as `wheelyard.sql` uses it."""

    @property
    def dialect(self) -> sqlalchemy.Dialect:
        """The dialect that statements are compiled for."""

    async def execute(self, statement: Executable, parameters: Parameters = None) -> Rows:
        """Run a statement and return its result."""

    async def scalar(self, statement: Executable) -> Any:
        """Run a statement and return the first column of its first row, or None."""

    async def scalars(self, statement: Executable) -> ScalarResult[Any]:
        """Run a statement and return the first column of its rows."""

    def stream(self, statement: Executable) -> AsyncIterator[Row[*tuple[Any, ...]]]:
        """Iterate over rows without holding all of them in memory."""


class LocalConnection:
    """A `Connection` on SQLite: statements run at once, in the caller's thread.

    Transactions begin and end on the driver; SQLAlchemy, which runs what is not prepared, finds
    them begun. So one connection serves one transaction after the other, at little cost.
    """

    def __init__(self, connection: sqlalchemy.Connection) -> None:
        self._connection = connection
        self._driver = driver_of(connection)

    @property
    def dialect(self) -> sqlalchemy.Dialect:
        """The dialect that statements are compiled for."""
        return self._connection.dialect

    async def execute(self, statement: Executable, parameters: Parameters = None) -> Rows:
        """Run a statement and return its result."""
        local: LocalStatement | None = statement.get_execution_options().get(PREPARED)
        if local is None or isinstance(parameters, Sequence):
            return self._connection.execute(statement, parameters)
        rows = local.run(self._driver, self.dialect, parameters or {})
        return cast("Rows", rows)  # but for what `LocalRows` does not have, such as `rowcount`

    async def scalar(self, statement: Executable) -> Any:
        """Run a statement and return the first column of its first row, or None."""
        return self._connection.scalar(statement)

    async def scalars(self, statement: Executable) -> ScalarResult[Any]:
        """Run a statement and return the first column of its rows."""
        return self._connection.scalars(statement)

    async def stream(self, statement: Executable) -> AsyncIterator[Row[*tuple[Any, ...]]]:
        """Iterate over rows; between portions, others get their turn."""
        options = {"yield_per": _STREAMED_ROWS}
        result = self._connection.execute(statement, execution_options=options)
        for rows in result.partitions():
            for row in rows:
                yield row
            await asyncio.sleep(0)

    def run(self, text: str) -> None:
        """Run SQL as it stands, such as BEGIN and COMMIT. Raises SQLAlchemy's DBAPIError."""
        run_on_driver(self._driver, text)

    def end(self) -> None:
        """Take back what was not committed: the next transaction may begin."""
        if self._connection.in_transaction():
            self._connection.rollback()
        elif self._driver.in_transaction:
            self._driver.rollback()

    def close(self) -> None:
        """Give the connection back."""
        self._connection.close()
