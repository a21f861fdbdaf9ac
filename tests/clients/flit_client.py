"""Flit, configured by `~/.pypirc`.

Flit uploads nothing but what it builds itself from a project in its folder. So the files that a
test gives are taken apart, and the same modules are built again by Flit: its own wheel for a
wheel, its own sdist for an sdist, with the same names.
"""

import tarfile
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from clients.environments import client
from clients.index import Index
from clients.projects import name_and_version
from clients.sandbox import Outcome, Sandbox
from clients.twine_client import PYPIRC

PROJECT: Final = """\
[build-system]
requires = ["flit_core"]
build-backend = "flit_core.buildapi"

[project]
name = "{name}"
version = "{version}"
description = "A package."
requires-python = ">=3.6"
"""
# A build of the same sources is the same bytes only if no moment of building gets in.
BUILT_AT: Final = {"SOURCE_DATE_EPOCH": "1700000000"}


class Flit:
    """The Flit of the matrix."""

    def publish(
        self, sandbox: Sandbox, index: Index, files: Sequence[Path], *options: str
    ) -> Outcome:
        """`flit publish --repository gitlab --format …`, once for each file."""
        pypirc = PYPIRC.format(
            repository=index.upload_url, username=index.username, password=index.secret
        )
        (sandbox.home / ".pypirc").write_text(pypirc)
        outcomes = [self._publish(sandbox, file, options) for file in files]
        output = " ".join(outcome.output for outcome in outcomes)
        return Outcome(max(outcome.status for outcome in outcomes), output)

    def _publish(self, sandbox: Sandbox, file: Path, options: Sequence[str]) -> Outcome:
        name, version = name_and_version(file.name)
        folder = sandbox.new_project(PROJECT.format(name=name, version=version))
        for path, content in _modules(file, name):
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(content)
        form = "wheel" if file.suffix == ".whl" else "sdist"
        flit, project = client("flit") / "flit", folder / "pyproject.toml"
        to_gitlab = ("publish", "--repository", "gitlab", "--format", form, *options)
        return sandbox.run(flit, "--ini-file", project, *to_gitlab, environment=BUILT_AT)


def _modules(file: Path, name: str) -> list[tuple[str, bytes]]:
    """Return the Python files of the package `name` in a distribution: path and content."""
    if file.suffix == ".whl":
        with zipfile.ZipFile(file) as wheel:
            members = [(path, wheel.read(path)) for path in wheel.namelist()]
    else:
        with tarfile.open(file) as sdist:
            members = [
                (member.name.partition("/")[2], stream.read())
                for member in sdist
                if (stream := sdist.extractfile(member)) is not None
            ]
    return [(path, data) for path, data in members if path.startswith(f"{name}/")]
