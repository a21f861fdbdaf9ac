"""Measurements of the process: its start, and its memory at rest and after all the others."""

import time

from side_by_side.contestant import Contestant
from side_by_side.measurement import Bench, Measurement
from side_by_side.samples import Sample

_SETTLE_SECONDS = 1.0


def _start(contestant: Contestant, _bench: Bench, _round: int) -> Sample:
    """Start it anew on the data that it holds, and let it rest for a second."""
    seconds = contestant.restart()
    time.sleep(_SETTLE_SECONDS)
    return {"start_s": seconds, "idle_mb": contestant.process.resident_bytes() / 1e6}


def _memory(contestant: Contestant, _bench: Bench, _round: int) -> Sample:
    return {"after_mb": contestant.process.resident_bytes() / 1e6}


START = [Measurement("start", "start to first answer, at rest", frozenset({"page"}), _start)]
MEMORY = [Measurement("memory", "memory after the runs", frozenset(), _memory)]
