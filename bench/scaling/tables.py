"""The tables of several runs: what each request costs at each size, and how that grew."""

import statistics
from collections.abc import Callable, Sequence
from typing import NamedTuple

from rich.table import Table as RichTable

from scaling.crowding import Waits
from scaling.measuring import Cost
from scaling.runs import Run

ALLOWED_GROWTH = 1.3
"""How much more something may cost at the largest size than at the smallest."""


class Table(NamedTuple):
    """A table as text: a title, its heads, and rows of as many cells."""

    title: str
    heads: Sequence[str]
    rows: Sequence[Sequence[str]]

    def as_rich(self) -> RichTable:
        """Return it for a terminal."""
        table = RichTable(title=self.title)
        for head in self.heads:
            table.add_column(head, justify="right" if table.columns else "left")
        for row in self.rows:
            table.add_row(*row)
        return table

    def as_markdown(self) -> str:
        """Return it for a Markdown page."""
        lines = [self.heads, ["---", *["---:"] * (len(self.heads) - 1)], *self.rows]
        return "\n".join([f"{self.title}:", "", *(f"| {' | '.join(line)} |" for line in lines)])


def growth(first: Cost, last: Cost) -> float:
    """Return how processor time grew: of an entry where the answer has ever more, else of all.

    The median of the rounds' ratios, in each of which both were measured right after one another.
    """
    entries = (last.entries or 1) / (first.entries or 1)
    ratios = [after / before for before, after in zip(first.cpu, last.cpu, strict=True) if before]
    return statistics.median(ratios) / entries if ratios else 1.0


def tables(runs: Sequence[Run]) -> list[Table]:
    """Return all tables that there is something for."""
    found = [_costs(runs), _facts(runs)]
    return [*found, _waits(runs)] if runs[0].quiet is not None else found


def _costs(runs: Sequence[Run]) -> Table:
    title = "Server CPU and, in brackets, the wait for a request, in ms, medians"
    heads = ["files", *(f"{run.files:,}" for run in runs), "growth"]
    return Table(title, heads, [_cost_row(runs, title) for title in runs[0].costs])


def _cost_row(runs: Sequence[Run], title: str) -> list[str]:
    costs = [run.costs[title] for run in runs]
    grown = growth(costs[0], costs[-1])
    per_entry = " per entry" if costs[0].entries else ""
    flag = f", over {ALLOWED_GROWTH}" if grown > ALLOWED_GROWTH else ""
    return [title, *map(_cell, costs), f"{grown:.2f}{per_entry}{flag}"]


def _facts(runs: Sequence[Run]) -> Table:
    heads = ["files", *(f"{run.files:,}" for run in runs)]
    rows = [[title, *(f"{run.facts[title]:,.1f}" for run in runs)] for title in runs[0].facts]
    return Table("The server", heads, rows)


def _waits(runs: Sequence[Run]) -> Table:
    figures: list[tuple[str, Callable[[Waits], float]]] = [
        ("p50", lambda waits: waits.p50),
        ("p99", lambda waits: waits.p99),
        ("longest", lambda waits: waits.longest),
    ]
    heads = ["files", *(name for name, _ in figures), *(f"beside: {name}" for name, _ in figures)]
    rows = [
        [
            f"{run.files:,}",
            *(
                f"{read(waits) * 1e3:.1f} ms"
                for waits in (run.quiet, run.crowded)
                if waits is not None
                for _, read in figures
            ),
        ]
        for run in runs
    ]
    return Table(
        "Wait for a page of 4 files, alone and beside uploads to the largest name", heads, rows
    )


def _cell(cost: Cost) -> str:
    cell = f"{cost.cpu_seconds * 1e3:,.2f} ({cost.wall_seconds * 1e3:,.2f})"
    return f"{cell} for {cost.entries:,}" if cost.entries else cell
