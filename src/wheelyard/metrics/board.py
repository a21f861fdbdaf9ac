"""The board: what this process counts, in its slot of memory that the others can read.

To count is to add to a number in memory. prometheus_client's own files for several processes take
a lock, a check of the process and two packed numbers for each addition; it is used for what comes
after, the text.
"""

import asyncio
import json
from pathlib import Path

from wheelyard.domain.metrics import FAMILIES, WORKERS, Family, Kind
from wheelyard.metrics.slots import CELLS, Slot
from wheelyard.ports.metrics import Exposition

_BY_NAME = {family.name: family for family in FAMILIES}
_SPARE = max(family.cells for family in FAMILIES)


class Board:
    """`wheelyard.ports.metrics.Metrics` in a folder that the worker processes share."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._slot = Slot(folder)
        self._positions: dict[tuple[str, ...], int] = {}
        self._end = _SPARE  # what lies before is for series that find no room any more
        for line in self._slot.names():
            name, labels, position = json.loads(line)
            self._positions[name, *labels] = position
            self._end = position + _BY_NAME[name].cells
            if _BY_NAME[name].kind is Kind.GAUGE:  # of the process that died
                self._slot.cells[position] = 0.0
        self.count(WORKERS)

    def observe_lowest(self, family: Family, *labels: str, total: float, times: int) -> None:
        """Add several values, `total` together, that all are in a histogram's lowest bucket."""
        position, cells = self._position(family, *labels), self._slot.cells
        cells[position] += total
        cells[position + 1] += times

    def count(self, family: Family, *labels: str, amount: float = 1) -> None:
        """Add to a counter or a gauge."""
        self._slot.cells[self._position(family, *labels)] += amount

    def observe(self, family: Family, *labels: str, value: float) -> None:
        """Add a value to a histogram."""
        position, cells = self._position(family, *labels), self._slot.cells
        cells[position] += value
        cells[position + 1 + family.bucket(value)] += 1

    async def expose(self, accept: str) -> Exposition:
        """Return the figures of all processes that count in the folder."""
        # Loaded by the first who asks: a server that nobody watches does without.
        from wheelyard.metrics.exposition import expose  # noqa: PLC0415

        return await asyncio.to_thread(expose, self._folder, accept)

    def _position(self, family: Family, *labels: str) -> int:
        """Return where a series' first cell is; the series is made if there is none."""
        position = self._positions.get((family.name, *labels))
        return self._add(family, labels) if position is None else position

    def _add(self, family: Family, labels: tuple[str, ...]) -> int:
        position = self._end
        if position + family.cells > CELLS:
            return 0
        self._slot.add_name(json.dumps([family.name, labels, position]))
        self._end += family.cells
        self._positions[family.name, *labels] = position
        return position
