"""The headers of tar archives: POSIX ustar and pax, and the long names of GNU tar.

A header is read here as one value; the order of members and their contents are left to
`tar_content`. Numbers may be octal, or base-256 as GNU tar writes large ones.
"""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from wheelyard.domain.archives.limits import MEBIBYTE, Unreadable

BLOCK_BYTES = 512
MAX_EXTENDED_BYTES = MEBIBYTE
"""The largest pax header or long name, which is held in memory."""

MAX_PAX_RECORDS = 1000

REGULAR = frozenset({b"0", b"\0", b"7"})
HARD_LINK, SYMBOLIC_LINK, DIRECTORY = b"1", b"2", b"5"
DEVICES = frozenset({b"3", b"4", b"6"})
GNU_LONG_NAME, GNU_LONG_LINK, GNU_SPARSE = b"L", b"K", b"S"
PAX, PAX_GLOBAL = b"x", b"g"

_CHECKSUM_FIELD = slice(148, 156)
_BASE_256, _BASE_256_NEGATIVE = 0x80, 0xFF
# Mode, owner, group, time and the two numbers of a device: nothing we need, but Python's tarfile
# takes a header that has one of them damaged for the end of the archive, and others read on.
_OTHER_NUMBERS = (
    *(slice(100, 108), slice(108, 116), slice(116, 124), slice(136, 148)),
    *(slice(329, 337), slice(337, 345)),
)


class TarHeader(NamedTuple):
    """One header block. Names are bytes as they stand there; `size_bytes` is the data's."""

    name: bytes
    size_bytes: int
    type: bytes
    link_name: bytes


def parse_header(block: bytes) -> TarHeader:
    """Return the header in a block of 512 bytes. Raises Unreadable when it is none."""
    if not is_header(block):
        raise Unreadable("archive-unreadable", "The tar archive has a damaged header.")
    for place in _OTHER_NUMBERS:
        if block[place.start] != _BASE_256_NEGATIVE:
            _number(_text(block[place]) or b"0")
    name = _text(block[:100])
    if block[345]:
        # GNU's dates, which some readers take for a prefix; or a prefix of nothing.
        if block[257:263] != b"ustar\0" or not block[0]:
            raise Unreadable("archive-inconsistent", "The tar archive has an ambiguous header.")
        name = _text(block[345:500]) + b"/" + name
    return TarHeader(name, _number(block[124:136]), block[156:157], _text(block[157:257]))


def is_header(block: bytes) -> bool:
    """Tell whether a block is a tar header, by its checksum (of unsigned or signed bytes)."""
    if len(block) != BLOCK_BYTES:
        return False
    try:
        stored = _number(block[_CHECKSUM_FIELD])
    except Unreadable:
        return False
    summed = block[:148] + b" " * 8 + block[156:]
    unsigned = sum(summed)
    return stored == unsigned or stored == unsigned - 256 * sum(
        byte >= _BASE_256 for byte in summed
    )


def parse_pax(data: bytes) -> Mapping[str, bytes]:
    """Return the records of a pax header. Raises Unreadable when they are malformed."""
    records: dict[str, bytes] = {}
    for key, value in _pax_records(data):
        if key.startswith("GNU.sparse."):
            raise Unreadable("tar-sparse-member", "The tar archive has a sparse member.")
        if key in records:
            raise Unreadable("archive-inconsistent", "A pax header has a record twice.")
        if len(records) == MAX_PAX_RECORDS:
            raise Unreadable("archive-too-many-members", "A pax header has too many records.")
        records[key] = value
    return records


def pax_size(records: Mapping[str, bytes]) -> int | None:
    """Return the data size that a pax header gives, in bytes."""
    written = records.get("size")
    if written is None:
        return None
    return _decimal(written)


def _pax_records(data: bytes) -> Iterator[tuple[str, bytes]]:
    at = 0
    while at < len(data):
        space = data.find(b" ", at, at + 20)
        end = at + _decimal(data[at:space]) if space > at else 0
        if end <= space or end > len(data) or data[end - 1 : end] != b"\n":
            raise Unreadable("archive-unreadable", "The tar archive has a damaged pax header.")
        key, equals, value = data[space + 1 : end - 1].partition(b"=")
        if not equals or not key.isascii():
            raise Unreadable("archive-unreadable", "The tar archive has a damaged pax header.")
        yield key.decode("ascii"), value
        at = end


def _text(field: bytes) -> bytes:
    return field.partition(b"\0")[0]


def _decimal(digits: bytes) -> int:
    if not digits.isdigit() or len(digits) > BLOCK_BYTES:
        raise Unreadable("archive-unreadable", "The tar archive has a damaged number.")
    return int(digits)


def _number(field: bytes) -> int:
    if field[0] == _BASE_256:
        return int.from_bytes(field[1:], "big")
    digits = field.strip(b" \0")
    if not digits:
        return 0
    if not digits.isdigit() or digits.strip(b"01234567"):
        raise Unreadable("archive-unreadable", "The tar archive has a damaged number.")
    return int(digits, 8)
