"""Measurements of publishing: small wheels several at a time, one large wheel, and visibility."""

import time

from side_by_side import corpus
from side_by_side.asking import JSON, ask, page_url
from side_by_side.contestant import Contestant
from side_by_side.measurement import Bench, Measurement
from side_by_side.samples import Sample
from side_by_side.uploads import Uploader, make_form, upload_forms
from side_by_side.wheels import Distribution

AT_ONCE = 8
_SETTLE_SECONDS = 0.5
_VISIBLE_SECONDS = 20
_LARGE_UPLOADS = 3


def _small(contestant: Contestant, bench: Bench, number: int) -> Sample | None:
    wheels = corpus.fresh_uploads(bench.scratch, number, bench.pace.uploads, corpus.SMALL_BYTES)
    return _upload(contestant, wheels, AT_ONCE)


def _large(contestant: Contestant, bench: Bench, number: int) -> Sample | None:
    wheels = corpus.fresh_uploads(bench.scratch, 1000 + number, _LARGE_UPLOADS, corpus.LARGE_BYTES)
    return _upload(contestant, wheels, 1)


def _upload(contestant: Contestant, wheels: list[Distribution], at_once: int) -> Sample | None:
    """Upload; what the server does after its answers, within half a second, counts as its CPU."""
    if contestant.place.upload is None:
        return None
    forms = [make_form(wheel) for wheel in wheels]
    cpu, started = contestant.process.cpu_seconds(), time.perf_counter()
    seconds = sorted(upload_forms(contestant.place, forms, at_once))
    wall = time.perf_counter() - started
    time.sleep(_SETTLE_SECONDS)
    used = contestant.process.cpu_seconds() - cpu
    return {
        "per_second": len(forms) / wall,
        "p50_ms": seconds[len(seconds) // 2] * 1e3,
        "p99_ms": seconds[min(len(seconds) - 1, int(len(seconds) * 0.99))] * 1e3,
        "cpu_us": used / len(forms) * 1e6,
        "gb_per_second": sum(form.length_bytes for form in forms) / wall / 1e9,
    }


def _visible(contestant: Contestant, bench: Bench, number: int) -> Sample | None:
    """Publish one after the other; after each answer read the page until it names the file.

    `visible_ms` is 0 where the first read showed it, `first_read` the share of such publications.
    """
    if contestant.place.upload is None:
        return None
    wheels = corpus.fresh_uploads(
        bench.scratch, 2000 + number, bench.pace.publications, corpus.SMALL_BYTES
    )
    delays = sorted(_delay(contestant, wheel) for wheel in wheels)
    return {
        "visible_ms": delays[len(delays) // 2] * 1e3,
        "visible_max_ms": delays[-1] * 1e3,
        "first_read": sum(delay == 0 for delay in delays) / len(delays),
    }


def _delay(contestant: Contestant, wheel: Distribution) -> float:
    place = contestant.place
    headers = place.read_headers | {"Accept": f"{JSON}, text/html;q=0.5"}
    uploader = Uploader(place)
    uploader.upload(make_form(wheel))
    uploader.close()
    answered, reads = time.perf_counter(), 0
    while time.perf_counter() - answered < _VISIBLE_SECONDS:
        began = time.perf_counter()
        answer = ask(page_url(place, wheel.name), headers)
        if wheel.path.name.encode() in answer.body:
            return began - answered if reads else 0
        reads += 1
    raise TimeoutError(f"{contestant.name} did not show {wheel.path.name}")


WRITES = [
    Measurement("upload", "upload of 2 kB, 8 at a time", frozenset({"page"}), _small),
    Measurement("upload-30m", "upload of 30 MB", frozenset({"page"}), _large, slow=True),
    Measurement("visible", "publish to visible", frozenset({"page"}), _visible),
]
