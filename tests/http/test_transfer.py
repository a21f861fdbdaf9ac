"""Files over HTTP: exact bytes, whole and in part, conditional, over one connection (RFC 9110)."""

import base64
import hashlib
import os
import socket
from contextlib import closing
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPResponse
from io import BytesIO
from typing import cast
from urllib.parse import urlsplit

import pytest
import requests

from distributions import build_metadata, build_wheel
from registry import Registry
from running import Server
from uploading import upload

KIBIBYTE = 1024
SIZES = {"small": KIBIBYTE, "large": 1500 * KIBIBYTE}
"""Files of the two kinds: what fits a cache in memory, and what is sent from the disk."""

HTML, JSON = "application/vnd.pypi.simple.v1+html", "application/vnd.pypi.simple.v1+json"


@dataclass(frozen=True, slots=True)
class Published:
    """A file that the server has, and how to ask for it."""

    auth: tuple[str, str]
    page: str
    url: str
    content: bytes

    def get(self, url: str | None = None, method: str = "GET", **headers: str) -> requests.Response:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        # As it is on the wire: by itself, `requests` would ask for compression.
        named = {"Accept-Encoding": "identity", **named}
        return requests.request(method, url or self.url, auth=self.auth, headers=named, timeout=30)

    @property
    def etag(self) -> str:
        return f'"{hashlib.sha256(self.content).hexdigest()}"'


@pytest.fixture(scope="module", params=list(SIZES))
def file(request: pytest.FixtureRequest, server: Server, registry: Registry) -> Published:
    project, secret = registry.publisher()
    auth = ("__token__", secret)
    base = f"{server.address}/api/v4/projects/{project.id}/packages/pypi"
    filename, content = build_wheel("pkg", "1.0", files={"pkg/x": os.urandom(SIZES[request.param])})
    assert upload(base, auth, filename, content).status_code == 201
    page = f"{base}/simple/pkg/"
    url = f"{base}/files/{hashlib.sha256(content).hexdigest()}/{filename}"
    return Published(auth, page, url, content)


def test_whole(file: Published) -> None:
    answer = file.get()
    assert answer.status_code == 200
    assert answer.content == file.content
    assert answer.headers["content-length"] == str(len(file.content))
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["accept-ranges"] == "bytes"
    assert answer.headers["etag"] == file.etag
    assert "immutable" in answer.headers["cache-control"]


@pytest.mark.parametrize("encodings", ["gzip", "gzip, deflate, br, zstd", "*", "identity;q=0"])
def test_files_are_never_encoded(file: Published, encodings: str) -> None:
    """An encoded wheel would be stored as it came, and fail its hash: seen with other servers."""
    answer = file.get(Accept_Encoding=encodings)
    assert "content-encoding" not in answer.headers
    assert answer.headers["content-length"] == str(len(file.content))
    assert answer.content == file.content


def test_head(file: Published) -> None:
    whole, head = file.get(), file.get(method="HEAD")
    assert (head.status_code, head.content) == (200, b"")
    same = {"content-length", "content-type", "etag", "accept-ranges", "cache-control"}
    assert {name: head.headers[name] for name in same} == {
        name: whole.headers[name] for name in same
    }


@pytest.mark.parametrize(
    ("spec", "start", "end"),
    [
        ("0-0", 0, 1),
        ("10-99", 10, 100),
        ("100-", 100, None),
        ("-22", -22, None),
        ("-999999999", 0, None),
        ("5-999999999", 5, None),
    ],
)
def test_one_range(file: Published, spec: str, start: int, end: int | None) -> None:
    answer = file.get(Range=f"bytes={spec}")
    wanted = file.content[start:end]
    size = len(file.content)
    first = start % size
    assert answer.status_code == 206
    assert answer.content == wanted
    assert answer.headers["content-range"] == f"bytes {first}-{first + len(wanted) - 1}/{size}"
    assert answer.headers["content-length"] == str(len(wanted))
    assert answer.headers["etag"] == file.etag


@pytest.mark.parametrize("spec", ["999999999-", "-0"])
def test_a_range_outside(file: Published, spec: str) -> None:
    answer = file.get(Range=f"bytes={spec}")
    assert (answer.status_code, answer.content) == (416, b"")
    assert answer.headers["content-range"] == f"bytes */{len(file.content)}"


@pytest.mark.parametrize("header", ["bytes=9-3", "bytes=a-b", "lines=1-2", "bytes=0-1,5-6"])
def test_a_range_that_is_ignored(file: Published, header: str) -> None:
    answer = file.get(Range=header)
    assert (answer.status_code, answer.content) == (200, file.content)


