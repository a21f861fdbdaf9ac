"""The queue of a process's writers: the next one wakes at once, and none waits for ever."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from wheelyard.sql.failures import BUSY, unavailable

QUEUE_SECONDS = 30.0
"""How long a writer waits for those of its own process: clients wait about as long."""


class WriterQueue:
    """One writer of this process at a time.

    The database has its own lock. Without this queue, each waiting writer would hold a connection
    or poll.
    """

    def __init__(self) -> None:
        self._lock = asyncio.Lock()

    @asynccontextmanager
    async def turn(self, patience_seconds: float | None = QUEUE_SECONDS) -> AsyncIterator[None]:
        """Wait for this writer's turn, and hold it; turns come in the order of asking.

        Raises Refused when it does not come within `patience_seconds` (None: wait for ever).
        """
        try:
            async with asyncio.timeout(patience_seconds):
                await self._lock.acquire()
        except TimeoutError as error:
            raise unavailable(BUSY) from error
        try:
            yield
        finally:
            self._lock.release()
