"""Uploading as twine does: one multipart form for each file; alone, or several at a time."""

import hashlib
import http.client
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from side_by_side.peers.peer import Place
from side_by_side.wheels import Distribution

_BOUNDARY = "d2f1c0benchmark5e7a4b"
_IN_MEMORY_BYTES = 1 << 20
_BLOCK_BYTES = 1 << 18
_TIMEOUT_SECONDS = 120


class UploadRefusedError(Exception):
    """A server did not take a file; holds its status and words."""


@dataclass(frozen=True, slots=True)
class Form:
    """A request body: what stands before the file, the file, what stands after it."""

    head: bytes
    file: bytes | Path
    tail: bytes
    length_bytes: int

    def body(self) -> bytes | Iterator[bytes]:
        """Return the whole body, or its blocks if it is large."""
        if isinstance(self.file, bytes):
            return self.head + self.file + self.tail
        return self._blocks(self.file)

    def _blocks(self, path: Path) -> Iterator[bytes]:
        yield self.head
        with path.open("rb") as stream:
            while block := stream.read(_BLOCK_BYTES):
                yield block
        yield self.tail


def make_form(wheel: Distribution) -> Form:
    """Return the form that uploads this wheel."""
    size_bytes = wheel.path.stat().st_size
    content = wheel.path.read_bytes()
    fields = [
        (":action", "file_upload"),
        ("protocol_version", "1"),
        ("metadata_version", "2.1"),
        ("name", wheel.name),
        ("version", wheel.version),
        ("summary", "made for a benchmark"),
        ("requires_python", ">=3.9"),
        *(("requires_dist", requirement) for requirement in wheel.requires),
        ("filetype", "bdist_wheel"),
        ("pyversion", "py3"),
        ("md5_digest", hashlib.md5(content, usedforsecurity=False).hexdigest()),
        ("sha256_digest", hashlib.sha256(content).hexdigest()),
        ("blake2_256_digest", hashlib.blake2b(content, digest_size=32).hexdigest()),
    ]
    parts = [
        f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'
        for key, value in fields
    ]
    parts.append(
        f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="content"; '
        f'filename="{wheel.path.name}"\r\nContent-Type: application/octet-stream\r\n\r\n'
    )
    head, tail = "".join(parts).encode(), f"\r\n--{_BOUNDARY}--\r\n".encode()
    file = content if size_bytes <= _IN_MEMORY_BYTES else wheel.path
    return Form(head, file, tail, len(head) + size_bytes + len(tail))


class Uploader:
    """One connection to a server that files are uploaded on."""

    def __init__(self, place: Place) -> None:
        if place.upload is None or place.writer is None:
            raise ValueError("this server takes no uploads")
        parts = urlsplit(place.upload)
        self._path = parts.path
        self._connection = http.client.HTTPConnection(parts.netloc, timeout=_TIMEOUT_SECONDS)
        self._headers = {
            "Authorization": place.writer.header,
            "Content-Type": f"multipart/form-data; boundary={_BOUNDARY}",
            "User-Agent": "bench",
        }

    def upload(self, form: Form) -> float:
        """Upload and return the seconds until the answer was read. Raises UploadRefusedError."""
        headers = self._headers | {"Content-Length": str(form.length_bytes)}
        started = time.perf_counter()
        self._connection.request("POST", self._path, form.body(), headers)
        response = self._connection.getresponse()
        words = response.read()
        seconds = time.perf_counter() - started
        if response.status not in {200, 201}:
            raise UploadRefusedError(f"{response.status} {words[:500]!r}")
        return seconds

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()


def upload_all(place: Place, wheels: list[Distribution], at_once: int = 1) -> list[float]:
    """Upload all on `at_once` connections and return the seconds that each upload took."""
    forms = [make_form(wheel) for wheel in wheels]
    return upload_forms(place, forms, at_once)


def upload_forms(place: Place, forms: list[Form], at_once: int) -> list[float]:
    """Upload forms that were made beforehand; see upload_all."""

    def run(mine: list[Form]) -> list[float]:
        uploader = Uploader(place)
        try:
            return [uploader.upload(form) for form in mine]
        finally:
            uploader.close()

    with ThreadPoolExecutor(at_once) as pool:
        lanes = pool.map(run, [forms[lane::at_once] for lane in range(at_once)])
        return [seconds for lane in lanes for seconds in lane]
