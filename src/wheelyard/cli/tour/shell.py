"""Running the tour's commands: what is printed is what is run.

What the commands should come to is left to the steps, and in which environment they run to
`surroundings`.
"""

import json
import shlex
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from wheelyard.cli.tour import surroundings
from wheelyard.cli.tour.programs import Outcome, StepFailedError, run_program
from wheelyard.cli.tour.transcript import Transcript

_SHOWN_LINES = 12


class Shell:
    """Runs commands in the folder `MyPyPiPackage`, shows them, and shows what they print."""

    def __init__(self, transcript: Transcript, root: Path) -> None:
        self.transcript = transcript
        self.home = root / "home"
        self.folder = root / "MyPyPiPackage"
        self.data = root / "data"
        self._root = root
        for folder in (self.home, self.folder):
            folder.mkdir()

    def wheelyard(self, line: str) -> dict[str, Any]:
        """Run `wheelyard … --json` on the tour's data folder and return what it says."""
        self.transcript.command(None, f"wheelyard {line} --json")
        command = [sys.executable, "-m", "wheelyard", *shlex.split(line), "--json"]
        done = self._run(command, surroundings.of_operator(self.data))
        if done.status != 0:
            self.transcript.output(done.output)
            raise StepFailedError(f"wheelyard ended with status {done.status}.")
        said: dict[str, Any] = json.loads(done.output.splitlines()[-1])
        if "token" in said:
            self.transcript.hide(said["token"])
        self.transcript.output(done.output)
        return said

    def make_environment(self, name: str) -> None:
        """Make the virtual environment `name` beside the folder."""
        self.transcript.command(None, f"python3 -m venv ../{name}")
        command = [sys.executable, "-m", "venv", str(self._root / name)]
        with self.transcript.waiting("making a virtual environment"):
            done = self._run(command, surroundings.of_installer())
        if done.status != 0:
            self.transcript.output(done.output)
            raise StepFailedError("this Python could not make a virtual environment.")

    def install_from_pypi(self, name: str, packages: str) -> None:
        """Install packages into an environment, from wherever the user's own pip takes them."""
        line = f"pip install --quiet --retries 1 {packages}"
        self.transcript.command(name, line)
        with self.transcript.waiting(f"installing {packages} from PyPI"):
            done = self._run(self._found(name, line), surroundings.of_installer())
        if done.status != 0:
            self.transcript.output(done.output, most_lines=_SHOWN_LINES)
            raise StepFailedError(
                f"pip could not install {packages}. The tour needs PyPI, or a mirror of it that "
                "your pip is configured for."
            )

    def client(self, name: str, line: str, *, is_refused: bool = False) -> str:
        """Run a client of the environment `name`; return all it printed.

        Words with `*` name files, as in any shell. Raises StepFailedError when the command
        fails, or with `is_refused` when it does not.
        """
        self.transcript.command(name, line)
        with self.transcript.waiting("running"):
            done = self._run(
                self._found(name, line), surroundings.of_client(self._root / name, self.home)
            )
        self.transcript.output(done.output, most_lines=_SHOWN_LINES)
        program = line.partition(" ")[0]
        if is_refused and done.status == 0:
            raise StepFailedError(f"{program} should have been refused, and was not.")
        if not is_refused and done.status != 0:
            raise StepFailedError(f"{program} ended with status {done.status}.")
        return done.output

    def _found(self, name: str, line: str) -> list[str]:
        """Split a line as a shell does; the program is the environment's."""
        program, *words = shlex.split(line)
        return [
            str(self._root / name / "bin" / program),
            *(argument for word in words for argument in self._expand(word)),
        ]

    def _expand(self, word: str) -> list[str]:
        if "*" not in word:
            return [word]
        return sorted(str(path.relative_to(self.folder)) for path in self.folder.glob(word))

    def _run(self, command: list[str], environment: Mapping[str, str]) -> Outcome:
        return run_program(command, self.folder, environment)
