"""entry_points.txt (entry points specification): read as installers do, one line at a time."""

import re

from wheelyard.domain.findings import Findings, shown

_COMMAND_NAME = re.compile(r"[\w.-]+", re.ASCII)
_VALUE = re.compile(r"[\w.]+(?:\s*:\s*[\w.]+)?\s*(?:\[[\w\s,.-]*\])?")
_GROUP = re.compile(r"\w+(?:\.\w+)*")
_COMMAND_GROUPS = frozenset({"console_scripts", "gui_scripts"})
_MAX_LINE_CHARS = 4096


def check_entry_points(document: bytes, member: str, findings: Findings) -> None:
    """Note what is wrong with an entry_points.txt."""
    try:
        text = document.decode()
    except UnicodeDecodeError:
        findings.add("entry-points-invalid", f"{shown(member)} is not UTF-8.", member)
        return
    group: str | None = None
    seen: set[tuple[str, str]] = set()
    for line in (line.strip() for line in text.splitlines()):
        if not line or line.startswith(("#", ";")):
            continue
        if line.startswith("[") and line.endswith("]"):
            group = line[1:-1].strip()
            continue
        name, equals, value = (part.strip() for part in line.partition("="))
        if group is None or not equals or not name or len(line) > _MAX_LINE_CHARS:
            findings.add(
                "entry-points-invalid",
                f"{shown(member)} has a line that is no 'name = object' of a group: {shown(line)}.",
                member,
            )
            continue
        if (group, name) in seen:
            findings.add(
                "entry-points-invalid", f"The entry point {shown(name)} is there twice.", member
            )
        seen.add((group, name))
        _check_entry(group, name, value, member, findings)


def _check_entry(group: str, name: str, value: str, member: str, findings: Findings) -> None:
    is_command = group in _COMMAND_GROUPS
    if is_command and not _COMMAND_NAME.fullmatch(name):
        findings.add(
            "entry-point-name",
            f"The command {shown(name)} may have only letters, digits, '_', '.' and '-'.",
            member,
        )
    if is_command and not _VALUE.fullmatch(value):
        findings.add(
            "entry-point-value",
            f"The entry point {shown(name)} does not name an object: {shown(value)}.",
            member,
        )
