"""A real server for the tests: `wheelyard serve` as a process on a free port of loopback."""

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

from databases import environment_of

READY = re.compile(r"is serving at (\S+)")
START_SECONDS = 60


class Server:
    """One `wheelyard serve` on one data folder; it can be stopped, killed and started again."""

    def __init__(
        self, data: Path, *options: str, environment: dict[str, str] | None = None
    ) -> None:
        self.data = data
        self.address = ""
        self._options = options
        self._environment = environment or {}
        self._process: subprocess.Popen[bytes] | None = None
        self.output = data.with_name(data.name + ".log")

    @property
    def pid(self) -> int:
        """The main process."""
        assert self._process is not None
        return self._process.pid

    @property
    def worker_pids(self) -> list[int]:
        """The worker processes."""
        children = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text()
        return [int(pid) for pid in children.split()]

    def start(self) -> "Server":
        """Start it, and return when it serves."""
        arguments = [sys.executable, "-m", "wheelyard", "serve", "--data", str(self.data)]
        port = self.address.rpartition(":")[2] or "0"
        self.output.touch()
        begin = self.output.stat().st_size
        with self.output.open("ab") as stream:
            self._process = subprocess.Popen(
                [*arguments, "--port", port, *self._options],
                stdout=stream,
                stderr=stream,
                env={**os.environ, **environment_of(self.data), **self._environment},
            )
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            text = self.output.read_bytes()[begin:].decode()
            if ready := READY.search(text):
                self.address = ready[1]
                return self
            assert self._process.poll() is None, f"the server ended:\n{text}"
            time.sleep(0.02)
        raise AssertionError(f"the server did not start:\n{text}")

    def stop(self) -> int:
        """End it with SIGTERM and return its exit status."""
        assert self._process is not None
        self._process.send_signal(signal.SIGTERM)
        return self._process.wait(timeout=90)

    def kill(self) -> None:
        """End all of its processes at once with SIGKILL."""
        assert self._process is not None
        for pid in [*self.worker_pids, self.pid]:
            os.kill(pid, signal.SIGKILL)
        self._process.wait(timeout=30)

    def is_running(self) -> bool:
        """Tell whether the main process lives."""
        return self._process is not None and self._process.poll() is None
