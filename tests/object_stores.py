"""An S3 server for the tests: moto's, a process of its own on a free port of loopback.

Run as a program, this file is that server. It takes one request for an object at a time: two PUTs
of one key at once sometimes make moto fail, which no real store does.

`WHEELYARD_TEST_BLOBS` (`s3://bucket/prefix`, with the provider's own variables) adds a real store
to the tests that run against all of them.
"""

import os
import socket
import subprocess
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterable
from pathlib import Path
from threading import Lock
from typing import Any
from uuid import uuid4

import requests

GIVEN = os.environ.get("WHEELYARD_TEST_BLOBS", "").rstrip("/")
"""The address of a real store to test as well, or empty."""

BUCKET = "wheels"
START_SECONDS = 60


class S3Server:
    """One `moto_server`, with an empty bucket; it forgets everything when it ends."""

    def __init__(self, log: Path) -> None:
        self._log = log
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self.endpoint = f"http://127.0.0.1:{self.port}"
        self.environment = {
            "AWS_ACCESS_KEY_ID": "AKIATEST",
            "AWS_SECRET_ACCESS_KEY": "secretsecret",
            "AWS_REGION": "us-east-1",
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_ALLOW_HTTP": "true",
        }
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> "S3Server":
        """Start it, and return when it has its bucket."""
        with self._log.open("ab") as stream:
            self._process = subprocess.Popen(
                [sys.executable, __file__, str(self.port)],
                stdout=stream,
                stderr=stream,
            )
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            assert self._process.poll() is None, self._log.read_text()
            try:
                assert requests.put(f"{self.endpoint}/{BUCKET}", timeout=30).ok
            except requests.ConnectionError:
                time.sleep(0.05)
            else:
                return self
        raise AssertionError(f"moto did not start:\n{self._log.read_text()}")

    def stop(self) -> None:
        """End it, with all that it holds."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(timeout=30)
            self._process = None

    def downloads(self, by: str) -> int:
        """Return how many GETs of files came from a client, by the beginning of its name."""
        lines = self._log.read_text(errors="replace").splitlines()
        return sum(line.startswith("GET /") and f" by {by}" in line for line in lines)

    def fresh_url(self) -> str:
        """Return an address in the bucket that nothing is stored at."""
        return f"s3://{BUCKET}/{uuid4().hex}"


def _end_with(parent: int) -> None:
    """End this process when its parent has ended, however that went."""
    while os.getppid() == parent:
        time.sleep(0.5)
    os._exit(0)


def _serve(port: int) -> None:
    from moto.moto_server.werkzeug_app import (  # noqa: PLC0415  the tests themselves need none
        DomainDispatcherApplication,
        create_backend_app,
    )
    from werkzeug.serving import run_simple  # noqa: PLC0415  likewise

    threading.Thread(target=_end_with, args=(os.getppid(),), daemon=True).start()
    moto = DomainDispatcherApplication(create_backend_app)
    locks: defaultdict[str, Lock] = defaultdict(Lock)

    def one_at_a_time(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        agent = environ.get("HTTP_USER_AGENT", "")
        sys.stderr.write(f"{environ['REQUEST_METHOD']} {environ['PATH_INFO']} by {agent}\n")
        with locks[environ["PATH_INFO"]]:
            answer: Iterable[bytes] = moto(environ, start)
            return answer

    run_simple("127.0.0.1", port, one_at_a_time, threaded=True)


if __name__ == "__main__":
    _serve(int(sys.argv[1]))
