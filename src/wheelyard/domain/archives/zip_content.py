"""The members of a ZIP archive: their own headers, checked, and their contents, streamed.

Members must follow one another without a gap. What a header says must be what the central
directory says, and what is unpacked must have exactly the declared size and CRC, so unpacking
never goes beyond what was declared. `zip_directory` reads the declarations.
"""

import hashlib
import zlib
from collections.abc import Collection, Iterator, Mapping
from struct import Struct
from typing import BinaryIO, NamedTuple

from wheelyard.domain.archives.limits import CHUNK_BYTES, Limits, Unreadable, bomb
from wheelyard.domain.archives.members import Member
from wheelyard.domain.archives.zip_directory import (
    DATA_DESCRIPTOR,
    STORED,
    ZipDirectory,
    ZipEntry,
)
from wheelyard.domain.archives.zip_extra import ZIP64_MARK, check_extra, zip64_values
from wheelyard.domain.findings import Findings, shown

_LOCAL = Struct("<4s5H3L2H")
_LOCAL_SIGNATURE = b"PK\x03\x04"
_DESCRIPTOR = Struct("<3L")
_DESCRIPTOR64 = Struct("<L2Q")
_DESCRIPTOR_SIGNATURE = b"PK\x07\x08"
_RAW_DEFLATE = -15
_COMPRESSION_HINTS = 0x6  # how hard the packer tried: informative


class Contents(NamedTuple):
    """What was read from an archive: its members, and the documents that were asked for."""

    members: list[Member]
    documents: Mapping[str, bytes]


def read_members(
    source: BinaryIO,
    size_bytes: int,
    directory: ZipDirectory,
    *,
    wanted: Mapping[str, int],
    limits: Limits,
    findings: Findings,
) -> Contents:
    """Unpack every member once, hashing it; keep the members `wanted` (name to largest size).

    Raises Unreadable at the first member that is not what the archive says it is.
    """
    allowed_bytes = limits.unpacked_bytes(size_bytes)
    if sum(entry.size_bytes for entry in directory.entries) > allowed_bytes:
        raise bomb(allowed_bytes)
    members: list[Member] = []
    documents: dict[str, bytes] = {}
    starts = [entry.offset for entry in directory.entries[1:]] + [directory.end_of_members]
    expected_at = 0
    for entry, next_at in zip(directory.entries, starts, strict=True):
        if entry.offset != expected_at:
            raise _hidden(entry)
        data_at = _check_local_header(source, entry, findings)
        members.append(_read_member(source, entry, wanted, documents))
        _check_gap(source, entry, data_at + entry.packed_bytes, next_at, findings)
        expected_at = next_at
    if expected_at != directory.end_of_members:
        raise Unreadable("archive-hidden-bytes", "The archive has bytes that no member owns.")
    return Contents(members, documents)


def hash_member(source: BinaryIO, entry: ZipEntry, algorithm: str) -> bytes:
    """Return a member's digest; it must have been read by `read_members` before."""
    source.seek(entry.offset)
    fields = _LOCAL.unpack(source.read(_LOCAL.size))
    source.seek(entry.offset + _LOCAL.size + fields[9] + fields[10])
    digest = hashlib.new(algorithm)
    for chunk in _unpack(source, entry):
        digest.update(chunk)
    return digest.digest()


def _check_local_header(source: BinaryIO, entry: ZipEntry, findings: Findings) -> int:
    """Check the header at the member's offset; return where its data begins."""
    source.seek(entry.offset)
    header = source.read(_LOCAL.size)
    if len(header) != _LOCAL.size or not header.startswith(_LOCAL_SIGNATURE):
        raise Unreadable(
            "archive-inconsistent", f"There is no member where {shown(entry.name)} should be."
        )
    fields: tuple[int, ...] = _LOCAL.unpack(header)
    name_bytes, extra_bytes = fields[9:]
    behind = source.read(name_bytes + extra_bytes)
    if len(behind) != name_bytes + extra_bytes or behind[:name_bytes] != entry.raw_name:
        raise _inconsistent(entry, "two names")
    extra = behind[name_bytes:]
    if extra:
        check_extra(extra, entry.raw_name, entry.name, findings)
    _, _, flags, method, _, _, crc, packed, size, _, _ = fields
    if (flags ^ entry.flags) & ~_COMPRESSION_HINTS or method != entry.method:
        raise _inconsistent(entry, "two descriptions")
    if ZIP64_MARK in {size, packed}:
        size, packed = zip64_values(extra, (size, packed), entry.name)
    declared = (crc, packed, size)
    deferred = bool(flags & DATA_DESCRIPTOR) and declared == (0, 0, 0)
    if not deferred and declared != (entry.crc, entry.packed_bytes, entry.size_bytes):
        raise _inconsistent(entry, "two sizes or checksums")
    return entry.offset + _LOCAL.size + name_bytes + extra_bytes


