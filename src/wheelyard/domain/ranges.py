"""Byte ranges of a file: what part of it a `Range` request gets (RFC 9110, section 14).

Served are the ranges that installers ask for: one range, the tail (`bytes=-N`), and the rest of an
interrupted download (`bytes=N-` with `If-Range`). Anything else a server may ignore, and this one
does: it sends the whole file. Sending, and `Accept-Ranges`, are left to the HTTP layer.
"""

from dataclasses import dataclass

from wheelyard.domain.conditional import is_same_entity


@dataclass(frozen=True, slots=True)
class FullBody:
    """The answer is the whole file: 200."""


@dataclass(frozen=True, slots=True)
class PartialBody:
    """The answer is the bytes from `start` up to, not including, `end_exclusive`: 206."""

    start: int
    end_exclusive: int

    def content_range(self, size_bytes: int) -> str:
        """Return the value of `Content-Range` for a file of `size_bytes`."""
        return f"bytes {self.start}-{self.end_exclusive - 1}/{size_bytes}"


@dataclass(frozen=True, slots=True)
class Unsatisfiable:
    """The range lies outside the file: 416."""

    def content_range(self, size_bytes: int) -> str:
        """Return the value of `Content-Range` for a file of `size_bytes`."""
        return f"bytes */{size_bytes}"


Answer = FullBody | PartialBody | Unsatisfiable

_FULL = FullBody()
_UNSATISFIABLE = Unsatisfiable()
_MAX_DIGITS = 19  # those of the largest 64-bit size; a longer number is beyond every file
_BEYOND = 10**_MAX_DIGITS


def parse_range(
    header: str | None,
    size: int,
    *,
    if_range: str | None = None,
    etag: str,
    last_modified: str | None = None,
) -> Answer:
    """Return what to send of a file of `size` bytes to a request with this `Range` header.

    `if_range` is the request's `If-Range`: the range counts only if it names this very file, by
    the strong `etag` (quotes included) or by `last_modified` exactly as it is sent (None: it is
    not). Multiple ranges, other units and malformed ranges get the whole file.
    """
    if header is None or not _is_this_file(if_range, etag, last_modified):
        return _FULL
    unit, equals, spec = header.partition("=")
    first, dash, last = spec.strip().partition("-")
    if not (equals and dash and unit.strip().lower() == "bytes"):
        return _FULL
    if first:
        return _from_first(first.strip(), last.strip(), size)
    return _suffix(last.strip(), size)


def _is_this_file(if_range: str | None, etag: str, last_modified: str | None) -> bool:
    if if_range is None:
        return True
    validator = if_range.strip()
    # Files never change under their address, so Last-Modified is as strong as RFC 9110, section
    # 13.1.5, wants it to be, and an exact match of its text is the comparison it asks for.
    return is_same_entity(validator, etag) or validator == last_modified


def _from_first(first: str, last: str, size: int) -> Answer:
    start = _position(first)
    end = _position(last) if last else _BEYOND
    if start is None or end is None or end < start:
        return _FULL
    if start >= size:
        return _UNSATISFIABLE
    return PartialBody(start, min(end + 1, size))


def _suffix(length_text: str, size: int) -> Answer:
    length = _position(length_text)
    if length is None:
        return _FULL
    if length == 0:
        return _UNSATISFIABLE
    if size == 0:
        return _FULL  # satisfiable by RFC 9110, but no Content-Range can say "nothing"
    return PartialBody(max(size - length, 0), size)


def _position(text: str) -> int | None:
    """Read a decimal number of any length, capped at `_BEYOND`; None when it is none."""
    if not (text.isascii() and text.isdigit()):
        return None
    digits = text.lstrip("0")
    return int(digits or "0") if len(digits) <= _MAX_DIGITS else _BEYOND
