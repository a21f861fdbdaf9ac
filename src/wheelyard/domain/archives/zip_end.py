"""The end records of a ZIP archive (APPNOTE 4.3.14 to 4.3.16): where its directory is.

The archive has to end with them. Where there are ZIP64 records they must stand right in front of
the plain one and agree with it, and hold nothing else.
"""

from struct import Struct
from typing import BinaryIO, NamedTuple

from wheelyard.domain.archives.limits import Unreadable
from wheelyard.domain.archives.zip_extra import ZIP64_MARK
from wheelyard.domain.findings import Findings

CENTRAL_SIGNATURE = b"PK\x01\x02"
"""What each record of the directory begins with."""

_END = Struct("<4s4H2LH")
_END_SIGNATURE = b"PK\x05\x06"
_LOCATOR = Struct("<4sLQL")
_LOCATOR_SIGNATURE = b"PK\x06\x07"
_END64 = Struct("<4sQ2H2L4Q")
_END64_SIGNATURE = b"PK\x06\x06"
_END64_SIZE = _END64.size - 12  # without its signature and this size itself
_COUNT_MARK = 0xFFFF
_MAX_COMMENT_BYTES = 0xFFFF
_TAIL_BYTES = _END.size + _MAX_COMMENT_BYTES


class ZipEnd(NamedTuple):
    """What the end of an archive says of its directory; `position` is where that must end."""

    entries: int
    size_bytes: int
    offset: int
    position: int


def has_directory(source: BinaryIO, size_bytes: int) -> bool:
    """Tell whether a lenient reader could find a ZIP directory at the end of the file."""
    tail_at = max(0, size_bytes - _TAIL_BYTES)
    source.seek(tail_at)
    tail = source.read(_TAIL_BYTES)
    at = tail.rfind(_END_SIGNATURE, 0, len(tail) - _END.size + len(_END_SIGNATURE))
    if at < 0:
        return False
    _, _, _, _, entries, size, _, _ = _END.unpack_from(tail, at)
    source.seek(max(0, tail_at + at - size))
    return entries == 0 or source.read(4) in {CENTRAL_SIGNATURE, _END64_SIGNATURE}


def read_end(source: BinaryIO, size_bytes: int, findings: Findings) -> ZipEnd:
    """Return what the end records say. Raises Unreadable when they are not exactly right."""
    tail_at = max(0, size_bytes - _TAIL_BYTES)
    source.seek(tail_at)
    tail = source.read(_TAIL_BYTES)
    at = tail.rfind(_END_SIGNATURE)
    if at < 0 or len(tail) - at < _END.size:
        raise Unreadable("archive-unreadable", "The file is not a ZIP archive, or it is cut short.")
    _, disk, start_disk, on_disk, entries, size, offset, comment = _END.unpack_from(tail, at)
    if at + _END.size + comment != len(tail):
        raise Unreadable(
            "archive-trailing-bytes", "The ZIP archive does not end where it says that it ends."
        )
    if comment:
        findings.add("zip-comment", "The ZIP archive has a comment: build it without.")
    if on_disk != entries or disk or start_disk:
        raise Unreadable("zip-multi-disk", "The ZIP archive says that it is one of several disks.")
    plain = ZipEnd(entries, size, offset, tail_at + at)
    return _read_end64(source, plain)


def _read_end64(source: BinaryIO, plain: ZipEnd) -> ZipEnd:
    """Return the ZIP64 end record's figures where there is one, checked against the plain ones."""
    needs_zip64 = plain.entries == _COUNT_MARK or ZIP64_MARK in {plain.size_bytes, plain.offset}
    locator_at = plain.position - _LOCATOR.size
    locator = b""
    if locator_at >= 0:
        source.seek(locator_at)
        locator = source.read(_LOCATOR.size)
    if not locator.startswith(_LOCATOR_SIGNATURE):
        if needs_zip64 and plain.offset + plain.size_bytes != plain.position:
            raise Unreadable("archive-inconsistent", "The archive lacks its ZIP64 end record.")
        return plain
    _, disk, at, disks = _LOCATOR.unpack(locator)
    if disk or disks != 1:
        raise Unreadable("zip-multi-disk", "The ZIP archive says that it is one of several disks.")
    if at + _END64.size != locator_at:
        raise Unreadable("archive-inconsistent", "The ZIP64 end record is not where it should be.")
    source.seek(at)
    return _parse_end64(source.read(_END64.size), plain, at)


def _parse_end64(record: bytes, plain: ZipEnd, at: int) -> ZipEnd:
    if len(record) != _END64.size:
        raise Unreadable("archive-unreadable", "The archive is cut short.")
    signature, size, _, _, disk, start_disk, on_disk, entries, length, offset = _END64.unpack(
        record
    )
    if signature != _END64_SIGNATURE or size != _END64_SIZE:
        raise Unreadable("archive-inconsistent", "The ZIP64 end record is malformed or extended.")
    if disk or start_disk or on_disk != entries:
        raise Unreadable("zip-multi-disk", "The ZIP archive says that it is one of several disks.")
    agree = (
        plain.entries in {_COUNT_MARK, entries}
        and plain.size_bytes in {ZIP64_MARK, length}
        and plain.offset in {ZIP64_MARK, offset}
    )
    if not agree:
        raise Unreadable("archive-inconsistent", "The archive's two end records disagree.")
    return ZipEnd(entries, length, offset, at)
