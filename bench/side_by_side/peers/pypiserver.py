"""pypiserver: a folder of files, behind gunicorn, with a password for everything."""

import base64
import hashlib
from pathlib import Path

from side_by_side.environments import locked_version, peer_environment
from side_by_side.peers.peer import Launch, Login, Place

_LOGIN = Login("bench", "bench-password")


class Pypiserver:
    """Its faster choices: gunicorn, the cached index, a password that is checked by one SHA-1."""

    name = "pypiserver"
    note = "gunicorn with one worker process, cached index, every action needs the password"

    def version(self) -> str:
        """Return the locked version."""
        return locked_version("pypiserver", "pypiserver")

    def launch(self, data: Path, port: int) -> Launch:
        """Write the password file and return `pypi-server run`."""
        packages, passwords = data / "packages", data / "htpasswd"
        packages.mkdir(exist_ok=True)
        digest = hashlib.sha1(_LOGIN.password.encode(), usedforsecurity=False).digest()
        passwords.write_text(f"{_LOGIN.user}:{{SHA}}{base64.b64encode(digest).decode()}\n")
        command = [str(peer_environment("pypiserver") / "pypi-server"), "run", str(packages)]
        command += ["--host", "127.0.0.1", "--port", str(port), "--server", "gunicorn"]
        command += ["--authenticate", "download,list,update", "--passwords", str(passwords)]
        return Launch([*command, "--disable-fallback"], {"HOME": str(data)})

    def open(self, data: Path, port: int) -> Place:  # noqa: ARG002  nothing is left to make
        """Return where it is."""
        base = f"http://127.0.0.1:{port}/"
        return Place(f"{base}simple/", base, reader=_LOGIN, writer=_LOGIN)
