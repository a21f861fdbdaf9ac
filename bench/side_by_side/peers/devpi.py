"""devpi-server: a user's index, with a login token, as `devpi login` makes one."""

import http.client
import json
import subprocess
from pathlib import Path
from typing import Any

from side_by_side.environments import locked_version, peer_environment
from side_by_side.peers.peer import Launch, Login, Place

_ROOT = Login("root", "root-password")
_BENCH = Login("bench", "bench-password")


class Devpi:
    """Its defaults, core metadata turned on, and no mirror of PyPI."""

    name = "devpi"
    note = "devpi-server's defaults and core metadata; reads send a token but do not need it"

    def version(self) -> str:
        """Return the locked version."""
        return locked_version("devpi-server", "devpi")

    def launch(self, data: Path, port: int) -> Launch:
        """Make the server's folder the first time; return `devpi-server`."""
        programs, folder, secret = peer_environment("devpi"), data / "server", data / "secret"
        if not folder.exists():
            _run(str(programs / "devpi-gen-secret"), "--secretfile", str(secret))
            init = [str(programs / "devpi-init"), "--serverdir", str(folder), "--no-root-pypi"]
            _run(*init, "--root-passwd", _ROOT.password)
        command = [str(programs / "devpi-server"), "--serverdir", str(folder)]
        command += ["--secretfile", str(secret), "--host", "127.0.0.1", "--port", str(port)]
        return Launch([*command, "--offline-mode", "--enable-core-metadata"])

    def open(self, data: Path, port: int) -> Place:  # noqa: ARG002  it is all told over HTTP
        """Make a user and an index of theirs, and log in."""
        root = _token(port, _ROOT)
        _say(port, "PUT", f"/{_BENCH.user}", {"password": _BENCH.password}, root)
        login = _token(port, _BENCH)
        _say(port, "PUT", f"/{_BENCH.user}/packages", {"bases": []}, login)
        base = f"http://127.0.0.1:{port}/{_BENCH.user}/packages/"
        return Place(f"{base}+simple/", base, reader=login, writer=login)


def _token(port: int, login: Login) -> Login:
    """Trade the password, which is slow to check, for a token."""
    body = {"user": login.user, "password": login.password}
    said = _say(port, "POST", "/+login", body, None)
    return Login(login.user, said["result"]["password"])


def _say(port: int, method: str, path: str, body: object, login: Login | None) -> Any:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    headers = {"Content-Type": "application/json"}
    if login is not None:
        headers["Authorization"] = login.header
    try:
        connection.request(method, path, json.dumps(body), headers)
        response = connection.getresponse()
        words = response.read()
        if response.status >= 300:  # noqa: PLR2004
            raise RuntimeError(f"devpi: {method} {path}: {response.status} {words[:300]!r}")
        return json.loads(words)
    finally:
        connection.close()


def _run(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True)
