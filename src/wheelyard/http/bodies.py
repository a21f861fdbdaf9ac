"""Reading a request's body in bounds: of bytes, and of patience with a silent client."""

import asyncio
import time
from collections.abc import AsyncIterator

from wheelyard.domain.errors import Problem, Reason, Refused
from wheelyard.http.answers import Answer
from wheelyard.http.asgi import Message, Receive, Scope, Send, header

SILENCE_SECONDS = 60
"""How long a client may send nothing in the middle of a body."""

DRAIN_SECONDS = 120
DRAIN_BYTES = 4 * 1024**3


class Disconnected(Exception):  # noqa: N818  it names what happened
    """The client went away before its request was whole; nobody is left to be answered."""


class Body:
    """The body of one request."""

    def __init__(self, scope: Scope, receive: Receive) -> None:
        self._receive = receive
        self._is_done = False
        declared = header(scope, b"content-length") or ""
        self.declared_bytes = int(declared) if declared.isascii() and declared.isdigit() else None

    async def chunks(self) -> AsyncIterator[bytes]:
        """Iterate over the body as it arrives.

        Raises Disconnected; Refused (invalid) when the client falls silent.
        """
        while not self._is_done:
            try:
                async with asyncio.timeout(SILENCE_SECONDS):  # no task, unlike wait_for
                    chunk = await self._next()
            except TimeoutError as error:
                message = f"No more of the body came for {SILENCE_SECONDS} seconds."
                raise Refused(
                    Reason.INVALID, message, problems=(Problem("body-timeout", message),)
                ) from error
            if chunk:
                yield chunk

    async def _next(self) -> bytes:
        message = await self._receive()
        if message["type"] == "http.disconnect":
            self._is_done = True
            raise Disconnected
        self._is_done = not message.get("more_body", False)
        chunk: bytes = message.get("body", b"")
        return chunk

    async def refuse(self, scope: Scope, send: Send, answer: Answer) -> None:
        """Answer at once although the body is not read yet, then read on and forget.

        A client that is still sending reads the answer only when it has finished (twine) or
        notices it (curl). Closing on it now would reset the connection and lose the answer.
        """
        closing = (*answer.headers, (b"connection", b"close"))

        async def unfinished_send(message: Message) -> None:
            is_body = message["type"] == "http.response.body"
            await send({**message, "more_body": True} if is_body else message)

        # The server closes the connection when the answer is finished.
        await Answer(answer.status, closing, answer.body).send(scope, unfinished_send)
        await self.read_on()
        await send({"type": "http.response.body", "body": b""})

    async def read_on(self) -> None:
        """Read what is left of the body and forget it, for a while."""
        deadline = time.monotonic() + DRAIN_SECONDS
        drained = 0
        try:
            while not self._is_done and drained < DRAIN_BYTES:
                left = deadline - time.monotonic()
                drained += len(await asyncio.wait_for(self._next(), max(left, 0.01)))
        except (TimeoutError, Disconnected):
            return
