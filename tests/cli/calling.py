"""The command line as a test calls it: one process, its exit status and what it prints."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from databases import environment_for


def wheelyard(*arguments: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a command to its end."""
    return subprocess.run(
        [sys.executable, "-m", "wheelyard", *map(str, arguments)],
        capture_output=True,
        text=True,
        env={**os.environ, **environment_for(arguments), **environment},
        timeout=120,
        check=False,
    )


def shown(*arguments: str | Path, status: int = 0) -> dict[str, Any]:
    """Run a command with `--json`, and return the one object that it prints."""
    ended = wheelyard(*arguments, "--json")
    assert (ended.returncode, ended.stderr) == (status, ""), ended
    assert ended.stdout.count("\n") == 1
    told: dict[str, Any] = json.loads(ended.stdout)
    return told


def refusal(*arguments: str | Path) -> tuple[int, str]:
    """Run a command that fails; return its exit status and what it says."""
    ended = wheelyard(*arguments)
    assert ended.stdout == "", ended
    return ended.returncode, ended.stderr
