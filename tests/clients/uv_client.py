"""uv: `uv publish` and `uv pip install`, with credentials as its documentation has them."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Final

from clients.environments import client
from clients.index import Index
from clients.projects import list_toml
from clients.sandbox import Outcome, Sandbox

DEPENDENT: Final = """\
[project]
name = "app"
version = "1"
requires-python = ">=3.11"
dependencies = {requirements}

[tool.uv]
package = false

[[tool.uv.index]]
name = "gitlab"
url = "{url}"
default = true
"""


class Uv:
    """The uv of the matrix."""

    lock_name = "uv.lock"

    def publish(
        self, sandbox: Sandbox, index: Index, files: Sequence[Path], *options: str
    ) -> Outcome:
        """`uv publish --publish-url … …`."""
        credentials = ("--username", index.username, "--password", index.secret)
        publish = (client("uv") / "uv", "publish", "--publish-url", index.upload_url)
        return sandbox.run(*publish, *credentials, *options, *files)

    def install(
        self, sandbox: Sandbox, index: Index, python: Path, *arguments: str | Path
    ) -> Outcome:
        """`uv pip install --index-url …`, verbose, since it does not name files otherwise."""
        return self.install_from(
            sandbox, index.simple_url_with_credentials, python, "--verbose", *arguments
        )

    def install_from(
        self, sandbox: Sandbox, index_url: str, python: Path, *arguments: str | Path
    ) -> Outcome:
        """`uv pip install --index-url …` with this very address."""
        install = (client("uv") / "uv", "pip", "install", "--python", python)
        return sandbox.run(*install, "--index-url", index_url, *arguments)

    def install_older(
        self, sandbox: Sandbox, index: Index, python: Path, before: datetime, requirement: str
    ) -> Outcome:
        """`uv pip install --exclude-newer …`."""
        options = ("--exclude-newer", before.isoformat())
        return self.install(sandbox, index, python, *options, requirement)

    def lock(self, sandbox: Sandbox, index: Index, python: Path, *requirements: str) -> Outcome:
        """`uv lock` in a new project that needs these."""
        text = DEPENDENT.format(requirements=list_toml(requirements), url=index.simple_url)
        sandbox.new_project(text)
        return self._in_project(sandbox, index, python, "lock")

    def install_locked(self, sandbox: Sandbox, index: Index, python: Path) -> Outcome:
        """`uv sync --frozen`, of what the lock says."""
        return self._in_project(sandbox, index, python, "sync", "--frozen", "--active")

    def _in_project(self, sandbox: Sandbox, index: Index, python: Path, *words: str) -> Outcome:
        environment = {
            "UV_NO_CONFIG": "false",  # the project's own settings count
            "UV_INDEX_GITLAB_USERNAME": index.username,
            "UV_INDEX_GITLAB_PASSWORD": index.secret,
            "VIRTUAL_ENV": str(python.parent.parent),
        }
        uv = client("uv") / "uv"
        return sandbox.run(uv, *words, "--project", sandbox.project, environment=environment)
