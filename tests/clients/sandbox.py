"""Running a client as on a machine that has just been set up: an empty home, no settings.

The machine that runs the tests may have a pip configuration, a proxy or a cache of its own;
none of them reach the clients here.
"""

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

PROGRAM_SECONDS = 120
_SETTINGS = (
    *("PIP_", "UV_", "TWINE_", "POETRY_", "PDM_", "HATCH_", "FLIT_", "KEYRING_"),
    *("PYTHON", "VIRTUAL_ENV", "XDG_", "NETRC", "SOURCE_DATE_EPOCH"),
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a program ended."""

    status: int
    output: str
    """All it printed, with every run of white space as one space: clients wrap their lines."""

    @property
    def is_success(self) -> bool:
        """Whether it exited with 0."""
        return self.status == 0


class Sandbox:
    """A folder to work in, with the home of a user who has configured nothing yet."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.home = root / "home"
        self.home.mkdir()
        self.project = root
        self._environments = 0
        self._projects = 0

    def run(self, *command: str | Path, environment: Mapping[str, str] | None = None) -> Outcome:
        """Run a program to its end; `environment` adds to the sandbox's."""
        kept = {key: value for key, value in os.environ.items() if not key.startswith(_SETTINGS)}
        done = subprocess.run(
            [str(word) for word in command],
            cwd=self.root,
            env={**kept, **self._environment(), **(environment or {})},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            timeout=PROGRAM_SECONDS,
            check=False,
        )
        return Outcome(done.returncode, " ".join(done.stdout.split()))

    def new_environment(self) -> Path:
        """Make an empty virtual environment and return its Python."""
        self._environments += 1
        folder = self.root / f"environment-{self._environments}"
        made = self.run(sys.executable, "-m", "venv", "--without-pip", folder)
        assert made.is_success, made.output
        return folder / "bin" / "python"

    def new_project(self, pyproject: str) -> Path:
        """Make a folder with this `pyproject.toml`, `project` from now on, and return it."""
        self._projects += 1
        self.project = self.root / f"project-{self._projects}"
        self.project.mkdir()
        (self.project / "pyproject.toml").write_text(pyproject, encoding="utf-8")
        return self.project

    def write(self, filename: str, content: bytes) -> Path:
        """Write a file and return its path."""
        path = self.root / filename
        path.write_bytes(content)
        return path

    def _environment(self) -> dict[str, str]:
        return {
            "HOME": str(self.home),
            "PIP_CONFIG_FILE": os.devnull,
            "PIP_DISABLE_PIP_VERSION_CHECK": "1",
            "PIP_NO_INPUT": "1",
            "UV_NO_CONFIG": "1",
            "UV_PYTHON_DOWNLOADS": "never",
            "TERM": "dumb",
            "NO_COLOR": "1",
            "NO_PROXY": "127.0.0.1",
            "no_proxy": "127.0.0.1",
        }
