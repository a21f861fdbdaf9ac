"""pypiron, a server in Rust: files on disk, a reader's and an uploader's password."""

from pathlib import Path

from side_by_side.corpus import PREFIX
from side_by_side.environments import locked_version, peer_environment
from side_by_side.peers.peer import Launch, Login, Place

_READER = Login("reader", "reader-password")
_WRITER = Login("writer", "writer-password")


class Pypiron:
    """Its defaults, but for what makes it private and keeps it from asking the network."""

    name = "pypiron"
    note = "its defaults, files on disk, reads need a password, no advisory feed"

    def version(self) -> str:
        """Return the locked version."""
        return locked_version("pypiron", "pypiron")

    def launch(self, data: Path, port: int) -> Launch:
        """Return `pypiron serve`."""
        command = [str(peer_environment("pypiron") / "pypiron"), "serve"]
        command += ["--data-dir", str(data / "packages"), "--bind-addr", f"127.0.0.1:{port}"]
        command += ["--spool-dir", str(data), "--private-prefix", PREFIX, "--advisory-feed", ""]
        command += ["--read-user", _READER.user, "--read-pass", _READER.password]
        command += ["--uploader-user", _WRITER.user, "--uploader-pass", _WRITER.password]
        return Launch(command, {"HOME": str(data)})

    def open(self, data: Path, port: int) -> Place:  # noqa: ARG002  nothing is left to make
        """Return where it is; its accounts stand on its command line."""
        base = f"http://127.0.0.1:{port}"
        return Place(f"{base}/simple/", f"{base}/legacy/", reader=_READER, writer=_WRITER)
