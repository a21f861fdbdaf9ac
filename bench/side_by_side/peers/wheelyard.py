"""Wheelyard from this checkout: one worker process, a private project, a personal token."""

import json
import os
import subprocess
import sys
from pathlib import Path

import wheelyard
from side_by_side.peers.peer import Launch, Login, Place

_USER = "bench"
_SOURCE = str(Path(wheelyard.__file__).resolve().parents[1])


class Wheelyard:
    """Started with the Python that runs the benchmark."""

    name = "wheelyard"
    note = "this checkout, SQLite, one worker process, a private project, a personal access token"

    def version(self) -> str:
        """Return the version and the commit of this checkout."""
        command = ["git", "-C", _SOURCE, "describe", "--always", "--dirty", "--abbrev=7"]
        said = subprocess.run(command, capture_output=True, text=True, check=False).stdout
        return f"{wheelyard.__version__} {said.strip()}".strip()

    def launch(self, data: Path, port: int) -> Launch:
        """Return `wheelyard serve` with its defaults."""
        serve = [sys.executable, "-m", "wheelyard", "serve", "--data", str(data / "wheelyard")]
        return Launch([*serve, "--port", str(port)], {"PYTHONPATH": _SOURCE})

    def open(self, data: Path, port: int) -> Place:
        """Make a user, a private project of theirs, and a token; allow large files."""
        _command(data, "user", "create", _USER)
        project = _command(data, "project", "create", f"{_USER}/packages")
        token = _command(data, "token", "create", _USER, "--name", "bench", "--scope", "api")
        _command(data, "settings", "set", "max_file_size_bytes", str(2**31))
        base = f"http://127.0.0.1:{port}/api/v4/projects/{project['id']}/packages/pypi"
        login = Login("__token__", str(token["token"]))
        return Place(f"{base}/simple/", base, reader=login, writer=login)


def _command(data: Path, *arguments: str) -> dict[str, object]:
    """Run a command on the data folder, beside the server; return what it says as JSON."""
    done = subprocess.run(
        [sys.executable, "-m", "wheelyard", "--json", *arguments],
        env={**os.environ, "WHEELYARD_DATA": str(data / "wheelyard")},
        stdout=subprocess.PIPE,
        check=True,
    )
    said: dict[str, object] = json.loads(done.stdout)
    return said
