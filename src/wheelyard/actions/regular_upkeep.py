"""Upkeep while the server runs: each process for its own spool, one process of all for the rest."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from wheelyard.actions.sessions import purge_sessions
from wheelyard.actions.upkeep import GRACE, collect_orphans
from wheelyard.domain.errors import Refused
from wheelyard.ports.blobs import Blobs
from wheelyard.ports.database import Database
from wheelyard.ports.spool import Spool

UPKEEP = "upkeep"
"""Names the chore, and the right to do it."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Rhythm:
    """How often a process looks whether upkeep is due, and when it is."""

    look_every: timedelta = timedelta(minutes=10)
    due_every: timedelta = timedelta(days=1)


@asynccontextmanager
async def regular_upkeep(
    db: Database,
    blobs: Blobs,
    spool: Spool,
    clock: Callable[[], datetime],
    rhythm: Rhythm | None = None,
) -> AsyncIterator[None]:
    """Look after the server while in this context. What fails is logged, and tried again."""
    task = asyncio.create_task(_keep_up(db, blobs, spool, clock, rhythm or Rhythm()))
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def upkeep_if_due(
    db: Database, blobs: Blobs, clock: Callable[[], datetime], every: timedelta
) -> bool:
    """Do the upkeep that concerns all processes, unless it was done or is being done by another.

    Returns whether it was done here. Raises Refused (unavailable).
    """
    async with db.alone(UPKEEP) as is_alone:
        if not is_alone or not await _is_due(db, clock(), every):
            return False
        count, size_bytes = await collect_orphans(db, blobs, clock())
        sessions = await purge_sessions(db, clock())
        async with db.write() as tx:
            await tx.chores.note_done(UPKEEP, clock())
    _log.info(
        "upkeep removed %d orphaned files (%d bytes) and %d sessions", count, size_bytes, sessions
    )
    return True


async def _is_due(db: Database, now: datetime, every: timedelta) -> bool:
    async with db.read() as tx:
        done_at = await tx.chores.done_at(UPKEEP)
    return done_at is None or now - done_at >= every


async def _keep_up(
    db: Database, blobs: Blobs, spool: Spool, clock: Callable[[], datetime], rhythm: Rhythm
) -> None:
    while True:
        await asyncio.sleep(rhythm.look_every.total_seconds())
        try:
            await spool.clean(GRACE.total_seconds())
            await upkeep_if_due(db, blobs, clock, rhythm.due_every)
        except Refused as refused:
            _log.warning("upkeep is put off: %s", refused.detail)
        except Exception:  # noqa: BLE001  the log has it; rubbish is no reason to stop serving
            _log.exception("upkeep failed")