def _read_member(
    source: BinaryIO, entry: ZipEntry, wanted: Mapping[str, int], documents: dict[str, bytes]
) -> Member:
    if entry.is_directory and entry.size_bytes:
        raise _inconsistent(entry, "contents, though it is a folder")
    limit_bytes = wanted.get(entry.name)
    kept: list[bytes] | None = None
    if limit_bytes is not None:
        if entry.size_bytes > limit_bytes:
            raise Unreadable(
                "metadata-too-large",
                f"{shown(entry.name)} is larger than {limit_bytes} bytes.",
                entry.name,
            )
        kept = []
    digest = hashlib.sha256()
    crc = 0
    for chunk in _unpack(source, entry):
        digest.update(chunk)
        crc = zlib.crc32(chunk, crc)
        if kept is not None:
            kept.append(chunk)
    if crc != entry.crc:
        raise _damaged(entry)
    if kept is not None:
        documents[entry.name] = b"".join(kept)
    name = entry.name.rstrip("/")
    return Member(name, entry.size_bytes, entry.is_directory, digest.digest())


def _unpack(source: BinaryIO, entry: ZipEntry) -> Iterator[bytes]:
    """Iterate over a member's contents from the source's position; exactly the declared size."""
    return _copy(source, entry) if entry.method == STORED else _inflate(source, entry)


def _copy(source: BinaryIO, entry: ZipEntry) -> Iterator[bytes]:
    remaining = entry.size_bytes
    while remaining:
        chunk = source.read(min(remaining, CHUNK_BYTES))
        if not chunk:
            raise _damaged(entry)
        remaining -= len(chunk)
        yield chunk


def _inflate(source: BinaryIO, entry: ZipEntry) -> Iterator[bytes]:
    inflater = zlib.decompressobj(_RAW_DEFLATE)
    packed_left, left = entry.packed_bytes, entry.size_bytes
    pending = b""
    while not inflater.eof:
        if not pending and packed_left:
            pending = source.read(min(packed_left, CHUNK_BYTES))
            packed_left -= len(pending)
            if not pending:
                raise _damaged(entry)
        chunk = _inflate_some(inflater, pending, entry)
        if not chunk and not pending and not inflater.eof:
            raise _damaged(entry)
        pending = inflater.unconsumed_tail
        left -= len(chunk)
        if left < 0:
            raise _inconsistent(entry, "more contents than it declares")
        yield chunk
    if left or packed_left or inflater.unused_data:
        raise _inconsistent(entry, "other contents than it declares")


def _inflate_some(inflater: "zlib._Decompress", pending: bytes, entry: ZipEntry) -> bytes:
    try:
        return inflater.decompress(pending, CHUNK_BYTES)
    except zlib.error:
        raise _damaged(entry) from None


def _check_gap(
    source: BinaryIO, entry: ZipEntry, data_end: int, next_at: int, findings: Findings
) -> None:
    """Check that only a data descriptor, where one is announced, is between two members."""
    if not entry.flags & DATA_DESCRIPTOR:
        if data_end != next_at:
            raise _hidden(entry)
        return
    findings.add(
        "zip-data-descriptor",
        f"The sizes of {shown(entry.name)} stand behind it: "
        "write the archive to a file, not to a stream.",
        entry.name,
    )
    if not 0 <= next_at - data_end <= _DESCRIPTOR64.size + len(_DESCRIPTOR_SIGNATURE):
        raise _hidden(entry)
    source.seek(data_end)
    if source.read(next_at - data_end) not in _descriptors(entry):
        raise _hidden(entry)


def _descriptors(entry: ZipEntry) -> Collection[bytes]:
    values = (entry.crc, entry.packed_bytes, entry.size_bytes)
    forms = [_DESCRIPTOR64.pack(*values)]
    if max(values) < ZIP64_MARK:
        forms.append(_DESCRIPTOR.pack(*values))
    return [*forms, *(_DESCRIPTOR_SIGNATURE + form for form in forms)]


def _hidden(entry: ZipEntry) -> Unreadable:
    return Unreadable(
        "archive-hidden-bytes",
        f"There are bytes around {shown(entry.name)} that no member owns, or members overlap.",
        entry.name,
    )


def _inconsistent(entry: ZipEntry, what: str) -> Unreadable:
    return Unreadable("archive-inconsistent", f"{shown(entry.name)} has {what}.", entry.name)


def _damaged(entry: ZipEntry) -> Unreadable:
    return Unreadable(
        "archive-unreadable", f"The contents of {shown(entry.name)} are damaged.", entry.name
    )
