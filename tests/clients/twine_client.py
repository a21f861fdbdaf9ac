"""twine, configured by `~/.pypirc` as GitLab's guide has it."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from clients.environments import client
from clients.index import Index
from clients.sandbox import Outcome, Sandbox

PYPIRC: Final = """\
[distutils]
index-servers = gitlab

[gitlab]
repository = {repository}
username = {username}
password = {password}
"""


class Twine:
    """One of the twines of the matrix."""

    def __init__(self, name: str = "twine") -> None:
        self._name = name

    def publish(
        self, sandbox: Sandbox, index: Index, files: Sequence[Path], *options: str
    ) -> Outcome:
        """`python3 -m twine upload --repository gitlab …`, telling the server's answers."""
        pypirc = PYPIRC.format(
            repository=index.upload_url, username=index.username, password=index.secret
        )
        (sandbox.home / ".pypirc").write_text(pypirc)
        python = client(self._name) / "python3"
        upload = (python, "-m", "twine", "upload", "--repository", "gitlab", "--verbose")
        return sandbox.run(*upload, "--non-interactive", *options, *files)