def test_an_interrupted_download_goes_on_if_it_is_the_same_file(file: Published) -> None:
    rest = file.get(Range="bytes=500-", If_Range=file.etag)
    assert (rest.status_code, rest.content) == (206, file.content[500:])
    for other in ('"another"', f"W/{file.etag}", "Sun, 22 Nov 2020 19:00:00 GMT"):
        whole = file.get(Range="bytes=500-", If_Range=other)
        assert (whole.status_code, whole.content) == (200, file.content)


def test_reading_the_metadata_at_the_end_of_a_wheel(file: Published) -> None:
    """What pip's fast-deps does: the size, the tail, and what the directory names."""
    size = int(file.get(method="HEAD").headers["content-length"])
    tail = file.get(Range=f"bytes={size - 500}-{size - 1}")
    assert tail.status_code == 206
    assert b"pkg-1.0.dist-info/METADATA" in tail.content


@pytest.mark.parametrize("form", [HTML, JSON, "metadata", "file"])
def test_not_modified(file: Published, form: str) -> None:
    url = {"metadata": f"{file.url}.metadata", "file": file.url}.get(form, file.page)
    accept = form if "/" in form else "*/*"
    first = file.get(url, Accept=accept)
    assert first.status_code == 200
    etag = first.headers["etag"]
    for sent in (etag, f"W/{etag}", f'"x", {etag}', "*"):
        for method in ("GET", "HEAD"):
            answer = file.get(url, method, Accept=accept, If_None_Match=sent)
            assert (answer.status_code, answer.content) == (304, b"")
            assert answer.headers["etag"] == etag
            assert answer.headers["cache-control"] == first.headers["cache-control"]
    changed = file.get(url, Accept=accept, If_None_Match='"another"')
    assert (changed.status_code, changed.content) == (200, first.content)


def test_the_two_forms_of_a_page_are_two_entities(file: Published) -> None:
    html, json = (file.get(file.page, Accept=form).headers["etag"] for form in (HTML, JSON))
    assert html != json


def test_metadata(file: Published) -> None:
    answer = file.get(f"{file.url}.metadata")
    assert answer.content == build_metadata("pkg", "1.0")
    part = file.get(f"{file.url}.metadata", Range="bytes=0-15")
    assert (part.status_code, part.content) == (206, b"Metadata-Version")


def test_many_requests_on_one_connection(file: Published) -> None:
    parts = urlsplit(file.url)
    token = base64.b64encode(":".join(file.auth).encode()).decode()
    headers = {"Authorization": f"Basic {token}"}
    with closing(HTTPConnection(parts.netloc, timeout=30)) as connection:
        connection.connect()
        connected = connection.sock
        for path, wanted in (
            (parts.path, 200),
            (parts.path + "x", 404),
            (f"{parts.path}.metadata", 200),
            (urlsplit(file.page).path, 200),
            (parts.path, 200),
        ):
            connection.request("GET", path, headers=headers)
            answer = connection.getresponse()
            assert answer.status == wanted
            body = answer.read()
            assert connection.sock is connected
        assert body == file.content


class Received(BytesIO):
    """All that a server sent, read as answer after answer."""

    def makefile(self, _mode: str) -> "Received":
        return self

    def close(self) -> None:
        """Stay open: every answer closes what it has been read from."""


def test_pipelined_requests_are_answered_in_order(file: Published) -> None:
    parts = urlsplit(file.url)
    token = base64.b64encode(":".join(file.auth).encode()).decode()
    common = f"Host: {parts.netloc}\r\nAuthorization: Basic {token}\r\n"
    asked = [
        f"GET {parts.path} HTTP/1.1\r\n{common}Range: bytes={start}-{start + 9}\r\n"
        for start in (0, 100, 200)
    ]
    asked += [f"GET {parts.path} HTTP/1.1\r\n{common}Connection: close\r\n"]
    with socket.create_connection((parts.hostname, parts.port), 30) as connection:
        connection.sendall("".join(f"{request}\r\n" for request in asked).encode())
        received = Received()
        while chunk := connection.recv(65536):
            received.write(chunk)
    received.seek(0)
    bodies = []
    for _ in asked:
        answer = HTTPResponse(cast("socket.socket", received), method="GET")
        answer.begin()
        bodies.append(answer.read())
    content = file.content
    assert bodies == [content[:10], content[100:110], content[200:210], content]
