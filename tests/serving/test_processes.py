"""Signals and processes: what ends a server, what does not, and what happens to its requests."""

import json
import os
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from distributions import build_wheel
from running import Server
from serving.certificates import make_certificate
from serving.publishing import Publisher

PAUSE_SECONDS = 0.25
PIECES = 8

StartServer = Callable[..., Server]


def wait_until(holds: Callable[[], bool], seconds: float) -> None:
    """Fail unless it holds within that time."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, f"not within {seconds} s"
        time.sleep(0.02)


def is_gone(pid: int) -> bool:
    """Tell whether the process has ended (a zombie that nobody asked after has)."""
    try:
        status = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return True
    return status.rpartition(")")[2].split()[0] == "Z"


def is_refused(server: Server) -> bool:
    """Tell whether nothing listens at the server's address."""
    parts = urlsplit(server.address)
    try:
        socket.create_connection((parts.hostname, parts.port), 5).close()
    except ConnectionRefusedError:
        return True
    return False


class SlowUpload:
    """An upload of some seconds; `begin` returns in the middle of it."""

    def __init__(self, publisher: Publisher) -> None:
        self._publisher = publisher
        self._is_under_way = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self.filename, self._content = build_wheel(
            "slow", "1.0", files={"slow/x": os.urandom(3000)}
        )
        self.answer: tuple[int, bytes] | None = None

    def begin(self) -> "SlowUpload":
        self._thread.start()
        assert self._is_under_way.wait(30)
        return self

    def finish(self) -> tuple[int, bytes] | None:
        self._thread.join()
        return self.answer

    def _run(self) -> None:
        self.answer = self._publisher.stream(self.filename, self._pieces(), len(self._content))

    def _pieces(self) -> Iterator[bytes]:
        size = len(self._content) // PIECES + 1
        for start in range(0, len(self._content), size):
            yield self._content[start : start + size]
            time.sleep(PAUSE_SECONDS)
            if start:
                self._is_under_way.set()


@pytest.mark.parametrize("workers", [1, 2])
def test_sigterm_finishes_what_is_in_flight(start_server: StartServer, workers: int) -> None:
    server = start_server("--workers", str(workers))
    publisher = Publisher.of(server)
    upload = SlowUpload(publisher).begin()
    os.kill(server.pid, signal.SIGTERM)
    wait_until(lambda: is_refused(server), 1)
    assert upload.answer is None
    assert upload.finish() == (201, b'{"message":"201 Created"}')
    assert server.stop() == 0
    server.start()
    assert upload.filename in publisher.listed("slow")


def test_idle_connections_do_not_hold_up_the_end(start_server: StartServer) -> None:
    server = start_server()
    parts = urlsplit(server.address)
    with socket.create_connection((parts.hostname, parts.port), 5) as idle:
        idle.sendall(b"GET /-/liveness HTTP/1.1\r\nHost: x\r\n\r\n")
        assert idle.recv(4096).startswith(b"HTTP/1.1 200")
        started = time.monotonic()
        assert server.stop() == 0
        assert time.monotonic() - started < 5


def test_idle_connections_with_tls_do_not_either(start_server: StartServer, tmp_path: Path) -> None:
    """A client that keeps one for later does not read that it ends."""
    server = start_server(*make_certificate(tmp_path).options)
    parts = urlsplit(server.address)
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with (
        socket.create_connection((parts.hostname, parts.port), 20) as plain,
        context.wrap_socket(plain) as idle,
    ):
        idle.sendall(b"GET /-/liveness HTTP/1.1\r\nHost: x\r\n\r\n")
        assert idle.recv(4096).startswith(b"HTTP/1.1 200 OK\r\n")
        began = time.monotonic()
        assert server.stop() == 0
        assert time.monotonic() - began < 15


def test_a_signal_while_it_starts_ends_it(tmp_path: Path) -> None:
    """A worker that has just been forked must not swallow it, and be waited for in vain."""
    command = [sys.executable, "-m", "wheelyard", "serve", "--workers", "2", "--port", "0"]
    command += ["--data", str(tmp_path / "data")]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        started = time.monotonic()
        process.stdout.readline()
        start_seconds = time.monotonic() - started
        process.terminate()
    for tenths in (7, 8, 9, 10):
        with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
            time.sleep(start_seconds * tenths / 10)
            process.terminate()
            assert process.wait(10) in {0, -signal.SIGTERM}


def test_a_killed_worker_is_replaced(start_server: StartServer) -> None:
    server = start_server("--workers", "2")
    publisher = Publisher.of(server)
    first, second = server.worker_pids
    os.kill(first, signal.SIGKILL)
    wait_until(lambda: len({*server.worker_pids} - {first, second}) == 1, 20)
    filename, content = build_wheel("after", "1.0")
    assert publisher.upload(filename, content).status_code == 201
    assert filename in publisher.listed("after")
    lines = server.output.read_text().splitlines()
    [line] = [line for line in lines if f"worker {first} ended" in line]
    assert json.loads(line)["level"] == "error"


def test_workers_end_with_a_killed_parent(start_server: StartServer) -> None:
    server = start_server("--workers", "2")
    workers = server.worker_pids
    assert len(workers) == 2
    os.kill(server.pid, signal.SIGKILL)
    wait_until(lambda: all(is_gone(pid) for pid in workers), 2)
    assert is_refused(server)
    assert server.stop() == -signal.SIGKILL
    assert server.start().stop() == 0


def test_a_replaced_worker_ends_with_a_killed_parent(start_server: StartServer) -> None:
    server = start_server()
    [first] = server.worker_pids
    os.kill(first, signal.SIGKILL)
    wait_until(lambda: server.worker_pids not in ([first], []), 20)
    wait_until(lambda: not is_refused(server), 20)
    [second] = server.worker_pids
    os.kill(server.pid, signal.SIGKILL)
    wait_until(lambda: is_gone(second), 2)
