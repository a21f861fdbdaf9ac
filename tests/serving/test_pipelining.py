"""Requests that do not wait for the answers to those before them (RFC 9112 9.3.2)."""

import asyncio
import contextlib
import socket
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import cast

from serving.answering import Answering
from wheelyard.serving.connection import IS_GONE, MAX_HEAD_BYTES, Connection
from wheelyard.serving.pipelining import STEP_BYTES
from wheelyard.serving.worker import WorkerServer, configure

SHORTEST = b"GET / HTTP/1.1\r\n\r\n"
MANY = 5000
RUBBISH = b"rubbish\r\n\r\n"
TOO_LARGE = b"GET / HTTP/1.1\r\nX: " + b"x" * (MAX_HEAD_BYTES + STEP_BYTES) + b"\r\n\r\n"


class Client:
    """One connection to the application, from the same process."""

    def __init__(
        self, server: WorkerServer, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self._server = server
        self.reader = reader
        self.writer = writer

    @property
    def connection(self) -> Connection:
        """The server's end of it."""
        [connection] = cast("set[Connection]", self._server.server_state.connections)
        return connection


@asynccontextmanager
async def connected(application: Answering) -> AsyncIterator[Client]:
    config = configure(application)
    config.load()
    server = WorkerServer(config, lambda: None)
    server.lifespan = config.lifespan_class(config)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        await server.startup([listening])
        host, port = listening.getsockname()
        reader, writer = await asyncio.open_connection(host, port)
        try:
            yield Client(server, reader, writer)
        finally:
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()
            server.servers[0].close()


async def until(application: Answering, asked: int) -> None:
    async with asyncio.timeout(20):
        while len(application.asked) < asked:  # noqa: ASYNC110
            await asyncio.sleep(0.01)


async def test_many_requests_wait_unread_and_are_all_answered() -> None:
    """Each that is parsed takes kilobytes: a client could fill the memory with a few megabytes."""
    application = Answering()
    async with asyncio.timeout(50), connected(application) as client:
        client.writer.write(SHORTEST * MANY)
        await until(application, 1)
        for _ in range(20):
            await asyncio.sleep(0.01)
            assert len(client.connection.pipeline) <= STEP_BYTES / len(SHORTEST) + 1
        application.may_answer.set()
        received, most = b"", 0
        while received.count(b" 204 ") < MANY:
            most = max(most, len(client.connection.pipeline))
            more = await client.reader.read(1 << 20)
            assert more
            received += more
        assert most <= STEP_BYTES / len(SHORTEST) + 1
        assert len(application.asked) == MANY


async def test_what_is_no_request_is_refused_behind_the_answers_before_it() -> None:
    for last, status in [
        (RUBBISH, b"405"),
        (b"GET / HTTP/9.9\r\n\r\n", b"400"),
        (TOO_LARGE, b"431"),
    ]:
        application = Answering()
        async with asyncio.timeout(20), connected(application) as client:
            client.writer.write(SHORTEST * 2 + last + SHORTEST)
            await until(application, 1)
            application.may_answer.set()
            answers = await client.reader.read()
            assert [answer[:3] for answer in answers.split(b"HTTP/1.1 ")] == [
                *(b"", b"204", b"204", status)
            ]
            assert len(application.asked) == 2


async def test_a_body_that_is_none_is_refused_behind_the_answers_before_it() -> None:
    application = Answering()
    chunked = b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n"
    async with asyncio.timeout(20), connected(application) as client:
        client.writer.write(SHORTEST + chunked + b"no length\r\n" + SHORTEST)
        await until(application, 1)
        application.may_answer.set()
        answers = await client.reader.read()
        assert [answer[:3] for answer in answers.split(b"HTTP/1.1 ")] == [b"", b"204", b"400"]


async def test_a_body_that_is_none_ends_its_request() -> None:
    application = Answering()
    chunked = b"POST /listening HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n"
    async with asyncio.timeout(20), connected(application) as client:
        client.writer.write(chunked)
        await until(application, 1)
        client.writer.write(b"no length\r\n")
        assert (await client.reader.read()).startswith(b"HTTP/1.1 400 ")
        assert client.connection.waits_since is not None
        while len(application.heard) < 2:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        assert application.heard[1]["type"] == "http.disconnect"


async def test_a_client_that_goes_away_is_gone_for_the_request_that_is_answered() -> None:
    application = Answering()
    async with asyncio.timeout(20), connected(application) as client:
        client.writer.write(SHORTEST * 3)
        await until(application, 1)
        is_gone = application.asked[0]["extensions"][IS_GONE]
        assert not is_gone()
        client.writer.get_extra_info("socket").setsockopt(
            socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0)
        )
        client.writer.transport.abort()
        while not is_gone():  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        application.may_answer.set()
        await asyncio.sleep(0.1)
        assert len(application.asked) == 1


async def test_half_a_head_does_not_let_an_answer_wait_too_long() -> None:
    """A line's end too much behind a body, as old clients send, is the beginning of a head."""
    application = Answering()
    async with asyncio.timeout(20), connected(application) as client:
        client.writer.write(SHORTEST)
        await until(application, 1)
        client.writer.write(b"\r\n")
        await asyncio.sleep(0.1)
        assert client.connection.waits_since is None
        application.may_answer.set()
        assert (await client.reader.readline()).startswith(b"HTTP/1.1 204 ")
        assert client.connection.waits_since is not None


async def test_all_is_answered_to_a_client_that_has_closed_its_direction() -> None:
    application = Answering()
    async with asyncio.timeout(50), connected(application) as client:
        client.writer.write(SHORTEST * MANY)
        client.writer.write_eof()
        await until(application, 1)
        await asyncio.sleep(0.1)
        application.may_answer.set()
        answers = await client.reader.read()
        assert answers.count(b"HTTP/1.1 204 ") == MANY
