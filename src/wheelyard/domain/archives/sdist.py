"""Source distributions (PEP 517, 625 and 643): one top folder, with PKG-INFO in it."""

from collections.abc import Collection
from typing import BinaryIO

from wheelyard.domain.archives.limits import Limits, Unreadable
from wheelyard.domain.archives.links import Link, check_links
from wheelyard.domain.archives.members import Unpacked, check_collisions, check_name
from wheelyard.domain.archives.tar_content import TarMember, read_tar
from wheelyard.domain.archives.tar_headers import HARD_LINK
from wheelyard.domain.archives.zip_content import read_members
from wheelyard.domain.archives.zip_directory import read_directory
from wheelyard.domain.filenames import DistributionName
from wheelyard.domain.findings import Findings, shown
from wheelyard.domain.form import parse_version
from wheelyard.domain.names import normalise_name

_PKG_INFO = "PKG-INFO"

_Contents = tuple[bytes | None, Collection[str], set[str]]
"""The PKG-INFO, the names of the files, and the members or folders at the top."""


def read_sdist(
    source: BinaryIO, size_bytes: int, name: DistributionName, limits: Limits, findings: Findings
) -> Unpacked:
    """Check an sdist's archive. Raises Unreadable when it cannot be read, or has no PKG-INFO."""
    read = _read_zip if name.is_zip else _read_tar
    metadata, files, tops = read(source, size_bytes, limits, findings)
    if len(tops) > 1:
        findings.add(
            "sdist-top-directory",
            f"The sdist has {len(tops)} members beside one another, "
            f"such as {shown(', '.join(sorted(tops)[:3]))}: there is to be one folder.",
        )
    if metadata is None:
        raise Unreadable("metadata-missing", "The sdist has no PKG-INFO in its top folder.")
    top = min(tops)
    _check_top(top, name, findings)
    return Unpacked(metadata, frozenset(files), f"{top}/")


def _check_top(top: str, name: DistributionName, findings: Findings) -> None:
    written_name, _, written_version = top.rpartition("-")
    if (
        normalise_name(written_name) != name.normalised_name
        or parse_version(written_version) != name.version
    ):
        findings.add(
            "sdist-directory-name",
            f"The top folder is {shown(top)}; it should be {shown(name.stem)}.",
        )


def _is_pkg_info(name: str) -> bool:
    folder, _, base = name.partition("/")
    return bool(folder) and base == _PKG_INFO


def _read_tar(source: BinaryIO, size_bytes: int, limits: Limits, findings: Findings) -> _Contents:
    contents = read_tar(source, size_bytes, _is_pkg_info, limits, findings)
    members = [
        member
        for member in contents.members
        if not (member.is_directory and member.name in {"", "."})  # the folder it was packed in
    ]
    for member in members:
        check_name(member.name, findings)
    check_collisions(((member.name, member.is_directory) for member in members), findings)
    check_links(_links(members), [member.name for member in members], findings)
    files = [member.name for member in members if not member.is_directory]
    return contents.document, files, {member.name.partition("/")[0] for member in members}


def _links(members: list[TarMember]) -> dict[str, Link]:
    return {
        member.name: Link(member.name, member.link_target, member.type == HARD_LINK)
        for member in members
        if member.link_target is not None
    }


def _read_zip(source: BinaryIO, size_bytes: int, limits: Limits, findings: Findings) -> _Contents:
    directory = read_directory(source, size_bytes, limits, findings)
    for entry in directory.entries:
        check_name(entry.name, findings)
    check_collisions(
        ((entry.name.rstrip("/"), entry.is_directory) for entry in directory.entries), findings
    )
    wanted = next((entry.name for entry in directory.entries if _is_pkg_info(entry.name)), None)
    limit = {} if wanted is None else {wanted: limits.max_metadata_bytes}
    contents = read_members(
        source, size_bytes, directory, wanted=limit, limits=limits, findings=findings
    )
    files = [member.name for member in contents.members if not member.is_directory]
    tops = {entry.name.partition("/")[0] for entry in directory.entries}
    return contents.documents.get(wanted or ""), files, tops
