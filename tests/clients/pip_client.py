"""pip, with the credentials in the index's address as GitLab's guide has it."""

from datetime import datetime
from pathlib import Path

from clients.environments import client
from clients.index import Index
from clients.sandbox import Outcome, Sandbox


class Pip:
    """One of the pips of the matrix."""

    def __init__(self, name: str = "pip") -> None:
        self._name = name

    def install(
        self, sandbox: Sandbox, index: Index, python: Path, *arguments: str | Path
    ) -> Outcome:
        """`pip install -vv --index-url … …`: the newest pip names no addresses without."""
        return self.run(sandbox, index, "install", "-vv", *arguments, python=python)

    def run(
        self,
        sandbox: Sandbox,
        index: Index,
        command: str,
        *arguments: str | Path,
        python: Path | None = None,
    ) -> Outcome:
        """`pip COMMAND --index-url … …`, for another interpreter than its own if one is given."""
        target = () if python is None else ("--python", python)
        url = ("--index-url", index.simple_url_with_credentials)
        return sandbox.run(client(self._name) / "pip", *target, command, *arguments, *url)


class NewestPip(Pip):
    """The newest pip: it locks, and looks at when a file was uploaded."""

    lock_name = "pylock.toml"

    def install_older(
        self, sandbox: Sandbox, index: Index, python: Path, before: datetime, requirement: str
    ) -> Outcome:
        """`pip install --uploaded-prior-to …`."""
        options = ("--uploaded-prior-to", before.isoformat())
        return self.install(sandbox, index, python, *options, requirement)

    def lock(self, sandbox: Sandbox, index: Index, python: Path, *requirements: str) -> Outcome:
        """`pip lock`, for an interpreter."""
        folder = sandbox.new_project("")
        output = ("--output", folder / self.lock_name)
        return self.run(sandbox, index, "lock", *output, *requirements, python=python)

    def install_locked(self, sandbox: Sandbox, index: Index, python: Path) -> Outcome:
        """`pip install --requirement pylock.toml`."""
        lock = sandbox.project / self.lock_name
        return self.install(sandbox, index, python, "--requirement", lock)
