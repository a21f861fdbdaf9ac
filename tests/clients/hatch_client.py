"""Hatch: `hatch publish` of given files."""

from collections.abc import Sequence
from pathlib import Path

from clients.environments import client
from clients.index import Index
from clients.sandbox import Outcome, Sandbox


class Hatch:
    """The Hatch of the matrix. It asks the index first, and skips file names that it lists."""

    def publish(
        self, sandbox: Sandbox, index: Index, files: Sequence[Path], *options: str
    ) -> Outcome:
        """`hatch publish --repo … …`."""
        credentials = ("--user", index.username, "--auth", index.secret)
        publish = (client("hatch") / "hatch", "publish", "--no-prompt", "--repo", index.upload_url)
        return sandbox.run(*publish, *credentials, *options, *files)
