"""A file that is too large is refused at once, and the client reads why while it is sending."""

import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests

from running import Server
from serving.certificates import make_certificate
from serving.publishing import BOUNDARY, Publisher, form_around

MEBIBYTE = 1024 * 1024
SENT_BYTES = 200 * MEBIBYTE
LIMIT_BYTES = 50 * MEBIBYTE
ATTEMPTS = {"http": 10, "https": 3}
FILENAME = "big-1.0-py3-none-any.whl"
SENTENCE = f"The file is too large: this server takes files of up to {LIMIT_BYTES} bytes."


class Body:
    """A form with a file of zeros; with a length, `requests` sends it as it is, else chunked."""

    def __init__(self) -> None:
        self.head, self.tail = form_around(FILENAME)

    def __iter__(self) -> Iterator[bytes]:
        piece = bytes(MEBIBYTE)
        yield self.head
        for _ in range(SENT_BYTES // MEBIBYTE):
            yield piece
        yield self.tail


class SizedBody(Body):
    def __len__(self) -> int:
        return len(self.head) + SENT_BYTES + len(self.tail)


def post(publisher: Publisher, body: Body, verify: str | bool) -> requests.Response:
    return requests.post(
        publisher.base,
        data=body,
        auth=publisher.auth,
        headers={"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"},
        verify=verify,
        timeout=60,
    )


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize("kind", [SizedBody, Body])
def test_the_answer_is_read_every_time(
    start_server: Callable[..., Server], tmp_path: Path, scheme: str, kind: type[Body]
) -> None:
    certificate = make_certificate(tmp_path)
    server = start_server(*(certificate.options if scheme == "https" else ()))
    publisher = Publisher.of(server)
    verify = str(certificate.authority) if scheme == "https" else True
    for _ in range(ATTEMPTS[scheme]):
        started = time.monotonic()
        answer = post(publisher, kind(), verify)
        assert (answer.status_code, answer.json()["detail"]) == (413, SENTENCE)
        assert answer.headers["connection"] == "close"
        assert time.monotonic() - started < 10
    spooled = [file for file in server.data.rglob("*.part") if file.is_file()]
    assert spooled == []


def test_the_answer_comes_before_the_body(start_server: Callable[..., Server]) -> None:
    """Of a declared size nothing needs to be read; the connection ends when the client is done."""
    publisher = Publisher.of(start_server())
    head, _ = form_around(FILENAME)
    parts = urlsplit(publisher.base)
    request = requests.Request("POST", publisher.base, auth=publisher.auth).prepare()
    lines = (
        f"POST {parts.path} HTTP/1.1\r\nHost: {parts.netloc}\r\nContent-Length: {SENT_BYTES}\r\n"
        f"Authorization: {request.headers['Authorization']}\r\n"
        f"Content-Type: multipart/form-data; boundary={BOUNDARY}\r\n\r\n"
    )
    with socket.create_connection((parts.hostname, parts.port), 10) as connection:
        connection.sendall(lines.encode() + head)
        answer = connection.recv(65536)
        assert answer.startswith(b"HTTP/1.1 413 ")
        assert b"\r\nconnection: close\r\n" in answer.lower()
        connection.sendall(bytes(MEBIBYTE))
        connection.shutdown(socket.SHUT_WR)
        while connection.recv(65536):
            pass  # no reset: an orderly end
