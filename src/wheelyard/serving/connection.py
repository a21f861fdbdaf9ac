"""A client's connection: uvicorn's HTTP/1.1, with bounds, and with answers from memory at once.

uvicorn makes a scope, a task and two events of each request, which takes ten microseconds. What the
application can answer without waiting for anything is written from here instead, as soon as the
head of the request is there.
"""

import logging
from typing import Any, Protocol, cast

from httptools import HttpParserError, HttpParserInvalidMethodError, HttpParserUpgrade

from wheelyard.serving.pipelining import PipeliningProtocol
from wheelyard.serving.refusals import MALFORMED, TOO_LARGE, UNKNOWN_METHOD
from wheelyard.serving.sendfile import FileSender

SEND_FILE = "wheelyard.send_file"
"""An ASGI extension: `wheelyard.serving.sendfile.FileSender`."""

IS_GONE = "wheelyard.is_gone"
"""An ASGI extension: a function that tells whether nobody is left to read the answer."""

MAX_HEAD_BYTES = 64 * 1024
"""Of a request: its first line and its header fields."""

_GLANCE_SECONDS = 0.01
"""Between looks whether the application has read what there was of half a body."""

_FAREWELL_SECONDS = 1.0
"""How long a client has for its part of the end of TLS when the server ends."""

_log = logging.getLogger(__name__)

_Fields = list[tuple[bytes, bytes]]


class KnowsByHeart(Protocol):
    """An ASGI application that can answer some requests without waiting for anything."""

    def at_once(
        self, target: bytes, fields: _Fields, client: tuple[str, int] | None
    ) -> tuple[bytes, bytes] | None:
        """Return head and body of the answer to a GET, or None: then it is asked as usual.

        target: path and query as they were sent. fields: the header, its names in lower case. The
        head lacks only `Date` and the empty line after it.
        """


