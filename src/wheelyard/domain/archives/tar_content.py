"""The members of a gzipped tar archive, read once from front to end.

Links and devices are judged here, since only tar has them; whether paths are safe is left to
`members`, and what the archive must hold to `sdist`.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import BinaryIO, NamedTuple

from wheelyard.domain.archives.gzip_stream import GzipStream
from wheelyard.domain.archives.limits import Limits, Unreadable
from wheelyard.domain.archives.members import decode_name
from wheelyard.domain.archives.tar_headers import (
    BLOCK_BYTES,
    DEVICES,
    DIRECTORY,
    GNU_LONG_LINK,
    GNU_LONG_NAME,
    GNU_SPARSE,
    HARD_LINK,
    MAX_EXTENDED_BYTES,
    PAX,
    PAX_GLOBAL,
    REGULAR,
    SYMBOLIC_LINK,
    TarHeader,
    parse_header,
    parse_pax,
    pax_size,
)
from wheelyard.domain.findings import Findings, shown

_END_BLOCK = bytes(BLOCK_BYTES)


class TarMember(NamedTuple):
    """A member: its name without `./` in front and `/` behind, and where a link points to."""

    name: str
    size_bytes: int
    type: bytes
    link_target: str | None

    @property
    def is_directory(self) -> bool:
        """Whether the member is a folder."""
        return self.type == DIRECTORY


class TarContents(NamedTuple):
    """All members, and the one document that was asked for."""

    members: list[TarMember]
    document: bytes | None


def read_tar(
    source: BinaryIO,
    size_bytes: int,
    is_wanted: Callable[[str], bool],
    limits: Limits,
    findings: Findings,
) -> TarContents:
    """Read a .tar.gz; keep the contents of the first member whose name `is_wanted`.

    Raises Unreadable when the archive is damaged, or breaks a limit.
    """
    source.seek(0)
    stream = GzipStream(source, limits.unpacked_bytes(size_bytes))
    members: list[TarMember] = []
    document: bytes | None = None
    name_bytes = 0
    for member in _walk(stream, findings):
        name_bytes += len(member.name) + len(member.link_target or "")
        if len(members) == limits.max_members or name_bytes > limits.max_directory_bytes:
            raise Unreadable(
                "archive-too-many-members",
                f"The archive has more than {limits.max_members} members, or too long names.",
            )
        members.append(member)
        data_bytes = member.size_bytes
        if document is None and member.type in REGULAR and is_wanted(member.name):
            document = _keep(stream, member, limits.max_metadata_bytes)
            data_bytes = 0
        _pass_over(stream, data_bytes, padded_from=member.size_bytes)
    if stream.streams > 1:
        findings.add(
            "gzip-several-streams", "The .tar.gz is several gzip streams: not every tool reads all."
        )
    return TarContents(members, document)


def _keep(stream: GzipStream, member: TarMember, limit_bytes: int) -> bytes:
    if member.size_bytes > limit_bytes:
        raise Unreadable(
            "metadata-too-large",
            f"{shown(member.name)} is larger than {limit_bytes} bytes.",
            member.name,
        )
    document = stream.read(member.size_bytes)
    if len(document) != member.size_bytes:
        raise _cut_short()
    return document


def _pass_over(stream: GzipStream, data_bytes: int, padded_from: int) -> None:
    """Skip what is left of a member's data, and the padding up to a whole block."""
    missing = data_bytes + -padded_from % BLOCK_BYTES
    if stream.skip(missing) != missing:
        raise _cut_short()


