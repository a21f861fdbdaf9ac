"""The upload form: `multipart/form-data`, parsed while it arrives.

Fields are kept in bounded memory, every repetition of them. The file part is handed on chunk by
chunk, and `on_file` is called before its first byte.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from email.message import Message

from multipart import MultipartError, MultipartSegment, PushMultipartParser

from wheelyard.domain.errors import Problem, Reason, Refused, invalid

MAX_FORM_BYTES = 8 * 1024 * 1024
"""For all fields together: the largest description on PyPI fits several times over."""

MAX_PARTS = 10_000
FILE_FIELD = "content"

Fields = dict[str, list[str]]
FileWriter = Callable[[bytes], Awaitable[None]]


def boundary_of(content_type: str | None) -> str:
    """Return the boundary in a Content-Type header. Raises Refused (invalid)."""
    message = Message()
    message["content-type"] = content_type or ""
    boundary = message.get_param("boundary")
    is_form = message.get_content_type() == "multipart/form-data"
    if not is_form or not isinstance(boundary, str) or not boundary.isascii():
        raise invalid(
            Problem(
                "not-a-form",
                "An upload is a form: POST multipart/form-data with a boundary, as twine does.",
            )
        )
    return boundary


class UploadParser:
    """Reads one upload form; `fields` and `filename` hold what has been read.

    `sent_as_files` are the fields that came with a file name, though they are not the file.
    """

    def __init__(self, on_file: Callable[[str], Awaitable[FileWriter]]) -> None:
        self.fields: Fields = {}
        self.sent_as_files: set[str] = set()
        self.filename: str | None = None
        self._on_file = on_file
        self._write: FileWriter | None = None
        self._segment: MultipartSegment | None = None
        self._text = bytearray()
        self._form_bytes = 0

    async def read(self, content_type: str | None, chunks: AsyncIterator[bytes]) -> None:
        """Read the whole form.

        Raises Refused: invalid (malformed), too large (the fields), and what `on_file` and the
        writer that it returns raise.
        """
        boundary = boundary_of(content_type)
        try:
            parser = PushMultipartParser(
                boundary, strict=False, max_segment_count=MAX_PARTS, max_header_count=16
            )
            async for chunk in chunks:
                for event in parser.parse(chunk):
                    if isinstance(event, MultipartSegment):
                        await self._begin(event)
                    elif event is None:
                        self._end()
                    elif self._write is not None:
                        await self._write(bytes(event))
                    else:
                        self._add(event)
            parser.close()
        except MultipartError as error:
            message = f"The upload form is malformed: {error}."
            raise invalid(Problem("malformed-form", message)) from error

    def _add(self, piece: bytearray) -> None:
        self._form_bytes += len(piece)
        if self._form_bytes > MAX_FORM_BYTES:
            message = f"The form's fields are over {MAX_FORM_BYTES} bytes together."
            raise Refused(Reason.TOO_LARGE, message, problems=(Problem("form-too-large", message),))
        self._text += piece

    async def _begin(self, segment: MultipartSegment) -> None:
        self._segment = segment
        self._text.clear()
        if segment.name != FILE_FIELD:
            if segment.filename is not None:
                self.sent_as_files.add(segment.name)
            return
        if segment.filename is None or self.filename is not None:
            raise invalid(
                Problem(
                    "one-file",
                    "An upload has exactly one file, in the part 'content', with a file name.",
                    FILE_FIELD,
                )
            )
        self.filename = segment.filename
        self._write = await self._on_file(segment.filename)

    def _end(self) -> None:
        segment = self._segment
        if self._write is None and segment is not None:
            # What is not UTF-8 becomes surrogates, by which `inspect_form` knows and refuses it.
            value = bytes(self._text).decode("utf-8", "surrogateescape")
            self.fields.setdefault(segment.name, []).append(value)
        self._write = None
        self._segment = None
