"""Usage: write down, every few seconds, which tokens and files were used.

It leaves no audit event: nobody changed anything.
"""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator
from typing import Protocol

from wheelyard.domain.errors import Refused
from wheelyard.domain.usage import Usage
from wheelyard.ports.database import Database

FLUSH_SECONDS = 3.0

_log = logging.getLogger(__name__)


class Collector(Protocol):
    """Where requests leave what they use."""

    def take(self) -> Usage:
        """Return the batch and begin a new one."""

    def put_back(self, batch: Usage) -> None:
        """Add a batch that could not be written to the present one."""


@contextlib.asynccontextmanager
async def recorded_usage(
    db: Database, collector: Collector, interval_seconds: float = FLUSH_SECONDS
) -> AsyncIterator[None]:
    """Write the collected usage down regularly while in this context, and once at its end."""
    stopping = asyncio.Event()
    task = asyncio.create_task(_record_regularly(db, collector, interval_seconds, stopping))
    try:
        yield
    finally:
        stopping.set()
        await task


async def record_usage(db: Database, collector: Collector) -> None:
    """Write one batch, in one transaction; no transaction when nothing happened.

    A database that is busy or full gets the batch next time.
    """
    batch = collector.take()
    if batch.is_empty:
        return
    try:
        async with db.write() as tx:
            await tx.usage.add(batch)
    except Refused as refused:
        _log.warning("usage could not be written, and is kept for later: %s", refused.detail)
        collector.put_back(batch)


async def _record_regularly(
    db: Database, collector: Collector, interval_seconds: float, stopping: asyncio.Event
) -> None:
    is_last = False
    while not is_last:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stopping.wait(), interval_seconds)
        is_last = stopping.is_set()
        try:
            await record_usage(db, collector)
        except Exception:  # noqa: BLE001  the log has it; figures are no reason to stop serving
            _log.exception("usage could not be written")
