"""The upload address of a real server against damaged and malicious requests.

Whatever comes, the answer is one of the client's mistakes or a success, never an error of ours;
and afterwards the server is as good as before, with nothing left over.
"""

import hashlib
import json
import socket
from base64 import b64encode
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests

from distributions import build_metadata, build_sdist, build_wheel, upload_fields
from fuzz.mutating import INTERESTING, Mutator, seeds
from registry import Registry
from running import Server
from uploading import upload

TIMEOUT_SECONDS = 60
BOUNDARY = b"a5b1c2d3e4f5"
JSON = {"Accept": "application/vnd.pypi.simple.v1+json"}
DOCUMENT = build_metadata("my-pkg", "1.0", requires_python=">=3.9", fields=[("Summary", "naïve")])
FILES = (
    build_wheel("my-pkg", "1.0", metadata=DOCUMENT),
    build_sdist("my-pkg", "1.0", metadata=DOCUMENT),
)
FIELD_NAMES = (
    *(
        b"content",
        b"name",
        b"version",
        b":action",
        b"sha256_digest",
        b"attestations",
        b"",
        b"x" * 99,
    ),
    *(
        b"metadata_version",
        b"description",
        b'a"b',
        b'a\\"b',
        b"\xff",
        b"requires_dist",
        b"filetype",
    ),
)
FILENAMES = (
    *(b"../../etc/passwd", b"", b"/", b"a/b.whl", b"x" * 300 + b".whl", b"\xff.whl", b"CON.whl"),
    *(b"my_pkg-1.0.egg", b"my_pkg-1.0.tar.gz\0.whl", b"my_pkg-2.0-py3-none-any.whl", b"%2e%2e%2f"),
)


@dataclass(frozen=True)
class Part:
    """One part of a form: its header lines and its content."""

    headers: tuple[bytes, ...]
    content: bytes


@dataclass(frozen=True)
class Sent:
    """A request as its bytes, and whether its framing promises more than comes."""

    headers: tuple[bytes, ...]
    body: bytes
    is_cut_short: bool = False


def good_parts(number: int) -> list[Part]:
    """Return the parts of an upload as twine sends it."""
    filename, content = FILES[number % len(FILES)]
    parts = [
        Part((b'Content-Disposition: form-data; name="%s"' % name.encode(),), value.encode())
        for name, values in upload_fields(filename, content, requires_python=">=3.9").items()
        for value in values
    ]
    disposition = (
        b'Content-Disposition: form-data; name="content"; filename="%s"' % filename.encode()
    )
    return [*parts, Part((disposition, b"Content-Type: application/octet-stream"), content)]


def body_of(parts: list[Part], line_end: bytes = b"\r\n") -> bytes:
    lines: list[bytes] = []
    for part in parts:
        lines += [b"--" + BOUNDARY, *part.headers, b"", part.content]
    return line_end.join([*lines, b"--" + BOUNDARY + b"--", b""])


def framed(body: bytes) -> Sent:
    return Sent((FORM_TYPE, b"Content-Length: %d" % len(body)), body)


FORM_TYPE = b"Content-Type: multipart/form-data; boundary=" + BOUNDARY


def changed_bytes(mutator: Mutator, parts: list[Part]) -> Sent:
    return framed(mutator.changed(body_of(parts)))


def changed_part(mutator: Mutator, parts: list[Part]) -> Sent:
    """Change the content or the header of one part, or its names."""
    number = mutator.randrange(len(parts))
    part = parts[number]
    kind = mutator.randrange(5)
    if kind == 0:
        part = replace(part, content=mutator.changed(part.content))
    elif kind == 1:
        part = replace(part, headers=(mutator.changed(part.headers[0]), *part.headers[1:]))
    elif kind == 2:
        name = mutator.choice(FIELD_NAMES)
        part = replace(part, headers=(b'Content-Disposition: form-data; name="%s"' % name,))
    elif kind == 3:
        name = mutator.choice(FILENAMES)
        line = b'Content-Disposition: form-data; name="content"; filename="%s"' % name
        number, part = len(parts) - 1, replace(parts[-1], headers=(line,))
    else:
        odd = mutator.choice((b"Content-Transfer-Encoding: base64", b"X: " + b"y" * 9000, b": x"))
        part = replace(part, headers=(*part.headers, odd))
    return framed(body_of([*parts[:number], part, *parts[number + 1 :]]))


def changed_structure(mutator: Mutator, parts: list[Part]) -> Sent:
    """Drop, double, reorder or multiply parts, or end lines otherwise."""
    kind = mutator.randrange(6)
    number = mutator.randrange(len(parts))
    if kind == 0:
        return framed(body_of(parts[:number] + parts[number + 1 :]))
    if kind == 1:
        return framed(body_of([*parts, parts[number]]))
    if kind == 2:
        return framed(body_of(mutator.sample(parts, len(parts))))
    if kind == 3:
        return framed(body_of([*(parts[:1] * mutator.choice((10, 12_000))), *parts]))
    if kind == 4:
        return framed(body_of(parts, mutator.choice((b"\n", b"\r", b"\r\r\n", b"\n\r\n"))))
    return framed(body_of([]) if number % 2 else b"")


