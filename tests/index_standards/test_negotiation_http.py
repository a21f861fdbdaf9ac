"""Which form of the index a client is given, over HTTP, from every index there is (PEP 691)."""

import gzip
from collections.abc import Callable
from urllib.parse import quote

import pytest
import requests
import zstandard

from index_standards.conftest import Sample
from requesting import send_raw
from wheelyard.http.encodings import MIN_BYTES

JSON = "application/vnd.pypi.simple.v1+json"
HTML = "application/vnd.pypi.simple.v1+html"
TEXT = "text/html; charset=utf-8"
PROBLEM = "application/problem+json"
PAGES = ("/simple/", "/simple/sample-pkg/")
INDEXES = ("project", "project-by-path", "group", "instance")

PIP = f"{JSON}, {HTML}; q=0.1, text/html; q=0.01"
UV = f"{JSON}, {HTML};q=0.2, text/html;q=0.01"
POETRY = f"{JSON}, */*;q=0.1"

ACCEPTED = (
    (None, TEXT),
    ("", TEXT),
    ("*/*", TEXT),
    ("text/html", TEXT),
    ("text/*", TEXT),
    ("TEXT/HTML;Q=1", TEXT),
    (PIP, JSON),
    (UV, JSON),
    (POETRY, JSON),
    (JSON, JSON),
    (JSON.upper(), JSON),
    (HTML, HTML),
    ("application/vnd.pypi.simple.latest+json", JSON),
    ("application/vnd.pypi.simple.latest+html", HTML),
    (f"{JSON};q=0.5, text/html", TEXT),
    (f"text/html, {JSON}", JSON),
    (f"{JSON};q=0, */*", TEXT),
    (f"text/html;q=0, {HTML};q=0, */*", JSON),
    ("application/json, text/html;q=0.9", TEXT),
    ("image/avif,image/webp,*/*;q=0.8", TEXT),
    (f"{JSON};charset=utf-8;q=1.000", JSON),
)
REFUSED = (
    "image/png",
    "application/json",
    "application/vnd.pypi.simple.v2+json",
    "application/vnd.pypi.simple.v1+xml",
    "*/*;q=0",
    f"{JSON};q=0",
)
FORMATS = (
    ("application/vnd.pypi.simple.v1+json", JSON),
    ("application/vnd.pypi.simple.v1+html", HTML),
    ("application/vnd.pypi.simple.latest+json", JSON),
    ("application/vnd.pypi.simple.latest+html", HTML),
    ("text/html", TEXT),
)


def ask(
    sample: Sample, url: str, accept: str | None = None, encoding: str | None = None
) -> requests.Response:
    headers = {"Accept": accept, "Accept-Encoding": encoding}  # None: not sent
    return sample.index.session.get(
        url, headers=headers, auth=sample.auth, timeout=60, allow_redirects=False
    )


def assert_is(answer: requests.Response, content_type: str) -> None:
    assert answer.status_code == requests.codes.ok
    assert answer.headers["content-type"] == content_type
    assert answer.headers["vary"] == "Accept, Accept-Encoding"
    if content_type == JSON:
        assert answer.json()["meta"]["api-version"] == "1.4"
    else:
        assert answer.text.startswith("<!DOCTYPE html>")


@pytest.mark.parametrize("index", INDEXES)
@pytest.mark.parametrize("page", PAGES)
def test_accept(sample: Sample, index: str, page: str) -> None:
    for accept, content_type in ACCEPTED:
        assert_is(ask(sample, sample.bases[index] + page, accept), content_type)


@pytest.mark.parametrize("index", INDEXES)
@pytest.mark.parametrize("page", PAGES)
def test_not_acceptable(sample: Sample, index: str, page: str) -> None:
    for accept in REFUSED:
        answer = ask(sample, sample.bases[index] + page, accept)
        assert answer.status_code == requests.codes.not_acceptable
        assert answer.headers["content-type"] == PROBLEM
        assert answer.headers["cache-control"] == "no-store"
        assert JSON in answer.json()["detail"]


@pytest.mark.parametrize("index", INDEXES)
@pytest.mark.parametrize("page", PAGES)
def test_format_beats_accept(sample: Sample, index: str, page: str) -> None:
    url = sample.bases[index] + page
    for wanted, content_type in FORMATS:
        assert_is(ask(sample, f"{url}?format={wanted}"), content_type)
        for accept in (JSON, "text/html", "image/png"):
            assert_is(ask(sample, f"{url}?format={quote(wanted, safe='')}", accept), content_type)
    for wrong in ("json", "*/*", "image/png", f"{JSON};q=1", "x" * 500):
        answer = ask(sample, f"{url}?format={wrong}", JSON)
        assert answer.status_code == requests.codes.not_acceptable
    assert_is(ask(sample, f"{url}?other=x", JSON), JSON)