def _walk(stream: GzipStream, findings: Findings) -> Iterator[TarMember]:
    """Iterate over the members; the caller reads or skips each one's data in between."""
    overrides: dict[str, bytes] = {}
    is_announced = False
    while True:
        block = stream.read(BLOCK_BYTES)
        if is_announced and block in {_END_BLOCK, b""}:
            raise Unreadable("archive-inconsistent", "A tar member is described, but not there.")
        if block == _END_BLOCK:
            _check_end(stream)
            return
        if not block:
            findings.add("tar-no-end", "The tar archive has no end mark: it may be cut short.")
            return
        if len(block) != BLOCK_BYTES:
            raise _cut_short()
        header = parse_header(block)
        if header.type in {PAX, PAX_GLOBAL, GNU_LONG_NAME, GNU_LONG_LINK}:
            extension = _read_extension(stream, header)
            if overrides.keys() & extension.keys():
                raise Unreadable("archive-inconsistent", "A tar member is described twice.")
            overrides.update(extension)
            is_announced = True
            continue
        yield _make_member(header, overrides, findings)
        overrides, is_announced = {}, False


def _check_end(stream: GzipStream) -> None:
    """Check that nothing but zeros follows the end mark."""
    while chunk := stream.read(64 * BLOCK_BYTES):
        if chunk.strip(b"\0"):
            raise Unreadable(
                "archive-trailing-bytes", "There are bytes behind the tar archive's end mark."
            )


def _read_extension(stream: GzipStream, header: TarHeader) -> Mapping[str, bytes]:
    """Return what a pax or GNU header says about the next member, by pax keyword."""
    if header.size_bytes > MAX_EXTENDED_BYTES:
        raise Unreadable("metadata-too-large", "The tar archive has an overlong header.")
    data = stream.read(header.size_bytes)
    if len(data) != header.size_bytes:
        raise _cut_short()
    _pass_over(stream, 0, padded_from=header.size_bytes)
    if header.type == GNU_LONG_NAME:
        return {"path": data.partition(b"\0")[0]}
    if header.type == GNU_LONG_LINK:
        return {"linkpath": data.partition(b"\0")[0]}
    records = parse_pax(data)
    if header.type == PAX_GLOBAL:
        if records.keys() & {"path", "linkpath", "size"}:
            raise Unreadable("archive-inconsistent", "A global pax header renames every member.")
        return {}
    return records


def _make_member(
    header: TarHeader, overrides: Mapping[str, bytes], findings: Findings
) -> TarMember:
    raw_name = overrides.get("path", header.name)
    name = decode_name(raw_name).removeprefix("./").rstrip("/")
    kind = _kind(header, raw_name)
    if kind == GNU_SPARSE:
        raise Unreadable("tar-sparse-member", f"The member {shown(name)} is sparse.", name)
    if kind not in REGULAR | DEVICES | {HARD_LINK, SYMBOLIC_LINK, DIRECTORY}:
        raise Unreadable(
            "tar-member-type", f"The member {shown(name)} is of an unknown type.", name
        )
    if kind != DIRECTORY and raw_name.endswith(b"/"):
        message = f"The member {shown(name)} is a file by its type and a folder by its name."
        findings.add("member-file-is-directory", message, name)
    if kind in DEVICES:
        findings.add("member-device", f"The member {shown(name)} is a device or pipe.", name)
    link_target = None
    if kind in {HARD_LINK, SYMBOLIC_LINK}:
        link_target = decode_name(overrides.get("linkpath", header.link_name))
    size_bytes = header.size_bytes
    # Readers disagree on which of two sizes holds, and on whether data follow what is no file:
    # one of them would take data for the next member.
    if pax_size(overrides) not in {None, size_bytes} or (size_bytes and kind not in REGULAR):
        raise Unreadable(
            "archive-inconsistent", f"The member {shown(name)} has no clear size.", name
        )
    return TarMember(name, size_bytes, kind, link_target)


def _kind(header: TarHeader, raw_name: bytes) -> bytes:
    """Return the type; of the oldest kind of member, only the name tells folders from files."""
    if header.type != b"\0":
        return header.type
    is_directory = raw_name.endswith(b"/")
    if is_directory != header.name.endswith(b"/"):  # readers disagree on which name tells it
        raise Unreadable("archive-inconsistent", "A tar member is a file or a folder by its names.")
    return DIRECTORY if is_directory else header.type


def _cut_short() -> Unreadable:
    return Unreadable("archive-unreadable", "The tar archive is cut short.")
