"""How the caches of a node on PostgreSQL learn of changes: they are told, and know when not.

Each transaction that moves a counter sends a notification at its commit (a trigger does it). A
process listens on one connection, and asks on it every second for the counters themselves: while
answers come, it has been told of everything. Without an answer for `SURE_SECONDS` it is sure of
nothing, and every use of a cache asks the database first; when that is gone, a standby that knows
as much.
"""

import asyncio
import contextlib
import json
import logging
import time
from typing import Any

from sqlalchemy import select

from wheelyard.domain.names import NormalisedName
from wheelyard.ports.freshness import Stamps
from wheelyard.sql.neighbours import Neighbours
from wheelyard.sql.postgresql import PostgresEngine
from wheelyard.sql.schema import counters, names
from wheelyard.sql.serial import to_stamps
from wheelyard.sql.witnesses import IS_COPIED, LOST, Witnesses

CHANNEL = "wheelyard"

BEAT_SECONDS = 1.0
SURE_SECONDS = 3.0
"""How long after a question that was answered nothing can have been missed unnoticed."""

RETRY_SECONDS = 0.5

_COUNTERS = f"SELECT name, value, {IS_COPIED} FROM counters"  # noqa: S608  ours

_UNKNOWN = Stamps(-1, -1, -1)

_log = logging.getLogger(__name__)


class PostgresFreshness:
    """`wheelyard.ports.freshness.Freshness` for one process on a PostgreSQL engine.

    It begins to listen when it is first asked: a command that only writes a row does not.
    """

    def __init__(self, engine: PostgresEngine, neighbours: Neighbours) -> None:
        self._engine = engine
        self._neighbours = neighbours
        self._stamps = _UNKNOWN
        self._sure_until = 0.0
        self._listening: asyncio.Task[None] | None = None
        self._is_copied = False
        self._witnesses = Witnesses(engine)
        engine.on_commit = self._committed

    def present(self) -> Stamps | None:
        """Return the stamps, or None while it is not sure that it has been told of everything."""
        if self._listening is None:
            self._listening = asyncio.create_task(self._listen())
        if time.monotonic() > self._sure_until or self._neighbours.serial > self._stamps.serial:
            return None
        return self._stamps

    async def stamps(self) -> Stamps:
        """Return the stamps, as the database has them now."""
        if self._witnesses.is_there:
            told = await self._witnesses.stamps()
            if told is not None and told.serial >= max(
                self._stamps.serial, self._neighbours.serial
            ):
                self._learn(told)
                return told
        async with self._engine.reading() as connection:
            stamps = to_stamps(await connection.execute(select(counters)))
        self._learn(stamps)
        return stamps

    async def page_serial(self, project_id: int, name: NormalisedName) -> int | None:
        """Return the serial of a name's latest change, None for an unknown one."""
        if self._witnesses.is_there:
            return await self._witnesses.page_serial(project_id, name)
        async with self._engine.reading() as connection:
            serial: int | None = await connection.scalar(
                select(names.c.serial).where(
                    names.c.project_id == project_id, names.c.normalised == name
                )
            )
        return serial

    async def close(self) -> None:
        """Stop listening."""
        if self._listening is not None:
            self._listening.cancel()
            await asyncio.wait([self._listening])
        self._witnesses.dismiss()
        self._neighbours.close()

    def _committed(self, stamps: Stamps) -> None:
        """Know of this process's own change at once, and tell the other processes of the node."""
        self._learn(stamps)
        self._neighbours.tell(stamps.serial)

    def _learn(self, stamps: Stamps) -> None:
        """Take in what may be older than what is known: answers overtake notifications."""
        if stamps.serial > self._stamps.serial:
            self._stamps = stamps

    async def _listen(self) -> None:
        is_reported = False
        while True:
            try:
                await self._listen_once()
                is_reported = False
            except LOST as error:
                is_sure = time.monotonic() < self._sure_until
                if is_sure or not is_reported:
                    alone = "" if self._is_copied else " (it waited for no standby)"
                    _log.warning(
                        "not told of changes until the database is back%s: %s", alone, error
                    )
                is_reported = True
            self._sure_until = 0.0
            if self._is_copied:
                await self._witnesses.call()
            await asyncio.sleep(RETRY_SECONDS)

    async def _listen_once(self) -> None:
        """Listen for as long as the connection lasts."""
        lost = asyncio.Event()
        connection = await self._engine.listener(SURE_SECONDS)
        self._witnesses.dismiss()
        self._stamps = _UNKNOWN  # those of a new leader may be smaller
        try:
            connection.add_termination_listener(lambda _connection: lost.set())
            await connection.add_listener(CHANNEL, self._told)
            while not lost.is_set():
                await self._ask(connection)
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(lost.wait(), BEAT_SECONDS)
        finally:
            connection.terminate()

    async def _ask(self, connection: Any) -> None:
        asked_at, told = time.monotonic(), self._neighbours.serial
        rows = await connection.fetch(_COUNTERS)
        stamps = to_stamps((name, value) for name, value, _ in rows)
        self._is_copied = all(is_copied for _, _, is_copied in rows)
        if told > stamps.serial:
            self._neighbours.correct(stamps.serial)
        self._learn(stamps)
        self._sure_until = asked_at + SURE_SECONDS

    def _told(self, _connection: object, _pid: int, _channel: str, payload: str) -> None:
        self._learn(to_stamps(json.loads(payload).items()))
