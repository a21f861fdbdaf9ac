"""RECORD, the list of a wheel's members with their hashes and sizes: every row is verified.

The specification lets installers check it; this registry does it before anybody installs.
"""

import base64
import binascii
import csv
import io
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import NamedTuple

from wheelyard.domain.archives.members import Member
from wheelyard.domain.findings import Findings, shown

STRONG_HASHES = frozenset({"sha256", "sha384", "sha512"})
"""The specification: sha256 or better. These are what installers know."""

_COLUMNS = 3
_UNLISTED_NAMES = ("RECORD", "RECORD.jws", "RECORD.p7s")
_MAX_SIZE_DIGITS = 18


class Row(NamedTuple):
    """A row of RECORD; `digest` is None where the row has none, or none that is strong."""

    path: str
    algorithm: str
    digest: bytes | None
    size_bytes: int | None


def check_record(
    document: bytes,
    dist_info: str,
    members: Iterable[Member],
    hash_member: Callable[[str, str], bytes],
    findings: Findings,
) -> None:
    """Note every difference between RECORD and the members of the wheel.

    `hash_member` takes a member's name and an algorithm and returns the digest.
    """
    rows = _read_rows(document, findings)
    if rows is None:
        return
    exempt = {f"{dist_info}/{name}" for name in _UNLISTED_NAMES}
    files = {member.name: member for member in members if not member.is_directory}
    for path, row in rows.items():
        member = files.get(path)
        if member is None:
            if not path.endswith("/") and path not in exempt:
                findings.add(
                    "record-member-absent",
                    f"RECORD lists {shown(path)}, which is not in the wheel.",
                    path,
                )
        elif path not in exempt:
            _check_row(row, member, hash_member, findings)
    _check_unlisted(files, rows, exempt, findings)


def _check_unlisted(
    files: Mapping[str, Member], rows: Mapping[str, Row], exempt: set[str], findings: Findings
) -> None:
    for name in files:
        if name not in rows and name not in exempt:
            findings.add(
                "record-member-unlisted", f"The member {shown(name)} is not listed in RECORD.", name
            )


def _check_row(
    row: Row, member: Member, hash_member: Callable[[str, str], bytes], findings: Findings
) -> None:
    if row.digest is None:
        findings.add(
            "record-weak-hash",
            f"RECORD has no SHA-256 or stronger hash of {shown(row.path)}.",
            row.path,
        )
    else:
        is_plain = row.algorithm == "sha256"
        digest = member.sha256 if is_plain else hash_member(row.path, row.algorithm)
        if digest != row.digest:
            findings.add(
                "record-mismatch",
                f"{shown(row.path)} is not what RECORD says: its {row.algorithm} hash differs.",
                row.path,
            )
    if row.size_bytes is not None and row.size_bytes != member.size_bytes:
        findings.add(
            "record-mismatch",
            f"{shown(row.path)} is not what RECORD says: it has {member.size_bytes} bytes.",
            row.path,
        )


def _read_rows(document: bytes, findings: Findings) -> dict[str, Row] | None:
    rows: dict[str, Row] = {}
    try:
        for row in _parse(document.decode()):
            if row.path in rows:
                findings.add(
                    "record-duplicate-row", f"RECORD lists {shown(row.path)} twice.", row.path
                )
            rows[row.path] = row
    except (csv.Error, ValueError) as error:  # ValueError: not UTF-8, or a malformed row
        findings.add("record-invalid", f"RECORD cannot be read: {str(error)[:120]}.", "RECORD")
        return None
    return rows


def _parse(text: str) -> Iterator[Row]:
    for columns in csv.reader(io.StringIO(text, newline=""), strict=True):
        if not columns:
            continue
        if len(columns) != _COLUMNS:
            raise ValueError(f"the row of {shown(columns[0])} has {len(columns)} columns, not 3")
        path, written, size = columns
        algorithm, _, encoded = written.partition("=")
        yield Row(path, algorithm, _digest(algorithm, encoded, path), _size(size, path))


def _digest(algorithm: str, encoded: str, path: str) -> bytes | None:
    if algorithm not in STRONG_HASHES:
        return None
    bare = encoded.rstrip("=")
    try:
        return base64.b64decode(bare + "=" * (-len(bare) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise ValueError(f"the hash of {shown(path)} is not base64") from None


def _size(written: str, path: str) -> int | None:
    if not written:
        return None
    if not (written.isascii() and written.isdigit()) or len(written) > _MAX_SIZE_DIGITS:
        raise ValueError(f"the size of {shown(path)} is not a number")
    return int(written)
