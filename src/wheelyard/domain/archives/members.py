"""Names and paths of archive members: what is unsafe to unpack, on any system.

A path has to stay in the archive's own tree, be written in one way only, and be another path
than every other member's, also where file systems fold case or accents.
"""

import re
import unicodedata
from collections.abc import Iterable
from typing import NamedTuple

from wheelyard.domain.archives.limits import MAX_NAME_BYTES, MAX_NAME_DEPTH, Unreadable
from wheelyard.domain.findings import Findings, shown

_PLAIN = re.compile(r"[A-Za-z0-9_@+=,~(){}\[\]%$&'# -][A-Za-z0-9_@+=,~(){}\[\]%$&'# ./-]*")
_DRIVE = re.compile(r"[A-Za-z]:")
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


class Member(NamedTuple):
    """A member of an archive, after it was read.

    `name` has no `/` at its end; `sha256` is empty where it was not asked for.
    """

    name: str
    size_bytes: int
    is_directory: bool = False
    sha256: bytes = b""


class Unpacked(NamedTuple):
    """What a distribution's archive holds: its metadata document and the names of its files.

    License-File paths count from `license_root`.
    """

    metadata: bytes
    names: frozenset[str]
    license_root: str


def decode_name(raw: bytes) -> str:
    """Return a member's name as text. Raises Unreadable when it is too long or not UTF-8."""
    if len(raw) > MAX_NAME_BYTES or raw.count(b"/") > MAX_NAME_DEPTH:
        raise Unreadable(
            "member-name-too-long",
            f"A member's name is longer than {MAX_NAME_BYTES} bytes or {MAX_NAME_DEPTH} folders.",
        )
    try:
        return raw.decode()
    except UnicodeDecodeError:
        name = shown(raw.decode("latin-1"))
        raise Unreadable("member-name-encoding", f"The name {name} is not UTF-8.") from None


def check_name(name: str, findings: Findings) -> None:
    """Note what is unsafe about one member's path."""
    if _PLAIN.fullmatch(name) and "//" not in name and "/." not in name:
        return  # the common case, in one step
    parts = name.removesuffix("/").split("/")
    if name.startswith(("/", "\\")) or _DRIVE.match(name) or ".." in re.split(r"[/\\]", name):
        findings.add(
            "member-unsafe-path",
            f"The member {shown(name)} leads out of the archive: paths are relative, without '..'.",
            name,
        )
    elif "\\" in name:
        findings.add(
            "member-unsafe-path",
            f"The member {shown(name)} has a backslash: paths are written with '/'.",
            name,
        )
    elif _CONTROLS.search(name):
        findings.add(
            "member-name-characters", f"The member {shown(name)} has a control character.", name
        )
    elif "" in parts or "." in parts:
        findings.add(
            "member-name-characters", f"The member {shown(name)} has an empty path part.", name
        )


def check_collisions(members: Iterable[tuple[str, bool]], findings: Findings) -> None:
    """Note members, given as name and whether it is a folder, that would overwrite another.

    Folders may be listed or not, so they collide with nothing but a file in their place.
    """
    files: dict[str, str] = {}
    folders: set[str] = set()
    for name, is_directory in members:
        key = _folded(name)
        folders.add(key if is_directory else key.rpartition("/")[0])
        if is_directory:
            continue
        if key in files:
            _collision(files[key], name, findings)
        else:
            files[key] = name
    for folder in folders:
        _check_folder(folder, files, findings)


def _collision(first: str, second: str, findings: Findings) -> None:
    if first == second:
        findings.add("member-duplicate", f"The member {shown(first)} is there twice.", first)
    else:
        findings.add(
            "member-case-collision",
            f"The members {shown(first)} and {shown(second)} are one file on many systems.",
            second,
        )


def _check_folder(folder: str, files: dict[str, str], findings: Findings) -> None:
    while folder:
        if folder in files:
            findings.add(
                "member-file-is-directory",
                f"The member {shown(files[folder])} is a file and a folder at once.",
                files[folder],
            )
            return
        folder = folder.rpartition("/")[0]


def _folded(name: str) -> str:
    if name.isascii():
        return name.lower()
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())
