"""The central directory of a ZIP archive (APPNOTE 4.3.12), and where it has to be.

Exactly one layout is accepted: members from byte 0, one central directory right behind them, its
end records right behind that, and nothing after. Everything a parser could disagree about with
another one (prefixes, gaps, second directories, wrong counts) is refused. The members' own
headers and contents are left to `zip_content`, the end records to `zip_end`.
"""

import stat
from struct import Struct
from typing import BinaryIO, NamedTuple

from wheelyard.domain.archives.limits import Limits, Unreadable
from wheelyard.domain.archives.members import decode_name
from wheelyard.domain.archives.zip_end import CENTRAL_SIGNATURE, read_end
from wheelyard.domain.archives.zip_extra import ZIP64_MARK, check_extra, zip64_values
from wheelyard.domain.findings import Findings, shown

STORED, DEFLATED = 0, 8
ENCRYPTED, DATA_DESCRIPTOR = 0x1, 0x8
_UNSUPPORTED_FLAGS = 0x20 | 0x40 | 0x2000  # patches, strong encryption, masked headers
_UTF8_NAME = 0x800
_UNIX = 3
_MAX_VERSION = 63
"""The newest version of the ZIP format that Python's reader takes, times ten."""

_CENTRAL = Struct("<4s6H3L5H2L")


class ZipEntry(NamedTuple):
    """A member as the central directory describes it. Sizes and offset are bytes."""

    name: str
    raw_name: bytes
    flags: int
    method: int
    crc: int
    packed_bytes: int
    size_bytes: int
    offset: int
    mode: int

    @property
    def is_directory(self) -> bool:
        """Whether the member is a folder."""
        return self.name.endswith("/")


class ZipDirectory(NamedTuple):
    """All members in the order of their data, and where the data ends."""

    entries: list[ZipEntry]
    end_of_members: int


def read_directory(
    source: BinaryIO, size_bytes: int, limits: Limits, findings: Findings
) -> ZipDirectory:
    """Read the central directory. Raises Unreadable when the framing is not exactly right."""
    end = read_end(source, size_bytes, findings)
    if end.entries > limits.max_members:
        raise Unreadable(
            "archive-too-many-members",
            f"The archive has {end.entries} members; at most {limits.max_members} are accepted.",
        )
    if end.size_bytes > limits.max_directory_bytes:
        raise Unreadable("archive-too-many-members", "The archive's directory is too large.")
    if end.offset + end.size_bytes != end.position:
        raise Unreadable(
            "archive-hidden-bytes",
            "The archive has bytes before its first member, or around its directory.",
        )
    source.seek(end.offset)
    entries = _parse_entries(source.read(end.size_bytes), end.entries, findings)
    entries.sort(key=lambda entry: entry.offset)
    return ZipDirectory(entries, end.offset)


def _parse_entries(directory: bytes, count: int, findings: Findings) -> list[ZipEntry]:
    entries: list[ZipEntry] = []
    at = 0
    while at < len(directory):
        if directory[at : at + 4] != CENTRAL_SIGNATURE or len(directory) - at < _CENTRAL.size:
            raise Unreadable("archive-inconsistent", "The ZIP directory has an unknown record.")
        fields = _CENTRAL.unpack_from(directory, at)
        name_bytes, extra_bytes, comment_bytes = fields[10:13]
        name_at = at + _CENTRAL.size
        at = name_at + name_bytes + extra_bytes + comment_bytes
        if at > len(directory) or len(entries) == count:
            raise Unreadable("archive-inconsistent", "The ZIP directory's size or count is wrong.")
        raw_name = directory[name_at : name_at + name_bytes]
        extra = directory[name_at + name_bytes : at - comment_bytes]
        entries.append(_make_entry(fields, raw_name, extra, findings))
    if len(entries) != count:
        raise Unreadable("archive-inconsistent", "The ZIP directory's size or count is wrong.")
    return entries


def _make_entry(
    fields: tuple[int, ...], raw_name: bytes, extra: bytes, findings: Findings
) -> ZipEntry:
    _, made_by, needed, flags, method, _, _, crc, packed, size, _, _, comment, disk = fields[:14]
    name = decode_name(raw_name)
    if not raw_name.isascii() and not flags & _UTF8_NAME:
        findings.add(
            "member-name-characters", f"The member {shown(name)} is not marked as UTF-8.", name
        )
    if comment:
        findings.add("zip-comment", f"The member {shown(name)} has a comment.", name)
    offset = fields[16]
    if extra:
        check_extra(extra, raw_name, name, findings)
    if ZIP64_MARK in {size, packed, offset}:
        size, packed, offset = zip64_values(extra, (size, packed, offset), name)
    if disk:
        raise Unreadable("zip-multi-disk", f"The member {shown(name)} is on another disk.", name)
    _check_readable(name, needed, flags, method)
    if method == STORED and packed != size:
        raise Unreadable(
            "archive-inconsistent", f"The stored member {shown(name)} has two sizes.", name
        )
    mode = fields[15] >> 16 if made_by >> 8 == _UNIX else 0
    _check_mode(name, mode, findings)
    return ZipEntry(name, raw_name, flags, method, crc, packed, size, offset, mode)


def _check_readable(name: str, needed: int, flags: int, method: int) -> None:
    if needed > _MAX_VERSION:
        raise Unreadable("zip-version", f"The member {shown(name)} demands a newer ZIP.", name)
    if flags & (ENCRYPTED | _UNSUPPORTED_FLAGS):
        raise Unreadable("zip-encrypted", f"The member {shown(name)} is encrypted.", name)
    if method not in {STORED, DEFLATED}:
        raise Unreadable(
            "zip-compression",
            f"The member {shown(name)} is compressed by method {method}: "
            "only deflate can be installed everywhere.",
            name,
        )


def _check_mode(name: str, mode: int, findings: Findings) -> None:
    kind = stat.S_IFMT(mode)
    if kind in {0, stat.S_IFREG, stat.S_IFDIR}:
        return
    if kind == stat.S_IFLNK:
        findings.add("member-link", f"The member {shown(name)} is a symbolic link.", name)
    else:
        findings.add("member-device", f"The member {shown(name)} is a device or pipe.", name)
