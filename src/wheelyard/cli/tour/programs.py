"""Running one program to its end, or, when the tour is ended early, with all that it started."""

import os
import signal
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
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
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _ENDING)

    def let_through() -> None:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)

    try:
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
            preexec_fn=let_through,  # noqa: PLW1509  the tour has no threads
        )
    except BaseException:
        let_through()
        raise
    with process:
        try:
            let_through()
            yield process
        except BaseException:
            # Its children too: they would go on writing into the folder that is being removed.
            _kill_group(process.pid)
            raise


def _kill_group(pid: int) -> None:
    with suppress(ProcessLookupError):
        os.killpg(pid, signal.SIGKILL)
