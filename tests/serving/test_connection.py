"""Connections: what is no request, what does not end, several requests at once, parts of files."""

import asyncio
import hashlib
import json
import os
import socket
import struct
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from typing import cast
from urllib.parse import urlsplit

import pytest
import requests

from distributions import build_wheel
from running import Server
from serving.answering import Answering
from serving.publishing import JSON, Publisher
from wheelyard.serving.connection import MAX_HEAD_BYTES, Connection
from wheelyard.serving.worker import WAIT_SECONDS, WorkerServer, configure

HEALTH = b"GET /-/liveness HTTP/1.1\r\nHost: x\r\n"
PAGE_FILES = 3


@pytest.fixture(scope="module")
def publisher(server: Server) -> Publisher:
    publisher = Publisher.of(server)
    for number in range(PAGE_FILES):
        filename, content = build_wheel("known", f"1.{number}")
        assert publisher.upload(filename, content).status_code == 201
    return publisher


@pytest.fixture
def connection(server: Server) -> Iterator[socket.socket]:
    parts = urlsplit(server.address)
    with closing(socket.create_connection((parts.hostname, parts.port), 10)) as connected:
        yield connected


def everything(connection: socket.socket) -> bytes:
    """Return what comes until the server closes the connection."""
    received = b""
    while more := connection.recv(65536):
        received += more
    return received


def sentence(answer: bytes) -> str:
    head, _, body = answer.partition(b"\r\n\r\n")
    assert b"content-type: application/json" in head
    assert b"connection: close" in head
    message: str = json.loads(body)["message"]
    return message


