"""The throw-away server of the tour: one `wheelyard serve`, and plain requests to it."""

import base64
import http.client
import json
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from wheelyard.cli.tour import surroundings
from wheelyard.cli.tour.programs import StepFailedError

_READY = re.compile(r"is serving at http://(\S+)")
_START_SECONDS = 60
_STOP_SECONDS = 30
_SIMPLE_JSON = "application/vnd.pypi.simple.v1+json"


@dataclass(frozen=True, slots=True)
class Response:
    """A status and a body."""

    status: int
    body: bytes

    def json(self) -> dict[str, Any]:
        """Return the JSON object in the body."""
        document: dict[str, Any] = json.loads(self.body)
        return document


@contextmanager
def running_server(data: Path) -> Iterator[str]:
    """Serve `data` on a free port; yield `host:port`. The server ends with the block."""
    output = data.with_name("server.log")
    with output.open("wb") as stream:
        process = subprocess.Popen(
            [sys.executable, "-m", "wheelyard", "serve", "--port", "0"],
            env=surroundings.of_operator(data),
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=stream,
        )
    try:
        yield _wait_until_ready(process, output)
    finally:
        process.terminate()
        try:
            process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait_until_ready(process: subprocess.Popen[bytes], output: Path) -> str:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        if ready := _READY.search(output.read_text(errors="replace")):
            return ready[1]
        time.sleep(0.05)
    raise StepFailedError(f"the server did not start:\n{output.read_text(errors='replace')}")


def get(address: str, path: str, username: str, token: str) -> Response:
    """Ask the server at `host:port`, as a client of the index does."""
    credentials = base64.b64encode(f"{username}:{token}".encode()).decode()
    headers = {"Authorization": f"Basic {credentials}", "Accept": _SIMPLE_JSON}
    connection = http.client.HTTPConnection(address, timeout=30)
    try:
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        return Response(answer.status, answer.read())
    finally:
        connection.close()
