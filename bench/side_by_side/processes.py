"""A server as a process: started, waited for, measured with all it starts, and ended."""

import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

_TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
_CPUCLOCK_SCHED = 2  # Linux: of the kinds of CPU clock, the one that the scheduler keeps
_STOP_SECONDS = 20


class ServerProcess:
    """One server and its children. It dies with the benchmark, however that ends."""

    def __init__(self, command: list[str], log: Path, environment: Mapping[str, str]) -> None:
        prefix = ["setpriv", "--pdeathsig", "TERM"] if shutil.which("setpriv") else []
        self._log = log
        self._started = time.monotonic()
        with log.open("ab") as stream:
            self._process = subprocess.Popen(
                [*prefix, *command],
                stdin=subprocess.DEVNULL,
                stdout=stream,
                stderr=stream,
                env={**_inherited(), **environment},
            )

    def wait_until(self, answers: Callable[[], bool], seconds: float = 90) -> float:
        """Return how many seconds after its start `answers` was true first.

        Raises RuntimeError with the server's last words when it ends before, or TimeoutError.
        """
        while time.monotonic() - self._started < seconds:
            if answers():
                return time.monotonic() - self._started
            if self._process.poll() is not None:
                raise RuntimeError(f"the server ended:\n{self._log.read_text()[-3000:]}")
            time.sleep(0.005)
        raise TimeoutError(f"no answer in {seconds} s:\n{self._log.read_text()[-3000:]}")

    def cpu_seconds(self) -> float:
        """Return the CPU time of the processes so far, user and system, ended children included."""
        return sum(_cpu_seconds(pid) for pid in self._tree())

    def resident_bytes(self) -> int:
        """Return the resident memory (PSS): private pages, and a share of what others map too."""
        total = 0
        for pid in self._tree():
            for line in _read(f"/proc/{pid}/smaps_rollup").splitlines():
                if line.startswith("Pss:"):
                    total += int(line.split()[1]) * 1024
        return total

    def stop(self) -> None:
        """End it, and whatever it left."""
        tree = self._tree()
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            for pid in tree:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            self._process.wait(_STOP_SECONDS)

    def _tree(self) -> list[int]:
        found, queue = [], [self._process.pid]
        while queue:
            pid = queue.pop()
            found.append(pid)
            for task in Path(f"/proc/{pid}/task").glob("*/children"):
                queue.extend(int(child) for child in _read(str(task)).split())
        return found


def free_port() -> int:
    """Return a port of 127.0.0.1 that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _inherited() -> dict[str, str]:
    """Return this environment but for the benchmark's own modules."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}


def _cpu_seconds(pid: int) -> float:
    """Return the CPU time of a process with all its threads, and of its ended children.

    /proc counts in steps of 10 ms, too coarse for an installation that costs less. The clock that
    clock_getcpuclockid(3) names counts in nanoseconds; ended children stand in /proc only.
    """
    fields = _read(f"/proc/{pid}/stat").rpartition(")")[2].split()
    try:
        own = time.clock_gettime((~pid << 3) | _CPUCLOCK_SCHED)
    except OSError:  # it ended in between
        own = 0
    return own + sum(int(field) for field in fields[13:15]) / _TICKS_PER_SECOND


def _read(path: str) -> str:
    try:
        return Path(path).read_text()
    except OSError:  # it ended in between
        return ""
