"""Standbys as witnesses: what has been committed, told by other servers while the primary is gone.

Where the primary waits for a standby, nobody is told of a commit that the standby lacks. So while
the primary cannot be reached, standbys that have replayed all that they received know at least
what anybody was told of, and pages in memory can be compared with that. All hosts of the URL but
one must answer, since any of them may be the one that the primary waited for.
"""

import asyncio
import logging
import time
from collections.abc import Sequence
from typing import Any

import asyncpg

from wheelyard.domain.names import NormalisedName
from wheelyard.ports.freshness import Stamps
from wheelyard.sql.postgresql import PostgresEngine
from wheelyard.sql.replay import Replay
from wheelyard.sql.serial import to_stamps

IS_COPIED = (
    "current_setting('synchronous_standby_names') <> ''"
    " AND current_setting('synchronous_commit') IN ('on', 'remote_apply')"
)
"""Whether a primary tells of no commit before a standby has it, as an expression of SQL."""

LOST = (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError)
"""What asyncpg raises when a connection is lost, or not to be had."""

_ANSWER_SECONDS = 3.0

_VOUCHED_FOR = "the other database servers vouch for what is in memory"
_MISSING = (
    "nothing is served from memory: it takes all of the database's servers but one to vouch for it"
)
_BEHIND = "nothing is served from memory: a standby has not replayed all that it has received"

_COUNTERS = "SELECT name, value FROM counters"
_PAGE_SERIAL = "SELECT serial FROM names WHERE project_id = $1 AND normalised = $2"

_log = logging.getLogger(__name__)


class Witnesses:
    """Connections to standbys, while they are needed."""

    def __init__(self, engine: PostgresEngine) -> None:
        self._engine = engine
        self._standbys: Sequence[Any] = ()
        self._replay = Replay()
        self._turn = asyncio.Lock()  # a connection answers one question at a time
        self._reported = ""

    @property
    def is_there(self) -> bool:
        """Whether there are any to be asked."""
        return bool(self._standbys)

    async def call(self) -> None:
        """Connect to the standbys, unless that is done; it is no error when there are none."""
        if not self._standbys:
            self._standbys = await self._engine.standbys(_ANSWER_SECONDS)
            if not self._standbys:
                self._report(_MISSING)

    def dismiss(self) -> None:
        """Close the connections: the primary is back."""
        self._hang_up()
        self._reported = ""

    def _hang_up(self) -> None:
        for standby in self._standbys:
            standby.terminate()
        self._standbys = ()

    async def stamps(self) -> Stamps | None:
        """Return the stamps, or None when they cannot be told for sure."""
        told = await self._ask(_COUNTERS)
        return max(map(to_stamps, told), default=None)

    async def page_serial(self, project_id: int, name: NormalisedName) -> int | None:
        """Return the serial of a name's latest change; None for an unknown one, or no answer."""
        told = await self._ask(_PAGE_SERIAL, project_id, name)
        return max((row["serial"] for rows in told for row in rows), default=None)

    async def _ask(self, question: str, *values: object) -> Sequence[Sequence[Any]]:
        """Return what each standby answers; nothing at all when one of them is not current."""
        until = time.monotonic() + _ANSWER_SECONDS
        async with self._turn:
            try:
                for standby in self._standbys:
                    if not await self._replay.catches_up(standby, until):
                        self._report(_BEHIND)
                        return []
                told = [await standby.fetch(question, *values) for standby in self._standbys]
            except LOST:
                self._hang_up()
                return []
        if told:
            self._report(_VOUCHED_FOR)
        return told

    def _report(self, state: str) -> None:
        """Log it, unless that is so already: many requests meet it."""
        if state != self._reported:
            _log.warning("%s", state)
            self._reported = state
