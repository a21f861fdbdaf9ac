"""Charts: from numbers to the geometry of bars, which `macros/charts.html` draws as SVG.

Pure: no markup, no colours, no clock. Widths and places along a chart are percentages, so that a
chart fits a phone and its text keeps its size; heights are pixels.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import count

HEIGHT = 140
"""The height of a chart of days, in pixels."""

_GAP = 0.22
"""How much of a day's width is left empty between two bars."""

_LEAST_HEIGHT = 3
"""What is not zero is seen, however small."""

_STEPS = (2, 4, 6, 8, 10, 12, 16)
_MARKS = 4


@dataclass(frozen=True, slots=True)
class Column:
    """One day's bar. x and width: percent of the chart; y (from above) and height: pixels."""

    day: date
    value: int
    x: float
    width: float
    y: float
    height: float


@dataclass(frozen=True, slots=True)
class DayChart:
    """Something counted on each of some days in a row; days without any have no column.

    top: what the line on top stands for, an even number. marks: the days named below the chart,
    which are as far from one another as they can be.
    """

    first: date
    last: date
    columns: tuple[Column, ...]
    top: int
    marks: tuple[date, ...]

    @property
    def days(self) -> int:
        """How many days there are."""
        return (self.last - self.first).days + 1

    @property
    def height(self) -> int:
        """The height of the picture, in pixels."""
        return HEIGHT

    @property
    def total(self) -> int:
        """All days together."""
        return sum(column.value for column in self.columns)

    @property
    def peak(self) -> Column | None:
        """The day with most, the first of them; None when there is nothing on any day."""
        return max(self.columns, key=lambda column: column.value, default=None)


@dataclass(frozen=True, slots=True)
class Bar:
    """One of several things compared: its length is `share` percent of the longest.

    address: where its label leads, if anywhere.
    """

    label: str
    value: int
    share: float
    address: str | None = None


def by_day(counts: Mapping[date, int], first: date, last: date) -> DayChart:
    """Lay out what was counted from `first` to `last`; other days are left out.

    Raises ValueError when `last` comes before `first`.
    """
    days = (last - first).days + 1
    if days < 1:
        raise ValueError(f"a chart from {first} to {last}")
    shown = {day: value for day, value in counts.items() if first <= day <= last and value > 0}
    top = ceiling(max(shown.values(), default=0))
    step = 100 / days
    columns = []
    for day, value in sorted(shown.items()):
        height = max(value / top * HEIGHT, _LEAST_HEIGHT)
        x = ((day - first).days + _GAP / 2) * step
        columns.append(Column(day, value, x, (1 - _GAP) * step, HEIGHT - height, height))
    return DayChart(first, last, tuple(columns), top, _marks(first, days))


def ranking(things: Iterable[tuple[str, int, str | None]]) -> tuple[Bar, ...]:
    """Lay out things (label, value, address) as bars, in the order they come."""
    kept = list(things)
    most = max((value for _, value, _ in kept), default=0)
    return tuple(
        Bar(label, value, max(value, 0) / most * 100 if most > 0 else 0.0, address)
        for label, value, address in kept
    )


def ceiling(most: int) -> int:
    """Return the round even number at or above `most` that a chart's top line stands for."""
    for power in count():
        for step in _STEPS:
            if step * 10**power >= most:
                return int(step * 10**power)
    raise AssertionError("unreachable: powers have no end")


def _marks(first: date, days: int) -> tuple[date, ...]:
    """Choose the days to name: the first, the last, and some between at equal distances."""
    wanted = min(days, _MARKS)
    if wanted == 1:
        return (first,)
    steps = (round(number * (days - 1) / (wanted - 1)) for number in range(wanted))
    return tuple(first + timedelta(days=step) for step in steps)
