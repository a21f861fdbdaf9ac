"""Several requests at once on a connection: read ahead in bounds, answered in their order.

uvicorn makes a scope, two events and some more of whatever is a request in the bytes that have
come, some kilobytes of each twenty bytes, and reads on after each answer. Here no more is parsed
as long as a request waits for the answer to another.
"""

from typing import Any, cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

STEP_BYTES = 16 * 1024
"""How much is parsed at a time: that many bytes may become requests that wait."""


class PipeliningProtocol(HttpToolsProtocol):
    """uvicorn's HTTP/1.1, with bounds for clients that do not wait for answers (RFC 9112 9.3.2)."""

    def connection_made(self, transport: Any) -> None:
        """Have nothing to do yet."""
        super().connection_made(transport)
        self._unread = b""
        self._is_deaf = False
        self._last_words: bytes | None = None
        self._at_work: RequestResponseCycle | None = None

    @property
    def is_busy(self) -> bool:
        """Tell whether a request has not been answered to its end, and will be."""
        newest = cast("RequestResponseCycle | None", self.cycle)
        return newest is not None and not (newest.response_complete or newest.disconnected)

    @property
    def has_unread(self) -> bool:
        """Tell whether something has come that is not parsed yet."""
        return bool(self._unread)

    def data_received(self, data: bytes) -> None:
        """Read on, or keep it for later."""
        if self._is_deaf:
            return
        if self._unread or self.pipeline:
            self._unread += data
            self.flow.pause_reading()
        else:
            self._read(data)

    def take_in(self, data: bytes) -> None:
        """Parse some bytes, and begin what they ask for."""
        super().data_received(data)

    def on_caught_up(self) -> None:
        """Hear that what had to wait has been parsed to its end."""

    def end_with(self, answer: bytes, *, is_about_newest: bool) -> None:
        """Give a last answer, behind those that are due; what still comes is not heard.

        is_about_newest: whether it is the answer to the newest request, whose body is wrong, and
            not to one that never became a request.
        """
        if self._is_deaf:
            return
        self._is_deaf, self._unread = True, b""
        if is_about_newest and self.pipeline:
            self.pipeline.popleft()
            self.cycle = self.pipeline[0][0] if self.pipeline else self._at_work  # type: ignore[assignment]
            is_about_newest = False
        if not self.is_busy:
            self._say_last(answer)
        elif not is_about_newest:
            self._last_words = answer
        else:
            self._say_last(b"" if self.cycle.response_started else answer)
            self._give_up(self.cycle)

    def on_response_complete(self) -> None:
        """Go on with what came meanwhile."""
        super().on_response_complete()
        if self.transport.is_closing():
            return
        if self._last_words is not None and not self.is_busy:
            self._say_last(self._last_words)
        elif self._unread and not self.pipeline:
            self.loop.call_soon(self._read_on)
        if self._unread or self.pipeline:
            self.flow.pause_reading()

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell the request that is being answered as well, which uvicorn does for the newest."""
        super().connection_lost(exc)
        self._unread = b""
        self.pipeline.clear()
        if self._at_work is not None and not self._at_work.response_complete:
            self._give_up(self._at_work)

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        self._at_work = cycle
        super()._start_asgi_task(cycle, app)

    def _give_up(self, cycle: RequestResponseCycle) -> None:
        cycle.disconnected = True
        cycle.message_event.set()

    def _read_on(self) -> None:
        if self._unread and not self.pipeline and not self.transport.is_closing():
            unread, self._unread = self._unread, b""
            self.flow.resume_reading()
            self._read(unread)
            if not self._unread:
                self.on_caught_up()

    def _read(self, data: bytes) -> None:
        position = 0
        while position < len(data) and not self.pipeline and not self._is_deaf:
            self.take_in(data[position : position + STEP_BYTES])
            position += STEP_BYTES
        if not self._is_deaf:
            self._unread = data[position:]
            if self._unread or self.pipeline:
                self.flow.pause_reading()

    def _say_last(self, answer: bytes) -> None:
        self.transport.write(answer)
        if self.transport.can_write_eof():
            self.transport.write_eof()  # the client closes, or the server after a while
        else:
            self.transport.close()
