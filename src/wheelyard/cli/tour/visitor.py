"""What the tour's steps know between them: the project, the tokens and what was published."""

import hashlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from wheelyard.cli.tour.example import NAME
from wheelyard.cli.tour.instance import Response, get
from wheelyard.cli.tour.programs import StepFailedError
from wheelyard.cli.tour.shell import Shell

TOKEN_USERNAME = "__token__"  # noqa: S105  the user name that stands beside a token


@dataclass
class Visitor:
    """The one who takes the walk; `address` is the server's `host:port`."""

    shell: Shell
    address: str
    project_id: int = 0
    token: str = ""
    first_wheel: Path = field(default_factory=Path)
    first_wheel_path: str = ""
    """The path of the first wheel's URL on the server."""

    @property
    def registry_path(self) -> str:
        """The path of the project's package registry."""
        return f"/api/v4/projects/{self.project_id}/packages/pypi"

    def index_url(self, token: str, username: str = TOKEN_USERNAME) -> str:
        """Return the simple index's address with credentials, as pip takes it."""
        return f"http://{username}:{token}@{self.address}{self.registry_path}/simple"

    def get(self, path: str, token: str | None = None) -> Response:
        """Ask the server for `path`, and show the question and the status."""
        answer = get(self.address, path, TOKEN_USERNAME, token or self.token)
        self.shell.transcript.command(None, f"GET http://{self.address}{path}")
        self.shell.transcript.output(f"{answer.status}, {len(answer.body)} bytes")
        return answer

    def listed_files(self) -> dict[str, dict[str, Any]]:
        """Return the files that the index lists for the package, by name."""
        answer = self.get(f"{self.registry_path}/simple/{NAME}/")
        check(answer.status == 200, "the index does not list the package.")  # noqa: PLR2004
        files = {file["filename"]: file for file in answer.json()["files"]}
        self.shell.transcript.output("\n".join(files))
        return files

    def greet(self) -> str:
        """Run the installed package's greeting and return what it says."""
        line = f'python3 -c "from {NAME}.greet import SayHello; SayHello()"'
        return self.shell.client("app", line).strip()


def check(is_right: bool, sentence: str) -> None:
    """Raise StepFailedError with `sentence` unless it is so."""
    if not is_right:
        raise StepFailedError(sentence)


def sha256_of(file: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal."""
    return hashlib.sha256(file.read_bytes()).hexdigest()
