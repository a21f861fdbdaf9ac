"""The extra fields of ZIP members: ZIP64 sizes, and the ones that could give a second name."""

import zlib
from collections.abc import Iterator
from struct import Struct, error

from wheelyard.domain.archives.limits import Unreadable
from wheelyard.domain.findings import Findings, shown

ZIP64_MARK = 0xFFFFFFFF
"""In a 32-bit field: the value is in the ZIP64 extra field."""

_HEADER = Struct("<HH")
_ZIP64 = 0x0001
_UNICODE_PATH = 0x7075
_SINGLE = frozenset({_ZIP64, _UNICODE_PATH})
_QUADWORD = Struct("<Q")
_UNICODE_HEADER = Struct("<BL")


def check_extra(extra: bytes, raw_name: bytes, name: str, findings: Findings) -> None:
    """Note extra fields that are malformed, doubled, or give the member another name."""
    seen: set[int] = set()
    try:
        for kind, value in _records(extra):
            if kind in _SINGLE and kind in seen:
                _odd(name, "has an extra field twice", findings)
            seen.add(kind)
            if kind == _UNICODE_PATH and not _is_same_name(value, raw_name):
                _odd(name, "has a second, different name", findings)
    except error:
        _odd(name, "has malformed extra fields", findings)


def zip64_values(extra: bytes, values: tuple[int, ...], name: str) -> tuple[int, ...]:
    """Return `values` with those marked as such replaced from the ZIP64 extra field, in order.

    Raises Unreadable when a marked value is not there.
    """
    try:
        field = next(value for kind, value in _records(extra) if kind == _ZIP64)
        at = 0
        replaced = []
        for value in values:
            if value == ZIP64_MARK:
                (value,) = _QUADWORD.unpack_from(field, at)  # noqa: PLW2901  its true value
                at += _QUADWORD.size
            replaced.append(value)
    except (StopIteration, error):
        raise Unreadable(
            "archive-inconsistent", f"The member {shown(name)} lacks its ZIP64 sizes.", name
        ) from None
    return tuple(replaced)


def _records(extra: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    while at < len(extra):
        kind, size = _HEADER.unpack_from(extra, at)
        at += _HEADER.size + size
        if at > len(extra):
            raise error("record beyond the end")
        yield kind, extra[at - size : at]


def _is_same_name(value: bytes, raw_name: bytes) -> bool:
    _, crc = _UNICODE_HEADER.unpack_from(value)
    return crc == zlib.crc32(raw_name) and value[_UNICODE_HEADER.size :] == raw_name


def _odd(name: str, what: str, findings: Findings) -> None:
    findings.add("zip-extra-field", f"The member {shown(name)} {what}.", name)
