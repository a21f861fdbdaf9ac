"""Running one program to its end, or, when the tour is ended early, with all that it started."""

import os
import signal
import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

_MOST_SECONDS = 300
_ENDING = {signal.SIGINT, signal.SIGTERM, signal.SIGHUP}


class StepFailedError(Exception):
    """A step of the tour did not come to what it should; the sentence says which and how."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """A program's exit status, and all it printed on either stream."""

    status: int
    output: str


def run_program(command: list[str], folder: Path, environment: Mapping[str, str]) -> Outcome:
    """Run `command` in `folder`. Raises StepFailedError when it does not end in five minutes."""
    with _started(command, folder, environment) as process:
        try:
            output, _ = process.communicate(timeout=_MOST_SECONDS)
        except subprocess.TimeoutExpired as error:
            sentence = f"{Path(command[0]).name} did not finish in {_MOST_SECONDS} seconds."
            raise StepFailedError(sentence) from error
    return Outcome(process.returncode, output)


@contextmanager
def _started(
    command: list[str], folder: Path, environment: Mapping[str, str]
) -> Iterator[subprocess.Popen[str]]:
    """Start a program; an end of the tour that comes meanwhile waits until it can be killed."""
    with ExitStack() as stack:
        with _signals_kept():
            process = subprocess.Popen(  # noqa: S603  the tour's own commands
                command,
                cwd=folder,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                errors="replace",
                start_new_session=True,
            )
            stack.enter_context(process)
            stack.push(_kill_when_interrupted(process.pid))
        yield process


@contextmanager
def _signals_kept() -> Iterator[None]:
    """Have signals that end the tour wait for the end of the block.

    They are kept by handlers, not blocked: another thread, such as the one that draws a sign of
    life, would take a signal that the main thread blocks, and Python would still act on it there.
    """
    kept: list[int] = []
    before = {number: signal.signal(number, lambda it, _: kept.append(it)) for number in _ENDING}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        if kept:
            signal.raise_signal(kept[0])


def _kill_when_interrupted(pid: int) -> Callable[..., None]:
    def kill(kind: object, *_: object) -> None:
        # Its children too: they would go on writing into the folder that is being removed.
        if kind is not None:
            _kill_group(pid)

    return kill


def _kill_group(pid: int) -> None:
    with suppress(ProcessLookupError):
        os.killpg(pid, signal.SIGKILL)
