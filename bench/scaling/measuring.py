"""What a request costs: processor time of the server, and how long the client waits.

Requests go one after the other over one connection. Each is measured by itself and the middle one
counts, so what else the machine does, and what the server does now and then, stays out. Sizes take
turns at each request, so that whatever else the machine does falls on all of them.
"""

import http.client
import statistics
import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from scaling.probing import Probe

TIMEOUT_SECONDS = 300


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds that each of several requests took: of the processor, and of waiting."""

    cpu: Sequence[float]
    wall: Sequence[float]
    entries: int | None

    @property
    def cpu_seconds(self) -> float:
        """The median of the processor's time."""
        return statistics.median(self.cpu)

    @property
    def wall_seconds(self) -> float:
        """The median of the wait."""
        return statistics.median(self.wall)


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer, its body as it was sent."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes


class Client:
    """One connection to a server, kept open."""

    def __init__(self, address: str) -> None:
        host = urlsplit(address).netloc
        self._connection = http.client.HTTPConnection(host, timeout=TIMEOUT_SECONDS)

    def ask(
        self,
        path: str,
        headers: Mapping[str, str],
        method: str = "GET",
        body: bytes | None = None,
    ) -> Answer:
        """Send a request; an answer of 400 or more ends the benchmark."""
        self._connection.request(method, path, body, dict(headers))
        response = self._connection.getresponse()
        answer = Answer(response.status, response.headers, response.read())
        if answer.status >= http.client.BAD_REQUEST:
            raise SystemExit(f"{method} {path}: {answer.status} {answer.body[:500]!r}")
        return answer


def cpu_seconds(pids: Collection[int]) -> float:
    """Return the processor time that all threads of these processes have used."""
    nanoseconds = 0
    for pid in pids:
        for file in Path(f"/proc/{pid}/task").glob("*/schedstat"):
            nanoseconds += int(file.read_text().split()[0])
    return nanoseconds / 1e9


def resident_bytes(pids: Collection[int]) -> int:
    """Return the memory that these processes hold, what they share counted in parts (PSS)."""
    kibibytes = 0
    for pid in pids:
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                kibibytes += int(line.split()[1])
    return kibibytes * 1024


def measure(pids: Sequence[Collection[int]], probes: Sequence[Probe], times: int) -> list[Cost]:
    """Make each server's request so many times, one server after the other.

    What prepares a request does not count. Before the first that counts, each is made once.
    """
    samples: list[tuple[list[float], list[float]]] = [([], []) for _ in probes]
    for number in range(times + 1):
        for server, probe, (cpu, wall) in zip(pids, probes, samples, strict=True):
            used, waited = _measure_one(server, probe)
            if number:
                cpu.append(used)
                wall.append(waited)
    return [
        Cost(cpu, wall, probe.entries) for probe, (cpu, wall) in zip(probes, samples, strict=True)
    ]


def _measure_one(pids: Collection[int], probe: Probe) -> tuple[float, float]:
    if probe.prepare is not None:
        probe.prepare()
    cpu_before, before = cpu_seconds(pids), time.perf_counter()
    probe.work()
    waited = time.perf_counter() - before
    return cpu_seconds(pids) - cpu_before, waited
