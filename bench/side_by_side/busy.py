"""The measurement of reading while others write: pages beside eight uploads at a time."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from side_by_side import corpus
from side_by_side.asking import HTML, JSON
from side_by_side.contestant import Contestant
from side_by_side.load import LoadFailedError, figures_of, wrk
from side_by_side.measurement import Bench, Measurement
from side_by_side.peers.peer import Place
from side_by_side.reads import page
from side_by_side.samples import Sample
from side_by_side.uploads import Form, Uploader, make_form
from side_by_side.writes import AT_ONCE

_CONNECTIONS = 8
_UPLOADS_PER_SECOND = 600  # more than any server here takes


def _measure(contestant: Contestant, bench: Bench, number: int) -> Sample | None:
    """Read the page quietly, and then while uploads run.

    `quiet_p99_ms` beside the busy `p99_ms`, and `p99_ratio`, the second by the first.
    """
    place, seconds = contestant.place, bench.pace.seconds
    target = page(JSON, "gzip")(place) or page(HTML, "gzip")(place)
    if place.upload is None or target is None:
        return None
    count = _UPLOADS_PER_SECOND * (seconds + 1)
    wheels = corpus.fresh_uploads(bench.scratch, 3000 + number, count, corpus.SMALL_BYTES)
    forms = [make_form(wheel) for wheel in wheels]
    wrk(target, _CONNECTIONS, 1)  # warm up
    quiet = figures_of(wrk(target, _CONNECTIONS, seconds))
    with _uploading(place, forms) as done:
        busy = figures_of(wrk(target, _CONNECTIONS, seconds))
        uploads = len(done)
    if uploads == len(forms):
        raise LoadFailedError("all was uploaded before the reading ended")
    return {
        **{name: busy[name] for name in ("per_second", "p50_ms", "p99_ms")},
        "quiet_p99_ms": quiet["p99_ms"],
        "p99_ratio": busy["p99_ms"] / quiet["p99_ms"],
        "uploads_per_second": uploads / seconds,
    }


@contextmanager
def _uploading(place: Place, forms: list[Form]) -> Iterator[list[float]]:
    """Upload on 8 connections for as long as this is open; yields the list that times go to."""
    enough, done = threading.Event(), list[float]()

    def run(mine: list[Form]) -> None:
        uploader = Uploader(place)
        for form in mine:
            if enough.is_set():
                break
            done.append(uploader.upload(form))
        uploader.close()

    with ThreadPoolExecutor(AT_ONCE) as pool:
        lanes = [pool.submit(run, forms[lane::AT_ONCE]) for lane in range(AT_ONCE)]
        try:
            yield done
        finally:
            enough.set()
        for lane in lanes:
            lane.result()


BUSY = [Measurement("busy", "page while 8 uploads run", frozenset({"page"}), _measure)]
