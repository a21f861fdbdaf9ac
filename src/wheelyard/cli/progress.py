"""A progress bar on standard error, for commands that take their time; none beside `--json`."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from wheelyard.cli.common import is_json_wanted

Advance = Callable[[int, int | None], None]
"""Called with how far it is, and how far it goes (None while nobody knows)."""


@contextmanager
def progress_bar(description: str, unit: str = "files") -> Iterator[Advance]:
    """Show a bar while the block runs, if somebody looks at it."""
    if is_json_wanted() or not sys.stderr.isatty():
        yield lambda _done, _total: None
        return
    from rich.console import Console  # noqa: PLC0415  other commands start faster without it
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn  # noqa: PLC0415

    shown = TextColumn("{task.completed:,.0f} of {task.total:,.0f} " + unit)
    columns = (TextColumn("{task.description}"), BarColumn(), shown, TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(description, total=None)
        yield lambda done, total: progress.update(task, completed=done, total=total)
