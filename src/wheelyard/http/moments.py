"""The present moment: the time and the stamps, asked for once in each turn of the event loop.

Every request of one turn had arrived before that turn began, so what is asked in the turn is
asked after each of them: none is answered with what was true before it was sent.
"""

import asyncio
from collections.abc import Callable
from datetime import date, datetime
from typing import NamedTuple

from wheelyard.http.memory import Kept
from wheelyard.ports.freshness import Freshness, Stamps


class Moment(NamedTuple):
    """A point in time (UTC), its day, and the stamps of what had been committed then."""

    now: datetime
    today: date
    stamps: Stamps


class Moments:
    """Gives each request a moment that is not before its arrival."""

    def __init__(self, freshness: Freshness, clock: Callable[[], datetime]) -> None:
        self._freshness = freshness
        self._clock = clock
        self._present: Moment | None = None

    async def get(self) -> Moment:
        """Return the present moment. Raises Refused (unavailable)."""
        if self._present is not None:
            return self._present
        # Before asking: whoever arrives from now on is served after the moment has passed.
        asyncio.get_running_loop().call_soon(self._pass)
        now = self._clock()
        stamps = self._freshness.present()
        if stamps is None:
            return Moment(now, now.date(), await self._freshness.stamps())
        self._present = Moment(now, now.date(), stamps)
        return self._present

    async def holds(self, kept: Kept, moment: Moment) -> bool:
        """Tell whether what was kept is so now. Raises Refused (unavailable)."""
        if kept.checked == moment.stamps.serial:
            return True
        if kept.name is None or kept.project_id is None:
            serial: int | None = moment.stamps.listing
        else:
            serial = await self._freshness.page_serial(kept.project_id, kept.name)
        if serial != kept.serial:
            return False
        kept.checked = moment.stamps.serial
        return True

    def _pass(self) -> None:
        self._present = None
