"""Sending a part of a file without reading it into this process: sendfile(2)."""

import asyncio
import os

from uvicorn.protocols.http.flow_control import FlowControl
from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

_STEP_BYTES = 4 * 1024 * 1024


class FileSender:
    """Sends files in one answer on a connection without TLS: an extension of its ASGI scope."""

    def __init__(
        self, transport: asyncio.Transport, flow: FlowControl, cycle: RequestResponseCycle
    ) -> None:
        self._transport = transport
        self._flow = flow
        self._cycle = cycle

    async def __call__(self, file: int, span: range) -> bool:
        """Send the bytes `span` of an open file, as a part of the body; the head is sent already.

        Returns whether all were sent: not when the client goes away. Raises EOFError when the file
        is too short.
        """
        self._limit_unsent(0)
        is_sent = False
        try:
            await asyncio.sleep(0)  # the transport writes what it has at the end of a turn
            await self._flow.drain()
            if not self._transport.is_closing():
                await self._send(file, span)
                is_sent = True
        except (BrokenPipeError, ConnectionError):
            self._transport.abort()
        finally:
            self._limit_unsent(None)
        self._cycle.expected_content_length -= len(span)
        return is_sent

    def _limit_unsent(self, size_bytes: int | None) -> None:
        """Say how much may wait in the transport (None: the usual), if it is there still."""
        if not self._transport.is_closing():  # uvloop's raises when it has been closed
            self._transport.set_write_buffer_limits(size_bytes)

    async def _send(self, file: int, span: range) -> None:
        # The event loop watches the transport's own descriptor; of this one we may ask it more.
        connection = os.dup(self._transport.get_extra_info("socket").fileno())
        try:
            position = span.start
            while position < span.stop:
                position += await _step(connection, file, position, span.stop)
        finally:
            os.close(connection)


async def _step(connection: int, file: int, position: int, end: int) -> int:
    """Send some bytes and return how many. The disk may be slow, so a thread waits for it."""
    count = min(_STEP_BYTES, end - position)
    try:
        sent = await asyncio.to_thread(os.sendfile, connection, file, position, count)
    except BlockingIOError:
        await _writable(connection)
        return 0
    if not sent:
        raise EOFError(f"the file ends at {position}, before {end}")
    if sent < count:  # the socket is full: to ask at once would be a visit to a thread in vain
        await _writable(connection)
    return sent


async def _writable(connection: int) -> None:
    loop = asyncio.get_running_loop()
    event = asyncio.Event()
    loop.add_writer(connection, event.set)
    try:
        await event.wait()
    finally:
        loop.remove_writer(connection)