def changed_framing(mutator: Mutator, parts: list[Part]) -> Sent:
    """Send another length than there is, chunks, or a type that is no form's."""
    body = body_of(parts)
    missing = mutator.randint(1, len(body))
    chunked = b"Transfer-Encoding: chunked"
    size = len(body) // 2
    chunks = b"%x\r\n%s\r\n%x;x=y\r\n%s\r\n0\r\n\r\n" % (
        *(size, body[:size], len(body) - size, body[size:]),
    )
    length = b"Content-Length: %d"
    kinds: tuple[Callable[[], Sent], ...] = (
        lambda: Sent((FORM_TYPE, length % len(body)), body[:-missing], is_cut_short=True),
        lambda: Sent((FORM_TYPE, length % (len(body) + missing)), body, is_cut_short=True),
        lambda: Sent((FORM_TYPE, length % (len(body) - missing)), body),
        lambda: Sent((FORM_TYPE, chunked), chunks),
        lambda: Sent((FORM_TYPE, chunked), chunks[:-missing], is_cut_short=True),
        lambda: Sent((FORM_TYPE, chunked), mutator.changed(chunks), is_cut_short=True),
        lambda: Sent((FORM_TYPE, chunked, length % len(body)), chunks, is_cut_short=True),
        lambda: Sent((FORM_TYPE,), body, is_cut_short=True),
        lambda: Sent((FORM_TYPE, b"Content-Length: -1"), body, is_cut_short=True),
        lambda: Sent((FORM_TYPE, length % 10 ** mutator.randint(9, 30)), body, is_cut_short=True),
        lambda: Sent((mutator.changed(FORM_TYPE, 1), length % len(body)), body, is_cut_short=True),
        lambda: Sent(
            (b"Content-Type: " + mutator.choice(INTERESTING), length % 0), b"", is_cut_short=True
        ),
        lambda: Sent((FORM_TYPE, b"Expect: 100-continue", length % len(body)), body),
        lambda: Sent((FORM_TYPE, b"Content-Encoding: gzip", length % len(body)), body),
        lambda: Sent((length % len(body),), body),
    )
    return mutator.choice(kinds)()


KINDS = (changed_bytes, changed_part, changed_structure, changed_framing)


@dataclass(frozen=True)
class Target:
    """The upload address of a project."""

    server: Server
    project_id: int
    secret: str

    @property
    def path(self) -> str:
        return f"/api/v4/projects/{self.project_id}/packages/pypi"

    def send(self, sent: Sent) -> int | None:
        """Return the status of the answer; None when the connection was closed without one."""
        credentials = b"Basic " + b64encode(b"__token__:" + self.secret.encode())
        lines = [b"POST %s HTTP/1.1" % self.path.encode(), b"Host: test", b"Connection: close"]
        lines += [b"Authorization: " + credentials, *sent.headers]
        host, port = urlsplit(self.server.address).netloc.split(":")
        with socket.create_connection((host, int(port)), timeout=TIMEOUT_SECONDS) as connection:
            answer = b""
            try:
                connection.sendall(b"\r\n".join([*lines, b"", sent.body]))
                if sent.is_cut_short:
                    connection.shutdown(socket.SHUT_WR)
                while chunk := connection.recv(65536):
                    answer += chunk
            except (ConnectionResetError, BrokenPipeError):
                pass  # answered before all was read, or not answered at all
        final = answer.removeprefix(b"HTTP/1.1 100 Continue\r\n\r\n")
        return int(final.split(b" ", 2)[1]) if final else None


@pytest.mark.timeout(0)
def test_uploads(start_server: Callable[..., Server], fuzz_seconds: float) -> None:
    server = start_server()
    project, secret = Registry(server.data).publisher()
    target = Target(server, project.id, secret)
    assert target.send(framed(body_of(good_parts(0)))) == requests.codes.created
    workers, seen = server.worker_pids, Counter[int | None]()
    for seed in seeds(fuzz_seconds):
        mutator = Mutator(seed)
        sent = KINDS[seed % len(KINDS)](mutator, good_parts(mutator.randrange(2)))
        status = target.send(sent)
        assert (status is None and sent.is_cut_short) or (status or 0) in range(200, 500), (
            *(seed, status, sent),
        )
        seen[status] += 1
    assert server.worker_pids == workers, "no worker ended"
    assert_nothing_is_left_over(server, workers)
    assert_still_good(target)
    assert sum(seen.values()) >= 1


def assert_nothing_is_left_over(server: Server, workers: list[int]) -> None:
    assert list((server.data / "blobs").rglob("*.part")) == []
    for pid in workers:
        files = [path.readlink() for path in Path(f"/proc/{pid}/fd").iterdir()]
        assert [path for path in files if ".part" in str(path)] == []
    entries = [
        json.loads(line) for line in server.output.read_text().splitlines() if line[:1] == "{"
    ]
    assert [entry for entry in entries if entry.get("level") in {"error", "critical"}] == []


def assert_still_good(target: Target) -> None:
    """Publish and read back; and all that got in is what its digest says."""
    base, auth = target.server.address + target.path, ("__token__", target.secret)
    wheel = build_wheel("after-fuzz", "1.0")
    assert upload(base, auth, *wheel).status_code == requests.codes.created
    listing = requests.get(f"{base}/simple/", auth=auth, headers=JSON, timeout=60).json()
    names = [entry["name"] for entry in listing["projects"]]
    assert {"after-fuzz", "my-pkg"} <= set(names)
    for name in names:
        page = requests.get(f"{base}/simple/{name}/", auth=auth, headers=JSON, timeout=60).json()
        for file in page["files"]:
            address = base + file["url"].removeprefix("../..")
            content = requests.get(address, auth=auth, timeout=60).content
            assert hashlib.sha256(content).hexdigest() == file["hashes"]["sha256"]
