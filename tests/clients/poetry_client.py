"""Poetry: a project with a source of its own, and credentials as its documentation has them.

Poetry installs what a project declares, and publishes what lies in a project's `dist`.
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
"""
DEPENDENT: Final = """\
[project]
name = "app"
version = "1"
requires-python = ">=3.11"
dependencies = {requirements}

[tool.poetry]
package-mode = false

[[tool.poetry.source]]
name = "gitlab"
url = "{url}"
priority = "primary"
"""


class Poetry:
    """The Poetry of the matrix."""

    lock_name = "poetry.lock"

    def publish(
        self, sandbox: Sandbox, index: Index, files: Sequence[Path], *options: str
    ) -> Outcome:
        """`poetry publish --repository gitlab`, in a project with the files in its `dist`."""
        name, version = name_and_version(files[0].name)
        project = PUBLISHED.format(name=name, version=version)
        folder = lay_out_distributions(sandbox, files, project)
        repository = {"POETRY_REPOSITORIES_GITLAB_URL": index.upload_url}
        publish = ("publish", "--repository", "gitlab", *options)
        return self._run(sandbox, folder, *publish, environment=repository | _credentials(index))

    def install(
        self, sandbox: Sandbox, index: Index, python: Path, *requirements: str | Path
    ) -> Outcome:
        """`poetry install` in a new project that needs these; it locks them first."""
        locked = self.lock(sandbox, index, python, *map(str, requirements))
        return self.install_locked(sandbox, index, python) if locked.is_success else locked

    def lock(self, sandbox: Sandbox, index: Index, python: Path, *requirements: str) -> Outcome:
        """`poetry lock` in a new project that needs these."""
        return self._lock(sandbox, index, python, requirements, {})

    def install_locked(self, sandbox: Sandbox, index: Index, python: Path) -> Outcome:
        """`poetry sync`, of what the lock says."""
        environment = _credentials(index) | _target(python)
        return self._run(sandbox, sandbox.project, "sync", environment=environment)

    def install_older(
        self, sandbox: Sandbox, index: Index, python: Path, before: datetime, requirement: str
    ) -> Outcome:
        """Lock with `solver.min-release-age`, which counts days back from today, and install."""
        days = (datetime.now(before.tzinfo) - before).days
        settings = {"POETRY_SOLVER_MIN_RELEASE_AGE": str(days)}
        locked = self._lock(sandbox, index, python, [requirement], settings)
        return self.install_locked(sandbox, index, python) if locked.is_success else locked

    def _lock(
        self,
        sandbox: Sandbox,
        index: Index,
        python: Path,
        requirements: Sequence[str],
        settings: dict[str, str],
    ) -> Outcome:
        text = DEPENDENT.format(requirements=list_toml(requirements), url=index.simple_url)
        sandbox.new_project(text)
        environment = settings | _credentials(index) | _target(python)
        return self._run(sandbox, sandbox.project, "lock", environment=environment)

    def _run(
        self, sandbox: Sandbox, folder: Path, *words: str, environment: dict[str, str]
    ) -> Outcome:
        poetry = (client("poetry") / "poetry", "--no-interaction", "--project", folder)
        quiet = {"POETRY_KEYRING_ENABLED": "false"}
        return sandbox.run(*poetry, *words, environment=quiet | environment)


def _credentials(index: Index) -> dict[str, str]:
    if not index.secret:
        return {}
    return {
        "POETRY_HTTP_BASIC_GITLAB_USERNAME": index.username,
        "POETRY_HTTP_BASIC_GITLAB_PASSWORD": index.secret,
    }


def _target(python: Path) -> dict[str, str]:
    return {"VIRTUAL_ENV": str(python.parent.parent)}
