"""Measurements of reading: pages, their 304, metadata, wheels, the list of all names."""

from collections.abc import Callable

from side_by_side import corpus
from side_by_side.asking import HTML, JSON, ask, file_urls, page_url
from side_by_side.contestant import Contestant
from side_by_side.load import Target, run_wrk
from side_by_side.measurement import Bench, Measurement
from side_by_side.peers.peer import Place
from side_by_side.samples import Sample
from side_by_side.transfers import run_transfers

_CONNECTIONS = 32
_TRANSFERS = 2

# Finds what to read on a server; None where it has no such thing.
Finder = Callable[[Place], Target | None]


def page(accept: str, encoding: str) -> Finder:
    """Find the page of 50 files in this form."""
    return lambda place: _document(place, page_url(place, corpus.PAGED), accept, encoding)


def _listing(accept: str) -> Finder:
    return lambda place: _document(place, place.index, accept, "gzip")


def _document(place: Place, url: str, accept: str, encoding: str) -> Target | None:
    headers = place.read_headers | {"Accept": accept, "Accept-Encoding": encoding}
    answer = ask(url, headers)
    is_asked_for = answer.status == 200 and answer.headers["content-type"].startswith(accept)  # noqa: PLR2004
    return Target(url, headers) if is_asked_for else None


def _not_modified(place: Place) -> Target | None:
    headers = place.read_headers | {"Accept": JSON, "Accept-Encoding": "gzip"}
    url = page_url(place, corpus.PAGED)
    headers["If-None-Match"] = ask(url, headers).headers.get("etag", '""')
    return Target(url, headers) if ask(url, headers).status == 304 else None  # noqa: PLR2004


def _file(name: str, suffix: str = "") -> Finder:
    def find(place: Place) -> Target | None:
        target = Target(next(iter(file_urls(place, name).values())) + suffix, place.read_headers)
        return target if ask(target.url, target.headers).status == 200 else None  # noqa: PLR2004

    return find


def _read(key: str, title: str, part: str, find: Finder) -> Measurement:
    def measure(contestant: Contestant, bench: Bench, _round: int) -> Sample | None:
        target = find(contestant.place)
        if target is None:
            return None
        return run_wrk(contestant.process, target, _CONNECTIONS, bench.pace.seconds)

    return Measurement(key, title, frozenset({part}), measure)


def _transfer(key: str, title: str, part: str, name: str, *, slow: bool = False) -> Measurement:
    def measure(contestant: Contestant, bench: Bench, _round: int) -> Sample | None:
        target = _file(name)(contestant.place)
        if target is None:
            return None
        return run_transfers(contestant.process, target, _TRANSFERS, bench.pace.seconds)

    return Measurement(key, title, frozenset({part}), measure, slow)


READS = [
    _read("page", "page of 50 files, JSON, gzip", "page", page(JSON, "gzip")),
    _read("page-identity", "page, JSON, uncompressed", "page", page(JSON, "identity")),
    _read("page-304", "page, not modified (304)", "page", _not_modified),
    _read("page-html", "page, HTML, gzip", "page", page(HTML, "gzip")),
    _read("metadata", "metadata of a wheel", "page", _file(corpus.PAGED, ".metadata")),
    _read("wheel-2k", "wheel of 2 kB", "page", _file(corpus.PAGED)),
    _read("wheel-200k", "wheel of 200 kB", "medium", _file(corpus.MEDIUM)),
    _transfer("wheel-30m", "wheel of 30 MB", "large", corpus.LARGE),
    _transfer("wheel-300m", "wheel of 300 MB", "huge", corpus.HUGE, slow=True),
    _read("list", "list of all names, JSON, gzip", "names", _listing(JSON)),
    _read("list-html", "list of all names, HTML, gzip", "names", _listing(HTML)),
]