def test_bytes_that_are_no_header(sample: Sample) -> None:
    """An Accept header, or a query, of any bytes gets an answer, and never an error of ours."""
    target = f"/api/v4/projects/{sample.project.id}/packages/pypi/simple/sample-pkg/".encode()
    odd = (b";;;,,,", b"\xff\xfe", b"text/html;q=\xe9", b"a/b;q=1e999,*/*", b"*/*," * 2000)
    for accept in odd:
        answer = send_raw(sample.address, target, headers={b"Accept": accept})
        assert answer.status in {200, 406}, accept
        assert answer.headers["content-type"] in {TEXT, PROBLEM}
    for query in (b"format=%ff", b"format", b"format=", b"&&&=&", b"format=a&" * 500):
        answer = send_raw(sample.address, target + b"?" + query)
        assert answer.status in {200, 406}, query


@pytest.mark.parametrize("index", INDEXES)
@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("accept", [JSON, HTML, "text/html"])
def test_encodings(sample: Sample, index: str, page: str, accept: str) -> None:
    url = sample.bases[index] + page
    plain = ask(sample, url, accept)
    assert "content-encoding" not in plain.headers
    tags = {plain.headers["etag"]}
    is_encoded = len(plain.content) >= MIN_BYTES
    decode: dict[str, Callable[[bytes], bytes]] = {
        "gzip": gzip.decompress,
        "zstd": zstandard.decompress,
    }
    wanted = (("gzip, deflate", "gzip"), ("gzip, deflate, zstd", "zstd"), ("br", None))
    for header, encoding in wanted:
        with sample.index.session.get(
            url,
            headers={"Accept": accept, "Accept-Encoding": header},
            auth=sample.auth,
            timeout=60,
            stream=True,
        ) as answer:
            body = answer.raw.read(decode_content=False)
        assert answer.headers["vary"] == "Accept, Accept-Encoding"
        assert int(answer.headers["content-length"]) == len(body)
        used = answer.headers.get("content-encoding")
        assert used == (encoding if is_encoded else None)
        assert (decode[used](body) if used else body) == plain.content
        tags.add(answer.headers["etag"])
    assert len(tags) == (3 if is_encoded else 1), "one for each encoding"


@pytest.mark.parametrize("index", INDEXES)
def test_redirects(sample: Sample, index: str) -> None:
    base = sample.bases[index]
    path = base.removeprefix(sample.address)
    query = "?format=application/vnd.pypi.simple.v1%2Bjson&a=b%20c"
    moves = {
        "/simple": "/simple/",
        "/+simple": "/simple/",
        "/simple/sample-pkg": "/simple/sample-pkg/",
        "/simple/Sample.Pkg/": "/simple/sample-pkg/",
        "/simple/SAMPLE_-.PKG": "/simple/sample-pkg/",
        "/simple/%53ample-pkg/": "/simple/sample-pkg/",
        "/%2Bsimple/Sample.Pkg/": "/simple/sample-pkg/",
        "/simple/Not.There": "/simple/not-there/",
    }
    for rest, target in moves.items():
        for accept in (JSON, "text/html", None):
            answer = ask(sample, base + rest + query, accept)
            assert answer.status_code == requests.codes.moved_permanently, rest
            assert answer.headers["location"] == path + target + query
            assert answer.content == b""
        assert ask(sample, base + rest).headers["location"] == path + target
    followed = sample.index.session.get(f"{base}/simple/Sample.Pkg{query}", auth=sample.auth)
    assert_is(followed, JSON)
    assert followed.history


@pytest.mark.parametrize("index", INDEXES)
def test_unknown_names(sample: Sample, index: str) -> None:
    base = sample.bases[index]
    impossible = ("%0A", "a%0D%0Ab", "-a", "a%2Fb", "%C3%A9", "%FF", "a" * 300, "..%2F..")
    for accept in (JSON, HTML, "text/html", None):
        for name in ("not-there", *impossible):
            answer = ask(sample, f"{base}/simple/{name}/", accept)
            assert answer.status_code == requests.codes.not_found, name
            assert answer.headers["content-type"] == PROBLEM
            assert answer.headers["cache-control"] == "no-store"
