"""Programs that come from Debian: found, or installed when the benchmark runs as root."""

import os
import shutil
import subprocess


class ProgramNotFoundError(Exception):
    """A program is not installed and cannot be installed from here."""


def program(command: str, package: str) -> str:
    """Return the path of a command. Raises ProgramNotFoundError, which says what to install."""
    if shutil.which(command) is None and os.geteuid() == 0 and shutil.which("apt-get"):
        quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        for action in (["update"], ["install", "-y", "--no-install-recommends", package]):
            subprocess.run(["apt-get", "-qq", *action], env=quiet, check=False)  # noqa: S607
    path = shutil.which(command)
    if path is None:
        raise ProgramNotFoundError(f"{command} is not installed; Debian's package is {package}")
    return path
