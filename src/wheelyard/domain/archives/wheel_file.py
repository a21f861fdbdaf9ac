"""The WHEEL file of a wheel (binary distribution format): its version, layout flag and tags."""

import re
from collections import defaultdict
from math import prod

from packaging.tags import Tag, parse_tag

from wheelyard.domain.findings import Findings, shown

_VERSION = re.compile(r"(\d{1,4})\.(\d{1,4})", re.ASCII)
_MAX_TAGS = 20_000


def check_wheel_file(
    document: bytes, member: str, filename_tags: frozenset[Tag], findings: Findings
) -> None:
    """Note what is wrong with a WHEEL file, also against the tags of the file's name."""
    try:
        text = document.decode()
    except UnicodeDecodeError:
        findings.add("wheel-file-invalid", f"{shown(member)} is not UTF-8.", member)
        return
    fields = _read_fields(text)
    _check_version(fields.get("wheel-version", []), member, findings)
    purelib = [value.lower() for value in fields.get("root-is-purelib", [])]
    if purelib not in (["true"], ["false"]):
        findings.add(
            "wheel-file-invalid",
            f"{shown(member)} must say once whether 'Root-Is-Purelib' is true or false.",
            member,
        )
    _check_tags(fields.get("tag", []), member, filename_tags, findings)


def _read_fields(text: str) -> dict[str, list[str]]:
    fields: dict[str, list[str]] = defaultdict(list)
    for line in text.splitlines():
        if not line.strip():
            break
        name, _, value = line.partition(":")
        fields[name.strip().lower()].append(value.strip())
    return fields


def _check_version(versions: list[str], member: str, findings: Findings) -> None:
    match = _VERSION.fullmatch(versions[0]) if len(versions) == 1 else None
    if match is None:
        findings.add(
            "wheel-file-invalid", f"{shown(member)} must have one 'Wheel-Version'.", member
        )
    elif match[1] != "1":
        findings.add(
            "wheel-version",
            f"Wheel-Version {versions[0]} is not 1.x: no installer of today takes it.",
            member,
        )
    elif match[2] != "0":
        findings.add("wheel-version-newer", f"Wheel-Version {versions[0]} is unknown.", member)


def _check_tags(
    written: list[str], member: str, filename_tags: frozenset[Tag], findings: Findings
) -> None:
    count = sum(prod(part.count(".") + 1 for part in line.split("-")) for line in written)
    lines = written if count <= _MAX_TAGS else []
    try:
        tags = {tag for line in lines for tag in parse_tag(line)}
    except ValueError:
        findings.add("wheel-file-invalid", f"{shown(member)} has a malformed 'Tag'.", member)
        return
    if not tags:
        findings.add("wheel-file-invalid", f"{shown(member)} has no 'Tag', or too many.", member)
    elif tags != filename_tags:
        findings.add(
            "wheel-tags-differ",
            f"The tags in {shown(member)} are not those of the file name.",
            member,
        )
