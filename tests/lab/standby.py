"""What can befall the standby: its primary dies within a record, or it does not replay."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import asyncpg

from databases import fetch

_PAGES_SECONDS = 0.5
"""After this long the primary has written whole pages of what nobody waits for."""

_TRIES = 20

_HALF = "SELECT pg_logical_emit_message(false, 'lab', repeat('x', 20000))"

_IS_IN_RECORD = """
    SELECT pg_last_wal_replay_lsn() < pg_last_wal_receive_lsn()
        AND (pg_last_wal_receive_lsn() - '0/0') % current_setting('wal_block_size')::int = 0
"""


class Standby:
    """The server that follows at present; both URLs are a superuser's."""

    def __init__(self, primary_url: str, url: str) -> None:
        self._primary_url = primary_url
        self._url = url

    def await_half_a_record(self, then: Callable[[], None]) -> None:
        """Let the primary send pages that end within a record, and do something at that moment.

        A message that nobody waits for is written by pages until its transaction ends.
        """
        asyncio.run(self._await_half_a_record(then))

    def has_half_a_record(self) -> bool:
        """Tell whether it has received whole pages, and not the end of the last record in them."""
        [(is_so,)] = fetch(self._url, _IS_IN_RECORD)
        return bool(is_so)

    @contextmanager
    def held_replay(self) -> Iterator[None]:
        """Let it receive, but not replay: as when a query on it is in the way."""
        fetch(self._url, "SELECT pg_wal_replay_pause()")
        try:
            yield
        finally:
            fetch(self._url, "SELECT pg_wal_replay_resume()")

    async def _await_half_a_record(self, then: Callable[[], None]) -> None:
        here, there = await asyncpg.connect(self._url), await asyncpg.connect(self._primary_url)
        try:
            await there.execute("BEGIN")
            for _ in range(_TRIES):
                await there.execute(_HALF)
                await asyncio.sleep(_PAGES_SECONDS)
                if await here.fetchval(_IS_IN_RECORD):
                    then()
                    return
        finally:
            here.terminate()
            there.terminate()
        raise AssertionError("the standby has got no part of a record")
