"""Projects in a sandbox, for the clients that work in one: what it declares, what it has built."""

import json
import shutil
from collections.abc import Sequence
from pathlib import Path

from packaging.utils import parse_sdist_filename, parse_wheel_filename

from clients.sandbox import Sandbox


def name_and_version(filename: str) -> tuple[str, str]:
    """Return what a distribution's file name says, the name in its normal form."""
    if filename.endswith(".whl"):
        name, version, _, _ = parse_wheel_filename(filename)
    else:
        name, version = parse_sdist_filename(filename)
    return name, str(version)


def lay_out_distributions(sandbox: Sandbox, files: Sequence[Path], pyproject: str) -> Path:
    """Make a project that has just been built: the files in its `dist`. Return its folder."""
    folder = sandbox.new_project(pyproject)
    (folder / "dist").mkdir()
    for file in files:
        shutil.copy(file, folder / "dist")
    return folder


def list_toml(words: Sequence[str]) -> str:
    """Write a TOML array of strings."""
    return json.dumps(list(words))
