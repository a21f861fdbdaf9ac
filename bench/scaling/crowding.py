"""Whether the largest name holds up readers of small pages: they read while it changes and is read.

An upload to it, and a first read of its page, are by far the longest work that one request makes.
"""

import multiprocessing
import statistics
import time
from dataclasses import dataclass
from multiprocessing.synchronize import Event

from scaling.asking import Asking
from scaling.measuring import Client
from scaling.seeding import Seeded

_SECONDS = 10


@dataclass(frozen=True, slots=True)
class Waits:
    """How long readers of a small page waited, in seconds."""

    p50: float
    p99: float
    longest: float


def waits(seeded: Seeded, address: str, seconds: float = _SECONDS) -> tuple[Waits, Waits]:
    """Return the waits on a quiet server, and on one where the largest name is changed and read."""
    asking = Asking(seeded, Client(address))
    asking.page(seeded.corpus.median)
    quiet = _read_for(asking, seconds)
    stop = multiprocessing.Event()
    others = multiprocessing.Process(target=_disturb, args=(seeded, address, stop))
    others.start()
    try:
        crowded = _read_for(asking, seconds)
    finally:
        stop.set()
        others.join()
    return quiet, crowded


def _read_for(asking: Asking, seconds: float) -> Waits:
    measured = []
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        before = time.perf_counter()
        asking.page(asking.corpus.median)
        measured.append(time.perf_counter() - before)
        time.sleep(0.005)  # readers come and go; one that asks without a pause measures itself
    cuts = statistics.quantiles(measured, n=100)
    return Waits(cuts[49], cuts[98], max(measured))


def _disturb(seeded: Seeded, address: str, stop: Event) -> None:
    asking = Asking(seeded, Client(address))
    while not stop.is_set():
        asking.upload(asking.corpus.largest)
        asking.page(asking.corpus.largest)
