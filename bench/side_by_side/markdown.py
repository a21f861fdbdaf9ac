"""A run's results as Markdown, written between two marks of docs/performance.md."""

from collections.abc import Iterator
from pathlib import Path

from side_by_side.bars import HEADS, verdicts
from side_by_side.measurement import Measurement
from side_by_side.samples import Results
from side_by_side.table import others


def write_between_marks(page: Path, text: str, mark: str = "measured") -> None:
    """Replace what stands between the marks. Raises ValueError if the page has none."""
    first, last = f"<!-- {mark}: begin -->\n", f"<!-- {mark}: end -->\n"
    old = page.read_text()
    before, begin, rest = old.partition(first)
    _, end, after = rest.partition(last)
    if not begin or not end:
        raise ValueError(f"{page} has no {first!r} and {last!r}")
    page.write_text(f"{before}{begin}{text}{end}{after}")


def as_markdown(results: Results, measurements: list[Measurement]) -> str:
    """Return the machine, the servers, the table of medians, and the bars."""
    return "\n".join(
        [
            *_setting(results),
            "",
            *_figures(results, measurements),
            "",
            *_failures(results),
            "",
            *_bars(results),
        ]
    )


def _setting(results: Results) -> Iterator[str]:
    facts = ", ".join(f"{name}: {value}" for name, value in results.machine.items())
    yield f"Machine: {facts}."
    yield ""
    yield from (f"- **{name}** {words}" for name, words in results.servers.items())


def _figures(results: Results, measurements: list[Measurement]) -> Iterator[str]:
    servers = list(results.servers)
    yield "| | " + " | ".join(servers) + " |"
    yield "|---" * (len(servers) + 1) + "|"
    for measurement in measurements:
        if measurement.key in results.samples:
            cells = [_cell(results, measurement.key, server) for server in servers]
            yield f"| {measurement.title} | " + " | ".join(cells) + " |"


def _cell(results: Results, measurement: str, server: str) -> str:
    """Return CPU for each request, requests per second, p50 and p99, and what else there is."""
    forms = {"cpu_us": "{:,.0f} µs", "per_second": "{:,.0f}/s", "gb_per_second": "{:.2f} GB/s"}
    if results.figure(measurement, server, "p50_ms") is not None:
        del forms["gb_per_second"]  # it says something of large files only
    parts = [
        form.format(figure)
        for name, form in forms.items()
        if (figure := results.figure(measurement, server, name)) is not None
    ]
    p50, p99 = (results.figure(measurement, server, name) for name in ("p50_ms", "p99_ms"))
    if p50 is not None and p99 is not None:
        parts.append(f"{p50:,.1f} / {p99:,.1f} ms")
    also = others(results, measurement, server)
    return "<br>".join([*parts, also] if also else parts) or "-"


def _failures(results: Results) -> Iterator[str]:
    for server, failures in results.failures.items():
        yield from (f"- {server} failed in a round: {words}" for words in failures)


def _bars(results: Results) -> Iterator[str]:
    yield "| " + " | ".join(HEADS) + " |"
    yield "|---|---:|---:|---:|---|"
    for verdict in verdicts(results):
        *cells, words = verdict.cells
        yield f"| {' | '.join(cells)} | {words if words == 'met' else f'**{words}**'} |"
    yield ""
