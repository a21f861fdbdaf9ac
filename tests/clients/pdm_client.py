"""PDM: a project whose one source replaces the usual index.

PDM installs what a project declares, and publishes what lies in a project's `dist`.
"""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Final

from clients.environments import client
from clients.index import Index
from clients.projects import lay_out_distributions, list_toml, name_and_version
from clients.sandbox import Outcome, Sandbox

PUBLISHED: Final = """\
[project]
name = "{name}"
version = "{version}"
requires-python = ">=3.6"
"""
DEPENDENT: Final = """\
[project]
name = "app"
version = "1"
requires-python = ">=3.11"
dependencies = {requirements}

[tool.pdm]
distribution = false

[[tool.pdm.source]]
name = "pypi"
url = "{url}"
verify_ssl = true
"""


class Pdm:
    """The PDM of the matrix."""

    lock_name = "pdm.lock"

    def publish(
        self, sandbox: Sandbox, index: Index, files: Sequence[Path], *options: str
    ) -> Outcome:
        """`pdm publish --no-build --repository …`, in a project with the files in its `dist`."""
        name, version = name_and_version(files[0].name)
        project = PUBLISHED.format(name=name, version=version)
        folder = lay_out_distributions(sandbox, files, project)
        credentials = ("--username", index.username, "--password", index.secret)
        repository = ("--no-build", "--repository", index.upload_url)
        # Any environment will do: without one PDM makes one.
        own = {"VIRTUAL_ENV": str(client("pdm").parent)}
        words = ("publish", "-v", *repository, *credentials, *options)
        return self._run(sandbox, folder, own, *words)

    def install(
        self, sandbox: Sandbox, index: Index, python: Path, *requirements: str | Path
    ) -> Outcome:
        """`pdm lock` and `pdm sync` in a new project that needs these."""
        locked = self.lock(sandbox, index, python, *map(str, requirements))
        return self.install_locked(sandbox, index, python) if locked.is_success else locked

    def lock(self, sandbox: Sandbox, index: Index, python: Path, *requirements: str) -> Outcome:
        """`pdm lock` in a new project that needs these."""
        return self._lock(sandbox, index, python, requirements)

    def install_locked(self, sandbox: Sandbox, index: Index, python: Path) -> Outcome:
        """`pdm sync`, of what the lock says."""
        return self._run(sandbox, sandbox.project, _environment(index, python), "sync")

    def install_older(
        self, sandbox: Sandbox, index: Index, python: Path, before: datetime, requirement: str
    ) -> Outcome:
        """`pdm lock --exclude-newer …` and `pdm sync`."""
        moment = ("--exclude-newer", f"{before:%Y-%m-%dT%H:%M:%SZ}")
        locked = self._lock(sandbox, index, python, [requirement], *moment)
        return self.install_locked(sandbox, index, python) if locked.is_success else locked

    def _lock(
        self,
        sandbox: Sandbox,
        index: Index,
        python: Path,
        requirements: Sequence[str],
        *options: str,
    ) -> Outcome:
        text = DEPENDENT.format(requirements=list_toml(requirements), url=index.simple_url)
        sandbox.new_project(text)
        environment = _environment(index, python)
        return self._run(sandbox, sandbox.project, environment, "lock", *options)

    def _run(
        self, sandbox: Sandbox, folder: Path, environment: dict[str, str], *words: str
    ) -> Outcome:
        pdm = (client("pdm") / "pdm", "--non-interactive", words[0], "--project", folder)
        quiet = {"PDM_CHECK_UPDATE": "0", "PDM_USE_VENV": "1"}
        return sandbox.run(*pdm, *words[1:], environment=quiet | environment)


def _environment(index: Index, python: Path) -> dict[str, str]:
    """Aim at an environment; credentials are `pypi.username` and `pypi.password` of PDM."""
    target = {"VIRTUAL_ENV": str(python.parent.parent)}
    if not index.secret:
        return target
    return target | {"PDM_PYPI_USERNAME": index.username, "PDM_PYPI_PASSWORD": index.secret}
