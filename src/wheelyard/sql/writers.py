"""SQLite's writers in one process: one at a time, and committed together.

A commit waits for the disk, and there is one at a time. So whoever waits for the lock when a writer
has done its work goes on in the same transaction, within a savepoint of its own, and one commit
is for all of them. Nobody is told of success before it. Both have to have said that they share: it
is not for those who do, inside the transaction, what cannot be taken back, such as deleting files.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager, contextmanager
from functools import partial
from typing import Any

from sqlalchemy.exc import DBAPIError, OperationalError

from wheelyard.sql.connection import LocalConnection
from wheelyard.sql.queueing import WriterQueue

BUSY_TIMEOUT_SECONDS = 5.0
"""How long a writer waits for those of other processes."""

_WAIT_WHEN_BUSY = f"PRAGMA busy_timeout={int(BUSY_TIMEOUT_SECONDS * 1000)}"


class _Group:
    """Writers in one transaction; `ended` is done once it is committed, or lost."""

    def __init__(self, connection: LocalConnection) -> None:
        self.connection = connection
        self.ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()


class Writers:
    """The queue of writers; `lend` opens a connection, `take_back` gets it after a commit."""

    def __init__(
        self,
        lend: Callable[[], LocalConnection],
        take_back: Callable[[LocalConnection], None],
    ) -> None:
        self._lend = lend
        self._take_back = take_back
        self._queue = WriterQueue()
        self._group: _Group | None = None
        self._commits: set[asyncio.Task[None]] = set()

    @asynccontextmanager
    async def alone(self) -> AsyncIterator[LocalConnection]:
        """Write alone; what the block did is committed when this ends, or gone if it raised.

        Raises Refused when the turn does not come, and SQLAlchemy's DBAPIError.
        """
        async with self._queue.turn():
            if self._group is not None:
                await asyncio.shield(self._start(self._commit(self._group)))
            connection = self._lend()
            with _closed_on_error(connection):
                await _begin_to_write(connection)
                yield connection
                await _in_thread(partial(connection.run, "COMMIT"))
            self._take_back(connection)

    @asynccontextmanager
    async def sharing(self) -> AsyncIterator[LocalConnection]:
        """Write in turn, in a transaction with others who share; else as `alone`."""
        async with self._queue.turn():
            group = self._group
            if group is None:
                group = await self._begin()
                with _closed_on_error(group.connection):
                    yield group.connection
                self._commit_soon(group)
            else:
                with self._savepoint(group):
                    yield group.connection
        # Shielded: if this one's client goes away, the others still want to know.
        await asyncio.shield(group.ended)

    async def close(self) -> None:
        """Wait for what is being committed."""
        if self._commits:
            await asyncio.wait(self._commits)

    async def _begin(self) -> _Group:
        connection = self._lend()
        with _closed_on_error(connection):
            await _begin_to_write(connection)
        return _Group(connection)

    @contextmanager
    def _savepoint(self, group: _Group) -> Iterator[None]:
        run = group.connection.run
        run("SAVEPOINT writer")
        try:
            yield
            run("RELEASE writer")
        except BaseException:
            try:
                run("ROLLBACK TO writer")
                run("RELEASE writer")
            except DBAPIError as error:
                # Some failures, such as a full disk, make SQLite give up the whole transaction.
                self._fail(group, error)
            raise

    def _commit_soon(self, group: _Group) -> None:
        """Queue up for the commit: behind those who wait now, who thereby join the group."""
        self._group = group
        self._start(self._commit_in_turn(group))

    async def _commit_in_turn(self, group: _Group) -> None:
        async with self._queue.turn(None):
            if self._group is group:
                await self._commit(group)

    async def _commit(self, group: _Group) -> None:
        """Commit for all of the open group. In a task of its own: nobody who goes away stops it."""
        self._group = None
        try:
            await _in_thread(partial(group.connection.run, "COMMIT"))
        except DBAPIError as error:
            self._fail(group, error)
        else:
            self._take_back(group.connection)
            group.ended.set_result(None)

    def _start(self, commit: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(commit)
        self._commits.add(task)
        task.add_done_callback(self._commits.discard)
        return task

    def _fail(self, group: _Group, error: DBAPIError) -> None:
        self._group = None
        group.connection.close()
        group.ended.set_exception(error)


@contextmanager
def _closed_on_error(connection: LocalConnection) -> Iterator[None]:
    """Close a connection on which something went wrong: that takes back what it did."""
    try:
        yield
    except BaseException:
        connection.close()
        raise


async def _begin_to_write(connection: LocalConnection) -> None:
    """Begin with the write lock, so that no reader has to turn writer half-way.

    In most cases nobody has it, and there is nothing to wait for in a thread.
    """
    connection.run("PRAGMA busy_timeout=0")
    try:
        connection.run("BEGIN IMMEDIATE")
    except OperationalError:
        connection.run(_WAIT_WHEN_BUSY)
        await _in_thread(partial(connection.run, "BEGIN IMMEDIATE"))
    else:
        connection.run(_WAIT_WHEN_BUSY)


async def _in_thread(work: Callable[[], None]) -> None:
    """Do work in a thread; whoever is cancelled meanwhile waits for its end all the same.

    Else the connection would be used by two threads.
    """
    working = asyncio.get_running_loop().run_in_executor(None, work)
    try:
        await asyncio.shield(working)
    except asyncio.CancelledError:
        await asyncio.wait([working])
        raise
