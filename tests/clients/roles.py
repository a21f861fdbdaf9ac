"""What the tests ask of any client that publishes, installs, locks, or asks for older files.

Each client has a module of its own, `<name>_client.py`; a new one needs no more than these
methods to take part in the tests that are for all of its kind.
"""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Protocol

from clients.index import Index
from clients.sandbox import Outcome, Sandbox


class Publisher(Protocol):
    """A client that uploads distributions."""

    def publish(
        self, sandbox: Sandbox, index: Index, files: Sequence[Path], *options: str
    ) -> Outcome:
        """Upload the files; the output tells what the server answered, as far as it can."""
        ...


class Installer(Protocol):
    """A client that installs, with pip's options."""

    def install(
        self, sandbox: Sandbox, index: Index, python: Path, *arguments: str | Path
    ) -> Outcome:
        """Install from this index only, for the interpreter `python`; requirements and options.

        The output names what was downloaded, the addresses included.
        """
        ...


class Locker(Protocol):
    """A client that writes a lock file into `sandbox.project`, and installs what it says."""

    lock_name: str

    def lock(self, sandbox: Sandbox, index: Index, python: Path, *requirements: str) -> Outcome:
        """Lock these requirements from this index only."""
        ...

    def install_locked(self, sandbox: Sandbox, index: Index, python: Path) -> Outcome:
        """Install what the lock says, for the interpreter `python`."""
        ...


class Historian(Protocol):
    """A client that can leave out what was uploaded lately."""

    def install_older(
        self, sandbox: Sandbox, index: Index, python: Path, before: datetime, requirement: str
    ) -> Outcome:
        """Install what was there at a moment; the client may count in whole days."""
        ...