class Connection(PipeliningProtocol):
    """One connection; `waits_since` is when it began to wait for a client, None otherwise."""

    def connection_made(self, transport: Any) -> None:
        """Wait for the first request."""
        super().connection_made(transport)
        self._answer_at_once = cast("KnowsByHeart", self.app).at_once
        self._is_in_head, self._head_bytes = True, 0
        self._is_answered = False
        self._closes_after_body = False
        self.waits_since: float | None = self.loop.time()

    def take_in(self, data: bytes) -> None:
        """Parse some more. A head that does not end is refused."""
        if self._is_in_head:
            if not self._head_bytes and not self.is_busy:
                self.waits_since = self.loop.time()
            self._head_bytes += len(data)
        try:
            self.parser.feed_data(data)
        except HttpParserInvalidMethodError:
            self._refuse(UNKNOWN_METHOD)
        except HttpParserError:
            self._refuse(MALFORMED)
        except HttpParserUpgrade:
            pass  # it has been answered as if that had not been offered
        if self._is_in_head and self._head_bytes > MAX_HEAD_BYTES:
            self._refuse(TOO_LARGE)

    def on_caught_up(self) -> None:
        """End the connection if nothing more will come, and all has been answered from memory."""
        self._close_when_done()

    def on_message_begin(self) -> None:
        """Leave the scope for later: many requests need none."""
        self.url, self.headers, self.expect_100_continue = b"", [], False

    def on_headers_complete(self) -> None:
        """Answer from memory, or have the application answer."""
        if self._head_bytes > MAX_HEAD_BYTES and self._size() > MAX_HEAD_BYTES:
            self._refuse(TOO_LARGE)
            raise HttpParserError("nothing behind it is parsed")
        self._is_in_head, self._head_bytes = False, 0
        self._is_answered = self._answer_from_memory()
        if not self._is_answered:
            self.waits_since = None
            url, headers, expects = self.url, self.headers, self.expect_100_continue
            super().on_message_begin()
            self.url, self.expect_100_continue = url, expects
            self.headers.extend(headers)
            super().on_headers_complete()
            if not self.cycle.keep_alive:
                self.cycle.keep_alive = self._closes_after_body = True
            cycle = self.cycle
            extensions: dict[str, Any] = {IS_GONE: lambda: cycle.disconnected}
            if self.scheme == "http":
                extensions[SEND_FILE] = FileSender(self.transport, self.flow, cycle)
            self.scope["extensions"] = extensions

    def on_body(self, body: bytes) -> None:
        """Take a part of a request's body, where somebody waits for it."""
        if not self._is_answered:
            super().on_body(body)

    def on_message_complete(self) -> None:
        """Take the end of a request."""
        self._is_in_head = True
        if not self._is_answered:
            super().on_message_complete()
            self._close_when_done()

    def on_response_complete(self) -> None:
        """Wait for the next request, unless it is there already."""
        super().on_response_complete()
        self._unset_keepalive_if_required()  # the server ends those that wait too long
        self.waits_since = None if self.is_busy else self.loop.time()
        self._close_when_done()

    def eof_received(self) -> bool:  # type: ignore[override]  # asyncio wants it, uvicorn says no
        """Answer what was asked as a whole before the client closed its direction.

        Of half a request the part that came is read, and nothing is answered. Returns whether the
        connection stays for either; TLS cannot be closed by halves.
        """
        if not (self.is_busy or self.has_unread) or self.scheme != "http":
            return False
        if self.has_unread:
            pass  # how it ends will be seen when that is read
        elif not self._is_in_head:
            self._close_when_read()
        elif self._head_bytes:
            return False
        self._closes_after_body = True
        return True

    def shutdown(self) -> None:
        """End the connection when the request in flight has been answered: the server ends."""
        super().shutdown()
        if self.scheme == "https":
            self.loop.call_later(_FAREWELL_SECONDS, self._end_without_farewell)

    def _end_without_farewell(self) -> None:
        """End a connection that waits for nothing but the client's part of the end of TLS.

        Clients that keep it for later do not read it, and it would hold up the end for 30 seconds.
        """
        if self in self.connections:
            if self.transport.is_closing() and not self.transport.get_write_buffer_size():
                self.transport.abort()
            self.loop.call_later(_FAREWELL_SECONDS, self._end_without_farewell)

    def _answer_from_memory(self) -> bool:
        parser = self.parser
        if (
            parser.get_method() != b"GET"
            or parser.get_http_version() != "1.1"
            or not parser.should_keep_alive()
            or self.is_busy
            # What is unsent is from this turn of the loop, or the client reads slowly.
            or self.transport.get_write_buffer_size()
        ):
            return False
        try:
            answer = self._answer_at_once(self.url, self.headers, self.client)
        except Exception:  # noqa: BLE001  whatever it is, the usual way meets it too and tells
            _log.exception("an answer from memory failed")
            answer = None
        if answer is None:
            return False
        [(_, date)] = self.server_state.default_headers
        head, body = answer
        self.transport.writelines((b"%bdate: %b\r\n\r\n" % (head, date), body))
        self.waits_since = self.loop.time()
        return True

    def _size(self) -> int:
        return len(self.url) + sum(len(name) + len(value) + 4 for name, value in self.headers)

    def _close_when_done(self) -> None:
        """End the connection if the client wanted that, and both the answer and it are finished.

        Closing while it still sends would reset the connection, and lose the answer.
        """
        is_done = self._is_in_head and self.cycle.response_complete and not self.has_unread
        if self._closes_after_body and is_done:
            self.transport.close()

    def _close_when_read(self) -> None:
        if self.cycle.body and not self.transport.is_closing():
            self.loop.call_later(_GLANCE_SECONDS, self._close_when_read)
        else:
            self.transport.close()

    def _refuse(self, answer: bytes) -> None:
        self.end_with(answer, is_about_newest=not self._is_in_head)
        self.waits_since = None if self.is_busy else self.loop.time()
