"""Wheels (binary distribution format, PEP 427 and its successors): what has to be inside.

A wheel's own metadata document is handed back as it stands; `metadata` judges it.
"""

from collections.abc import Mapping
from typing import BinaryIO

from wheelyard.domain.archives.entry_points import check_entry_points
from wheelyard.domain.archives.limits import Limits, Unreadable
from wheelyard.domain.archives.members import Unpacked, check_collisions, check_name
from wheelyard.domain.archives.record import check_record
from wheelyard.domain.archives.wheel_file import check_wheel_file
from wheelyard.domain.archives.zip_content import Contents, hash_member, read_members
from wheelyard.domain.archives.zip_directory import ZipDirectory, read_directory
from wheelyard.domain.filenames import DistributionName
from wheelyard.domain.findings import Findings, shown
from wheelyard.domain.form import parse_version
from wheelyard.domain.names import normalise_name

_DIST_INFO = ".dist-info"
_DATA = ".data"
_SCHEMES = frozenset({"purelib", "platlib", "headers", "scripts", "data"})


def read_wheel(
    source: BinaryIO, size_bytes: int, name: DistributionName, limits: Limits, findings: Findings
) -> Unpacked:
    """Check a wheel's archive. Raises Unreadable when it cannot be read, or has no METADATA."""
    directory = read_directory(source, size_bytes, limits, findings)
    for entry in directory.entries:
        check_name(entry.name, findings)
    check_collisions(
        ((entry.name.rstrip("/"), entry.is_directory) for entry in directory.entries), findings
    )
    dist_info = _find_dist_info(directory, name, findings)
    _check_data(directory, findings)
    wanted = {
        f"{dist_info}/METADATA": limits.max_metadata_bytes,
        f"{dist_info}/RECORD": limits.max_record_bytes,
        f"{dist_info}/WHEEL": limits.max_small_file_bytes,
        f"{dist_info}/entry_points.txt": limits.max_small_file_bytes,
    }
    contents = read_members(
        source, size_bytes, directory, wanted=wanted, limits=limits, findings=findings
    )
    _check_documents(contents.documents, dist_info, name, findings)
    _check_record(source, directory, contents, dist_info, findings)
    metadata = contents.documents.get(f"{dist_info}/METADATA")
    if metadata is None:
        raise Unreadable("metadata-missing", f"The wheel has no {shown(dist_info + '/METADATA')}.")
    names = frozenset(member.name for member in contents.members if not member.is_directory)
    return Unpacked(metadata, names, f"{dist_info}/licenses/")


def _find_dist_info(directory: ZipDirectory, name: DistributionName, findings: Findings) -> str:
    tops = {entry.name.partition("/")[0] for entry in directory.entries if "/" in entry.name}
    folders = sorted(top for top in tops if top.lower().endswith(_DIST_INFO))
    if not folders:
        raise Unreadable("metadata-missing", "The wheel has no .dist-info folder.")
    if len(folders) > 1:
        raise Unreadable(
            "wheel-several-dist-info",
            f"The wheel has several .dist-info folders: {shown(', '.join(folders))}.",
        )
    folder = folders[0]
    written_name, _, written_version = folder[: -len(_DIST_INFO)].rpartition("-")
    same_name = normalise_name(written_name) == name.normalised_name
    same_version = parse_version(written_version.replace("_", "-")) == name.version
    if not (same_name and same_version):
        findings.add(
            "wheel-dist-info-name",
            f"The folder {shown(folder)} should be {shown(name.stem + _DIST_INFO)}.",
            folder,
        )
    return folder


def _check_data(directory: ZipDirectory, findings: Findings) -> None:
    for entry in directory.entries:
        top, _, rest = entry.name.partition("/")
        if rest and top.endswith(_DATA) and rest.partition("/")[0] not in _SCHEMES:
            findings.add(
                "wheel-data-scheme",
                f"{shown(entry.name)} is in a part of .data that no installer knows.",
                entry.name,
            )


def _check_documents(
    documents: Mapping[str, bytes], dist_info: str, name: DistributionName, findings: Findings
) -> None:
    wheel_file = documents.get(f"{dist_info}/WHEEL")
    if wheel_file is None:
        findings.add("wheel-file-missing", f"The wheel has no {shown(dist_info + '/WHEEL')}.")
    else:
        check_wheel_file(wheel_file, f"{dist_info}/WHEEL", name.tags, findings)
    entry_points = documents.get(f"{dist_info}/entry_points.txt")
    if entry_points is not None:
        check_entry_points(entry_points, f"{dist_info}/entry_points.txt", findings)


def _check_record(
    source: BinaryIO,
    directory: ZipDirectory,
    contents: Contents,
    dist_info: str,
    findings: Findings,
) -> None:
    record = contents.documents.get(f"{dist_info}/RECORD")
    if record is None:
        findings.add("record-missing", f"The wheel has no {shown(dist_info + '/RECORD')}.")
        return
    entries = {entry.name: entry for entry in directory.entries}

    def hashed(member: str, algorithm: str) -> bytes:
        return hash_member(source, entries[member], algorithm)

    check_record(record, dist_info, contents.members, hashed, findings)
