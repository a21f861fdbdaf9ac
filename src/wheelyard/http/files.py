"""Sending a stored object: whole, in part, from the store's own address, or not at all.

Nothing is promised to the client before the first bytes are there: what the store does not have, or
not now, is a refusal and not an answer that breaks off.
"""

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

from wheelyard.domain.conditional import if_none_match
from wheelyard.domain.errors import Reason, Refused
from wheelyard.domain.keys import BlobKey
from wheelyard.domain.ranges import FullBody, PartialBody, Unsatisfiable, parse_range
from wheelyard.http.answers import Answer, Headers
from wheelyard.http.asgi import Scope, Send, header
from wheelyard.http.redirects import Redirects
from wheelyard.ports.blobs import Blobs

OK, PARTIAL_CONTENT, FOUND, NOT_MODIFIED, RANGE_NOT_SATISFIABLE = 200, 206, 302, 304, 416

SEND_FILE = "wheelyard.send_file"
"""An extension of the ASGI scope: sends bytes of an open file (`wheelyard.serving.sendfile`)."""

IS_GONE = "wheelyard.is_gone"
"""An extension of the ASGI scope: tells whether nobody is left to read the answer."""

_WORTH_SENDFILE_BYTES = 256 * 1024
"""Less is read in one go, and needs one visit to a thread instead of two."""

_RETRY_SECONDS = 30


@dataclass(frozen=True, slots=True)
class StoredBody:
    """An immutable object to send. `sha256` makes its ETag; `headers` say the rest.

    content: the object's bytes, where they have been read already.
    redirects: says whether the client is sent to the store; without it, or with `content`, never.
    when_served: is called after the object was sent from its start, or the client sent elsewhere
        for it: once for each download, not for HEAD, 304, the later parts of one that goes on, and
        a client that went away.
    """

    blobs: Blobs
    key: BlobKey
    sha256: str
    size_bytes: int
    headers: Headers
    content: bytes | None = None
    redirects: Redirects | None = None
    when_served: Callable[[], None] | None = None

    async def send(self, scope: Scope, send: Send) -> None:
        """Send what the request asks for: 200, 206, 302, 304 or 416 (RFC 9110).

        Raises Refused (unavailable) when the store has not got the bytes, or does not answer.
        """
        etag = f'"{self.sha256}"'
        common = (*self.headers, (b"etag", etag.encode()), (b"accept-ranges", b"bytes"))
        if if_none_match(header(scope, b"if-none-match"), etag):
            await Answer(NOT_MODIFIED, common).send(scope, send)
            return
        wanted = parse_range(
            header(scope, b"range") if scope["method"] == "GET" else None,
            self.size_bytes,
            if_range=header(scope, b"if-range"),
            etag=etag,
        )
        if isinstance(wanted, Unsatisfiable):
            size = (b"content-range", wanted.content_range(self.size_bytes).encode())
            await Answer(RANGE_NOT_SATISFIABLE, (*common, size)).send(scope, send)
            return
        is_sent = True
        location = await self._location(scope)
        if location is not None:
            # What the store says of its own answer holds for the bytes.
            headers = ((b"location", location.encode()), (b"cache-control", b"private, no-store"))
            await Answer(FOUND, headers).send(scope, send)
        elif isinstance(wanted, PartialBody):
            part = (b"content-range", wanted.content_range(self.size_bytes).encode())
            span = range(wanted.start, wanted.end_exclusive)
            is_sent = await self._part(scope, send, PARTIAL_CONTENT, (*common, part), span)
        else:
            is_sent = await self._part(scope, send, OK, common, range(self.size_bytes))
        from_start = isinstance(wanted, FullBody) or wanted.start == 0
        is_download = is_sent and from_start and scope["method"] == "GET"
        if is_download and self.when_served is not None:
            self.when_served()

    async def _location(self, scope: Scope) -> str | None:
        if self.redirects is None or self.content is not None:
            return None
        return await self.redirects.location(scope, self.key)

    async def _part(
        self, scope: Scope, send: Send, status: int, headers: Headers, span: range
    ) -> bool:
        """Send it and return whether all of it went; not if the client has gone meanwhile."""
        extensions, is_sent = scope.get("extensions") or {}, True
        if scope["method"] == "HEAD":
            await _start(send, status, headers, len(span))
        elif self.content is not None:
            await _start(send, status, headers, len(span))
            body = self.content[span.start : span.stop]
            await send({"type": "http.response.body", "body": body, "more_body": True})
        elif (
            (send_file := extensions.get(SEND_FILE)) is not None
            and len(span) >= _WORTH_SENDFILE_BYTES
            and (path := self.blobs.local_path(self.key)) is not None
        ):
            file = await asyncio.to_thread(_open, path, self.size_bytes)
            try:
                await _start(send, status, headers, len(span))
                is_sent = await send_file(file, span)
            finally:
                os.close(file)
        else:
            chunks = self.blobs.read(self.key, span.start, span.stop)
            first = await _first(chunks, len(span))
            await _start(send, status, headers, len(span))
            await send({"type": "http.response.body", "body": first, "more_body": True})
            async for chunk in chunks:
                if IS_GONE in extensions and extensions[IS_GONE]():
                    is_sent = False
                    break
                await send({"type": "http.response.body", "body": chunk, "more_body": True})
        await send({"type": "http.response.body", "body": b""})
        return is_sent


async def read_whole(blobs: Blobs, key: BlobKey, size_bytes: int | None = None) -> bytes:
    """Read an object into memory, where it is known to be small.

    Raises Refused (unavailable) when it is not there or not of `size_bytes`, or the store does
    not answer.
    """
    try:
        content = b"".join([chunk async for chunk in blobs.read(key)])
    except KeyError:
        raise _lost() from None
    if size_bytes is not None and len(content) != size_bytes:
        raise _lost()
    return content


async def _first(chunks: AsyncIterator[bytes], wanted_bytes: int) -> bytes:
    try:
        first = await anext(chunks, b"")
    except KeyError:
        raise _lost() from None
    if wanted_bytes and not first:
        raise _lost()
    return first


async def _start(send: Send, status: int, headers: Headers, length: int) -> None:
    whole = (*headers, (b"content-length", str(length).encode()))
    await send({"type": "http.response.start", "status": status, "headers": whole})


def _open(path: str, size_bytes: int) -> int:
    """Open a file for reading. Raises Refused when it is not there, or not of that size."""
    try:
        file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        raise _lost() from None
    except OSError as error:
        sentence = f"The file cannot be read at the moment: {error.strerror}."
        raise Refused(Reason.UNAVAILABLE, sentence, retry_after_seconds=_RETRY_SECONDS) from error
    if os.fstat(file).st_size != size_bytes:
        os.close(file)
        raise _lost()
    return file


def _lost() -> Refused:
    """Build the refusal for bytes that a row names and the store has not got.

    Not "not found": uv would go on to another index, which may have somebody else's file.
    """
    message = "The file's bytes are missing on the server. Its operator can ask `wheelyard verify`."
    return Refused(Reason.UNAVAILABLE, message, retry_after_seconds=_RETRY_SECONDS)
