"""The table of a run, for a terminal: a row for each measurement and server."""

from rich.table import Table

from side_by_side.measurement import Measurement
from side_by_side.samples import Results

_REFERENCE = "pypiron"

# A figure's name, the head of its column, how it is written.
_COLUMNS = [
    ("per_second", "per second", ",.0f"),
    ("p50_ms", "p50 ms", ",.2f"),
    ("p99_ms", "p99 ms", ",.2f"),
    ("cpu_us", "CPU µs", ",.0f"),
    ("gb_per_second", "GB/s", ".3f"),
]

# Figures of few measurements, which share one column.
_OTHERS = {
    "wall_s": "{:.2f} s",
    "start_s": "{:.2f} s",
    "idle_mb": "{:.0f} MB",
    "after_mb": "{:.0f} MB",
    "visible_ms": "{:.0f} ms",
    "first_read": "{:.0%} in the first read",
    "quiet_p99_ms": "quiet p99 {:.2f} ms",
    "p99_ratio": "x {:.1f}",
    "uploads_per_second": "{:.0f} uploads/s",
}


def make_table(results: Results, measurements: list[Measurement]) -> Table:
    """Return the table of medians."""
    table = Table(title="Medians of the rounds; CPU is the server's, for each request")
    table.add_column("what", max_width=30)
    table.add_column("server", no_wrap=True)
    for _, head, _ in _COLUMNS:
        table.add_column(head, justify="right")
    table.add_column("also")
    table.add_column(f"CPU by {_REFERENCE}'s", justify="right")
    for measurement in measurements:
        for number, server in enumerate(results.samples.get(measurement.key, {})):
            cells = [
                _written(results.figure(measurement.key, server, name), form)
                for name, _, form in _COLUMNS
            ]
            ratio = results.ratio(measurement.key, "cpu_us", server, _REFERENCE)
            beside = "" if server == _REFERENCE else _written(ratio, ".2f")
            also = others(results, measurement.key, server)
            title = "" if number else measurement.title
            table.add_row(title, server, *cells, also, beside)
        table.add_section()
    return table


def others(results: Results, measurement: str, server: str) -> str:
    """Return the figures that have no column of their own, as one text."""
    figures = [
        form.format(figure)
        for name, form in _OTHERS.items()
        if (figure := results.figure(measurement, server, name)) is not None
    ]
    return ", ".join(figures)


def _written(figure: float | None, form: str) -> str:
    return "" if figure is None else format(figure, form)
