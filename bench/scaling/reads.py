"""Reads of an index: pages, lists, files.

"Cold" is the first read of something that an upload has just changed; otherwise it was read
before.
"""

from collections.abc import Iterator
from functools import partial
from typing import Any

from scaling.asking import HTML, JSON, REAL_VERSION, Asking, decoded
from scaling.probing import FEW, MANY, SOME, Probe


def page_probes(asking: Asking) -> Iterator[Probe]:
    """Probe pages of three lengths, and what hangs on them."""
    corpus = asking.corpus
    yield from _page(asking, "page, 4 files", corpus.median)
    yield from _page(asking, "page, 262 files", corpus.p99)
    yield from _largest_page(asking)
    for title, name in (("of 262 files", corpus.p99), ("of the largest", corpus.largest)):
        yield from _beside_page(asking, title, name)


def list_probes(asking: Asking) -> Iterator[Probe]:
    """Probe the lists of all names: of the project, its group and the instance."""
    for scope, base in (
        ("project", asking.index),
        ("group", f"{asking.group}/-/packages/pypi"),
        ("instance", "/api/v4/packages/pypi"),
    ):
        address, title = f"{base}/simple/", f"list of the {scope}"
        first = asking.read(address)
        entries = len(decoded(first)["projects"])
        read, new = partial(asking.read, address), asking.upload_new
        yield Probe(title, SOME, read, entries=entries)
        yield Probe(f"{title}, 304", SOME, partial(read, etag=first.headers["etag"]))
        yield Probe(f"{title}, cold", FEW, read, new, entries)
        yield Probe(f"{title}, HTML, cold", FEW, partial(read, HTML), new, entries)
        page = f"{base}/simple/{asking.corpus.p99}/"
        yield Probe(f"page in the {scope}, 262 files", SOME, partial(asking.read, page))


def _page(asking: Asking, title: str, name: str) -> Iterator[Probe]:
    read = partial(asking.page, name)
    yield Probe(title, MANY, read)
    yield Probe(f"{title}, cold", SOME, read, partial(asking.upload, name))


def _largest_page(asking: Asking) -> Iterator[Probe]:
    name = asking.corpus.largest
    upload = partial(asking.upload, name)
    entries = len(_files(asking, name))
    yield Probe("page, largest", SOME, partial(asking.page, name), entries=entries)
    for form, headers in (("JSON", JSON), ("HTML", HTML)):
        read = partial(asking.read, asking.page_address(name), headers)
        yield Probe(f"page, largest, {form}, cold", FEW, read, upload, entries)


def _beside_page(asking: Asking, title: str, name: str) -> Iterator[Probe]:
    """Probe a 304, a file, its metadata and PyPI's JSON API, whose answer has all files, too."""
    asking.upload(name)  # a file that has bytes
    etag = asking.page(name).headers["etag"]
    yield Probe(
        f"304, page {title}", SOME, partial(asking.read, asking.page_address(name), etag=etag)
    )
    files = _files(asking, name)
    url = next(file["url"] for file in files if f"-{REAL_VERSION}." in file["filename"])
    file = f"{asking.index}/{url.removeprefix('../../')}"
    yield Probe(f"file, {title}", MANY, partial(asking.read, file))
    yield Probe(f".metadata, {title}", MANY, partial(asking.read, f"{file}.metadata"))
    legacy = partial(asking.read, f"{asking.index}/pypi/{name}/json")
    is_largest = name == asking.corpus.largest
    yield Probe(
        f"JSON API, {title}",
        FEW if is_largest else SOME,
        legacy,
        entries=len(files) if is_largest else None,
    )


def _files(asking: Asking, name: str) -> list[dict[str, Any]]:
    files: list[dict[str, Any]] = decoded(asking.page(name))["files"]
    return files
