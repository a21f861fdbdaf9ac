"""A form with files, as a browser sends it: first its fields, then the files as they arrive.

The fields come first because our forms have them first. Nothing of a file is kept here: whoever
iterates takes each chunk, and a file that is not read to its end is skipped.
"""

from collections.abc import AsyncIterator
from typing import NamedTuple, TypeAlias

from multipart import MultipartError, MultipartSegment, PushMultipartParser

from wheelyard.domain.errors import Problem, Reason, Refused, invalid
from wheelyard.http.asgi import Receive, Scope, header
from wheelyard.http.bodies import Body, Disconnected
from wheelyard.http.forms import boundary_of

MAX_PARTS = 200
MAX_FIELD_BYTES = 64 * 1024
"""For all fields together."""


class _Part(NamedTuple):
    """The beginning of a part; a part with a file name is a file."""

    name: str
    filename: str | None


_Event: TypeAlias = _Part | bytes | None
"""The beginning of a part, some of its content, its end."""


class PostedFile:
    """One file of a form; it can be read once, before the next one is asked for."""

    def __init__(self, filename: str, events: AsyncIterator[_Event]) -> None:
        self.filename = filename
        self._events = events
        self._is_read = False

    async def chunks(self) -> AsyncIterator[bytes]:
        """Iterate over the content. Raises Refused (invalid), when it is cut short."""
        if self._is_read:
            return
        async for event in self._events:
            if not isinstance(event, bytes):
                self._is_read = True
                return
            yield event

    async def skip(self) -> None:
        """Read what is left, and forget it."""
        async for _ in self.chunks():
            pass


class PostedFiles:
    """One form. Read `read_fields` first, then iterate over `files`."""

    def __init__(self, scope: Scope, receive: Receive) -> None:
        self._scope = scope
        self._events = _read(scope, Body(scope, receive))
        self._first: PostedFile | None = None

    async def read_fields(self) -> dict[str, list[str]]:
        """Return the fields that come before the first file. Raises Refused (invalid, too large).

        Fields behind a file are not looked at.
        """
        fields: dict[str, list[str]] = {}
        size_bytes = 0
        async for event in self._events:
            if not isinstance(event, _Part):
                continue
            if event.filename is not None:
                self._first = PostedFile(event.filename, self._events)
                break
            text = bytearray()
            async for chunk in PostedFile("", self._events).chunks():
                text += chunk
                size_bytes += len(chunk)
                if size_bytes > MAX_FIELD_BYTES:
                    raise Refused(Reason.TOO_LARGE, f"The form is over {MAX_FIELD_BYTES} bytes.")
            fields.setdefault(event.name, []).append(_decode(bytes(text)))
        return fields

    async def files(self) -> AsyncIterator[PostedFile]:
        """Iterate over the files; a field without a chosen file is none. Raises Refused (invalid).

        Each is read, or skipped, before the next one comes.
        """
        file, self._first = self._first, None
        if file is not None:
            if file.filename:
                yield file
            await file.skip()
        async for event in self._events:
            if isinstance(event, _Part) and event.filename:
                file = PostedFile(event.filename, self._events)
                yield file
                await file.skip()


def is_multipart(scope: Scope) -> bool:
    """Tell whether a request's body is a form that can hold files."""
    media_type = (header(scope, b"content-type") or "").partition(";")[0].strip().lower()
    return media_type == "multipart/form-data"


async def _read(scope: Scope, body: Body) -> AsyncIterator[_Event]:
    boundary = boundary_of(header(scope, b"content-type"))
    try:
        parser = PushMultipartParser(
            boundary, strict=False, max_segment_count=MAX_PARTS, max_header_count=16
        )
        async for chunk in body.chunks():
            for event in parser.parse(chunk):
                yield _typed(event)
        parser.close()
    except (MultipartError, Disconnected) as error:
        why = "it ended before it was whole" if isinstance(error, Disconnected) else str(error)
        message = f"The form is malformed: {why}."
        raise invalid(Problem("malformed-form", message)) from error


def _typed(event: MultipartSegment | bytearray | None) -> _Event:
    if isinstance(event, MultipartSegment):
        return _Part(event.name, event.filename)
    return None if event is None else bytes(event)


def _decode(text: bytes) -> str:
    """Decode a field; raises Refused (invalid) for what no form of ours holds."""
    try:
        decoded = text.decode()
    except UnicodeDecodeError as error:
        raise invalid(Problem("malformed-form", "The form is not UTF-8.")) from error
    if "\0" in decoded:
        raise invalid(Problem("malformed-form", "The form holds a NUL character."))
    return decoded
