"""The bars that Wheelyard has set itself, and whether a run's results meet them."""

from collections.abc import Iterator
from dataclasses import dataclass

from rich.table import Table

from side_by_side.samples import Results

OURS, _RUST, _STATIC = "wheelyard", "pypiron", "nginx"
_CACHE_MB = 64  # the default of Wheelyard's setting for its caches, for each process
_IDLE_MB = 90
_START_SECONDS = 1.5


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: a figure of Wheelyard's, or its ratio to another server's, and the limit."""

    measurement: str
    figure: str
    limit: float
    peer: str | None = None
    is_least: bool = False  # the limit is the least that counts, and not the most

    @property
    def title(self) -> str:
        """What is compared, and with what."""
        beside = f" beside {self.peer}" if self.peer else ""
        return f"{self.measurement}: {_FIGURES[self.figure]}{beside}"

    def value(self, results: Results) -> float | None:
        """Return the ratio, or the figure itself; None if it was not measured."""
        if self.peer is None:
            return results.figure(self.measurement, OURS, self.figure)
        return results.ratio(self.measurement, self.figure, OURS, self.peer)

    def wall(self, results: Results) -> float | None:
        """Return the ratio of requests per second that stands beside a ratio of CPU."""
        if self.peer is None or self.figure != "cpu_us":
            return None
        return results.ratio(self.measurement, "per_second", OURS, self.peer)

    def is_met(self, value: float) -> bool:
        """Tell whether this value is within the limit."""
        return value >= self.limit if self.is_least else value <= self.limit


_STYLES = {"met": "green", "not met": "red", "not measured": "yellow"}
_FIGURES = {
    "cpu_us": "CPU",
    "gb_per_second": "throughput",
    "per_second": "per second",
    "first_read": "share seen by the first read",
    "p99_ratio": "p99, busy by quiet",
    "idle_mb": "MB at rest",
    "after_mb": "MB after the runs",
    "start_s": "seconds",
}


def _bars() -> Iterator[Bar]:
    for page in ("page", "page-identity", "page-304", "page-html", "metadata"):
        yield Bar(page, "cpu_us", 1.5, _RUST)
        yield Bar(page, "cpu_us", 1.8, _STATIC)
    for wheel in ("wheel-2k", "wheel-200k"):
        yield Bar(wheel, "cpu_us", 0.4, _RUST)
        yield Bar(wheel, "cpu_us", 1.6, _STATIC)
    for wheel in ("wheel-30m", "wheel-300m"):
        yield Bar(wheel, "gb_per_second", 1.0, _RUST, is_least=True)
        yield Bar(wheel, "gb_per_second", 0.9, _STATIC, is_least=True)
    yield Bar("upload", "per_second", 1.0, _RUST, is_least=True)
    yield Bar("upload", "cpu_us", 1.0, _RUST)
    yield Bar("visible", "first_read", 1.0, is_least=True)
    yield Bar("uv", "cpu_us", 1.0, _RUST)
    yield Bar("busy", "p99_ratio", 3.0)
    yield Bar("start", "start_s", _START_SECONDS)
    yield Bar("start", "idle_mb", _IDLE_MB)
    yield Bar("memory", "after_mb", _IDLE_MB + _CACHE_MB)


BARS = list(_bars())


@dataclass(frozen=True, slots=True)
class Verdict:
    """A bar, the value that was measured, and the ratio of requests per second beside it."""

    bar: Bar
    value: float | None
    wall: float | None

    @property
    def words(self) -> str:
        """One of `met`, `not met` and `not measured`."""
        if self.value is None:
            return "not measured"
        return "met" if self.bar.is_met(self.value) else "not met"

    @property
    def cells(self) -> tuple[str, str, str, str, str]:
        """What is compared, the limit, the value, the ratio of requests per second, the words."""
        limit = f"{'≥' if self.bar.is_least else '≤'} {self.bar.limit:g}"
        return self.bar.title, limit, _written(self.value), _written(self.wall), self.words


HEADS = ("bar", "limit", "measured", "requests/s", "")


def verdicts(results: Results) -> list[Verdict]:
    """Judge every bar."""
    return [Verdict(bar, bar.value(results), bar.wall(results)) for bar in BARS]


def bars_table(results: Results) -> Table:
    """Return the bars for a terminal."""
    table = Table(title="Bars")
    for head in HEADS:
        table.add_column(head, justify="left" if head in {"bar", ""} else "right")
    for verdict in verdicts(results):
        table.add_row(*verdict.cells, style=_STYLES[verdict.words])
    return table


def _written(value: float | None) -> str:
    return "" if value is None else f"{value:,.2f}"
