"""What the tour prints: commands, their output and check marks; colours on a terminal only."""

import io
import re
import sys
from contextlib import AbstractContextManager, nullcontext

from rich.console import Console
from rich.markup import escape
from rich.status import Status

from wheelyard.cli.common import is_json_wanted

_SHOWN_OF_SECRET = re.compile(r"[a-z]*-")  # glpat-, gldt-: the kind of token is no secret


class Transcript:
    """Prints, with every secret it was told of cut short."""

    def __init__(self) -> None:
        if isinstance(sys.stdout, io.TextIOWrapper):
            sys.stdout.reconfigure(errors="replace")  # clients print bars that not all can show
        self._console = Console(stderr=is_json_wanted(), highlight=False, soft_wrap=True)
        self._secrets: dict[str, str] = {}

    def hide(self, secret: str) -> None:
        """Print only the beginning of `secret` from now on."""
        kind = _SHOWN_OF_SECRET.match(secret)
        self._secrets[secret] = (kind[0] if kind else "") + "…"

    def title(self, text: str) -> None:
        """Begin a step."""
        self._console.print(f"\n[bold cyan]{escape(text)}[/]")

    def command(self, environment: str | None, line: str) -> None:
        """Show a command as it is typed, and the virtual environment that is active, if any."""
        prompt = f"({environment}) $ " if environment else "$ "
        self._console.print(f"  {prompt}[bold]{escape(self._masked(line))}[/]")

    def output(self, text: str, *, most_lines: int | None = None) -> None:
        """Show what a command printed, or what a file holds; of much, the last lines."""
        lines = self._masked(text).rstrip().splitlines()
        if most_lines is not None and len(lines) > most_lines:
            self._console.print(f"    … {len(lines) - most_lines} lines more", style="dim")
            lines = lines[-most_lines:]
        for line in lines:
            self._console.print(f"    {escape(line.rstrip())}", style="dim")

    def done(self, sentence: str) -> None:
        """Tick a thing that was promised and has been seen to work."""
        self._console.print(f"  [bold green]✓[/] {escape(self._masked(sentence))}")

    def failed(self, sentence: str) -> None:
        """Mark the thing that did not work."""
        self._console.print(f"  [bold red]✗[/] {escape(self._masked(sentence))}")

    def waiting(self, what: str) -> AbstractContextManager[Status | None]:
        """Show a sign of life while something takes its time; nothing where nobody looks on."""
        if not self._console.is_terminal:
            return nullcontext()
        return self._console.status(escape(self._masked(what)))

    def _masked(self, text: str) -> str:
        for secret, shown in self._secrets.items():
            text = text.replace(secret, shown)
        return text
