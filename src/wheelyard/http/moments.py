"""The present moment: the time and the stamps, asked for once in each turn of the event loop.

The requests of one turn had begun to arrive before that turn began, so none is answered with what
was true before it was sent. No connection gives a second one in the same turn
(`wheelyard.serving.connection`).
"""

import asyncio
from collections.abc import Callable
from datetime import date, datetime
from typing import NamedTuple

from wheelyard.http.memory import Kept
from wheelyard.ports.freshness import Freshness, Stamps

_MOST_USES = 500
"""Of a moment. libuv hands out up to 1,024 events before it looks at the sockets once more."""


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
        self._uses = 0

    def at_once(self) -> Moment | None:
        """Return the present moment, if it can be told without waiting."""
        present = self._present
        if present is not None and self._uses < _MOST_USES:
            self._uses += 1
            return present
        # Before asking: whoever arrives from now on is served after the moment has passed.
        asyncio.get_running_loop().call_soon(self._pass)
        now = self._clock()
        stamps = self._freshness.present()
        if stamps is None:
            return None
        self._present, self._uses = Moment(now, now.date(), stamps), 1
        return self._present

    async def get(self) -> Moment:
        """Return the present moment. Raises Refused (unavailable)."""
        moment = self.at_once()
        if moment is None:
            now = self._clock()
            moment = Moment(now, now.date(), await self._freshness.stamps())
        return moment

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
