"""A run: registries of several sizes are seeded and served, and asked in turns."""

import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from running import Server
from scaling.asking import Asking
from scaling.calls import rest_probes, web_probes, write_probes
from scaling.corpus import make_corpus
from scaling.crowding import Waits, waits
from scaling.measuring import Client, Cost, measure, resident_bytes
from scaling.probing import Probe
from scaling.reads import list_probes, page_probes
from scaling.seeding import Seeded, seed

_QUICK = 4
"""A quick run makes a fourth of the requests."""
_STARTS = 3

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Extent:
    """How much of it is measured: what has `only` in its title; a quick run asks less often."""

    only: str = ""
    is_quick: bool = False

    def times(self, probe: Probe) -> int:
        """Return how often a probe is measured."""
        return max(3, probe.times // _QUICK) if self.is_quick else probe.times


@dataclass
class Run:
    """What was measured at one size, by title: requests, and other facts by title and unit."""

    files: int
    costs: dict[str, Cost] = field(default_factory=dict)
    facts: dict[str, float] = field(default_factory=dict)
    quiet: Waits | None = None
    crowded: Waits | None = None


@dataclass
class _Served:
    """A registry, its server, and what was measured of it."""

    seeded: Seeded
    server: Server
    run: Run

    @property
    def pids(self) -> list[int]:
        """The processes of the server."""
        return [self.server.pid, *self.server.worker_pids]

    @property
    def memory_mb(self) -> float:
        """What the server holds."""
        return resident_bytes(self.pids) / 1e6

    def ask(self) -> Asking:
        """Open a connection."""
        return Asking(self.seeded, Client(self.server.address))

    def end(self) -> None:
        """Stop the server and remove its registry."""
        if self.server.is_running():
            self.server.stop()
        shutil.rmtree(self.seeded.data)


def run(sizes: Sequence[int], folder: Path, extent: Extent, say: Say) -> list[Run]:
    """Measure registries of so many files, in a folder that has room for all."""
    with ExitStack() as stack:
        served: list[_Served] = []
        for files in sizes:
            say(f"{files:,} files: writing the rows")
            served.append(_serve(files, folder / f"{files}"))
            stack.callback(served[-1].end)
        if not extent.only:
            _measure_starts(served)
        _measure_requests(served, extent, say)
        if not extent.only:
            for each in served:
                say(f"{each.run.files:,} files: readers beside the largest name")
                each.run.quiet, each.run.crowded = waits(each.seeded, each.server.address)
                each.run.facts["memory after the run, MB"] = each.memory_mb
                _measure_upkeep(each)
        return [each.run for each in served]


def _serve(files: int, data: Path) -> _Served:
    begin = time.monotonic()
    seeded = seed(data, make_corpus(files))
    measured = Run(files, facts={"rows written, s": time.monotonic() - begin})
    server = Server(data)
    server.start()  # the first start makes the administrator
    return _Served(seeded, server, measured)


def _measure_starts(served: Sequence[_Served]) -> None:
    """Measure from the start of the process to the first page, and the memory after it."""
    seconds: list[list[float]] = [[] for _ in served]
    for _ in range(_STARTS):
        for each, taken in zip(served, seconds, strict=True):
            each.server.stop()
            begin = time.perf_counter()
            each.server.start()
            each.ask().page(each.seeded.corpus.median)
            taken.append(time.perf_counter() - begin)
    for each, taken in zip(served, seconds, strict=True):
        each.run.facts["start to first answer, s"] = statistics.median(taken)
        each.run.facts["memory at rest, MB"] = each.memory_mb


def _measure_requests(served: Sequence[_Served], extent: Extent, say: Say) -> None:
    pids = [each.pids for each in served]
    for probes in zip(*(_probes(each.ask()) for each in served), strict=True):
        title = probes[0].title
        if extent.only in title:
            say(title)
            costs = measure(pids, probes, extent.times(probes[0]))
            for each, cost in zip(served, costs, strict=True):
                each.run.costs[title] = cost


def _measure_upkeep(each: _Served) -> None:
    begin = time.perf_counter()
    data = str(each.seeded.data)
    command = [sys.executable, "-m", "wheelyard", "upkeep", "--backfill", "--data", data]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    each.run.facts["upkeep, s"] = time.perf_counter() - begin


def _probes(asking: Asking) -> Iterator[Probe]:
    yield from page_probes(asking)
    yield from list_probes(asking)
    yield from write_probes(asking)
    yield from rest_probes(asking)
    yield from web_probes(asking)