@pytest.mark.parametrize(
    "sent",
    [
        b"rubbish\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost : x\r\n\r\n",
        b"GET / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET /\xff HTTP/1.1\r\n\r\n",
        b"CONNECT x:1 HTTP/1.1\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    ],
)
def test_what_is_no_request(connection: socket.socket, sent: bytes) -> None:
    connection.sendall(sent)
    answer = everything(connection)
    assert answer.startswith((b"HTTP/1.1 400 Bad Request\r\n", b"HTTP/1.1 405 "))
    assert sentence(answer)


def test_a_body_that_is_none(server: Server, connection: socket.socket) -> None:
    """The application is told that the client is gone, and says nothing in the log."""
    before = server.output.stat().st_size
    head = b"POST /api/v4/projects HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
    connection.sendall(head + b"3\r\nabc\r\n")
    time.sleep(0.05)
    connection.sendall(b"no length\r\n")
    assert everything(connection).startswith((b"HTTP/1.1 400 ", b"HTTP/1.1 401 "))
    assert b'"level":"error"' not in server.output.read_bytes()[before:].replace(b" ", b"")


def test_rubbish_behind_a_request_does_not_lose_its_answer(connection: socket.socket) -> None:
    connection.sendall(HEALTH + b"\r\n" + b"rubbish\r\n\r\n")
    assert everything(connection).startswith(b"HTTP/1.1 200 OK\r\n")


@pytest.mark.parametrize("end", [b"", b"\r\n\r\n"])
@pytest.mark.parametrize("kind", [b"X-Long: %b", b"\r\n".join([b"X-Many: %d" % 1] * 6000) + b"%b"])
def test_a_head_that_is_too_large(connection: socket.socket, kind: bytes, end: bytes) -> None:
    connection.sendall(HEALTH + kind % (b"x" * MAX_HEAD_BYTES) + end)
    answer = everything(connection)
    assert answer.startswith(b"HTTP/1.1 431 Request Header Fields Too Large\r\n")
    assert "64 KiB" in sentence(answer)


def test_a_large_body_in_the_packet_of_a_small_head(connection: socket.socket) -> None:
    body = b"x" * (3 * MAX_HEAD_BYTES)
    length = b"Content-Length: %d\r\nConnection: close\r\n\r\n" % len(body)
    connection.sendall(b"POST /-/liveness HTTP/1.1\r\nHost: x\r\n" + length + body)
    assert everything(connection).startswith(b"HTTP/1.1 405 ")


def test_an_upgrade_is_not_taken_up(connection: socket.socket) -> None:
    """As curl --http2 and Java offer it."""
    upgrade = (
        b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n\r\n"
    )
    connection.sendall(HEALTH + upgrade)
    received = b""
    while not received.endswith(b"}"):
        received += connection.recv(4096)
    connection.sendall(HEALTH + b"Connection: close\r\n\r\n")
    received += everything(connection)
    assert received.count(b"HTTP/1.1 200 OK\r\n") == 2


def test_requests_at_once_are_answered_in_their_order(
    publisher: Publisher, connection: socket.socket
) -> None:
    """Pages from memory between answers that take longer."""
    path = urlsplit(publisher.base).path + "/simple/known/"
    request = requests.Request("GET", publisher.base, auth=publisher.auth, headers=JSON).prepare()
    fields = "".join(f"{name}: {value}\r\n" for name, value in request.headers.items())
    page = f"GET {path} HTTP/1.1\r\nHost: x\r\n{fields}\r\n".encode()
    for _ in range(2):
        assert len(publisher.listed("known")) == PAGE_FILES
    last = HEALTH + b"Connection: close\r\n\r\n"
    connection.sendall(page + page + HEALTH + b"\r\n" + page + HEALTH + b"\r\n" + page + last)
    answers = everything(connection).split(b"HTTP/1.1 200 OK\r\n")[1:]
    assert [b"known-1.2-py3" in answer for answer in answers] == [
        *(True, True, False, True, False, True, False)
    ]
    for answer in answers:
        head, _, body = answer.partition(b"\r\n\r\n")
        assert head.count(b"date: ") == 1
        assert f"content-length: {len(body)}".encode() in head


async def test_connections_that_wait_too_long_are_ended() -> None:
    """Whether they have sent nothing, or a part of a head; not those that wait for an answer."""
    application = Answering()
    config = configure(application)
    config.load()
    server = WorkerServer(config, lambda: None)
    server.lifespan = config.lifespan_class(config)
    with ExitStack() as stack:
        listening = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        await server.startup([listening])
        silent, slow, asking = (
            stack.enter_context(socket.create_connection(listening.getsockname(), 10))
            for _ in range(3)
        )
        slow.sendall(HEALTH)
        asking.sendall(HEALTH + b"\r\n")
        connections = cast("set[Connection]", server.server_state.connections)
        while sorted(it.waits_since is None for it in connections) != [False, False, True]:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        for connection in connections:
            if connection.waits_since is not None:
                connection.waits_since -= WAIT_SECONDS + 1
        await server.on_tick(0)
        assert [await asyncio.to_thread(it.recv, 100) for it in (silent, slow)] == [b"", b""]
        application.may_answer.set()
        assert (await asyncio.to_thread(asking.recv, 100)).startswith(b"HTTP/1.1 204 ")
        for connection in connections:
            connection.transport.close()
        await asyncio.sleep(0.01)
        server.servers[0].close()


def test_parts_of_a_large_file(publisher: Publisher) -> None:
    inside = os.urandom(3_000_000)
    filename, content = build_wheel("large", "1.0", files={"large/data": inside})
    assert publisher.upload(filename, content).status_code == 201
    url = publisher.listed("large")[filename]
    for start, end in [(0, len(content)), (1, 2_000_000), (2_500_000, len(content)), (7, 8)]:
        headers = {"Range": f"bytes={start}-{end - 1}"}
        answer = requests.get(url, auth=publisher.auth, headers=headers, timeout=30)
        assert answer.status_code == 206
        assert answer.content == content[start:end]
    whole = requests.get(url, auth=publisher.auth, timeout=30)
    assert hashlib.sha256(whole.content).digest() == hashlib.sha256(content).digest()


@pytest.mark.parametrize("path", ["/-/liveness", "/api/v4/version", "/nowhere"])
def test_a_client_that_closes_its_direction_is_answered(
    connection: socket.socket, path: str
) -> None:
    connection.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
    connection.shutdown(socket.SHUT_WR)
    assert everything(connection).startswith(b"HTTP/1.1 ")


def test_half_of_a_request_is_not_waited_for(connection: socket.socket) -> None:
    connection.sendall(HEALTH)
    connection.shutdown(socket.SHUT_WR)
    assert everything(connection) == b""


def test_clients_that_go_away_from_a_large_file_are_no_error(
    publisher: Publisher, server: Server
) -> None:
    filename, content = build_wheel("gone", "1.0", files={"gone/data": os.urandom(16_000_000)})
    assert publisher.upload(filename, content).status_code == 201
    address = urlsplit(publisher.listed("gone")[filename])
    path = os.path.normpath(address.path)  # as clients do with its dots
    head = f"GET {path} HTTP/1.1\r\nHost: x\r\nPRIVATE-TOKEN: {publisher.secret}\r\n\r\n"
    known_bytes = server.output.stat().st_size
    for _ in range(5):
        with closing(socket.create_connection((address.hostname, address.port), 10)) as leaving:
            leaving.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            leaving.sendall(head.encode())
            assert leaving.recv(1000).startswith(b"HTTP/1.1 200 OK")
            time.sleep(0.3)  # until as much is on its way as goes
    assert publisher.upload(filename, content).status_code == 201
    assert b'"level": "error"' not in server.output.read_bytes()[known_bytes:]
