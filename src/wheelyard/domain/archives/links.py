"""Links in sdists: every one has to stay in the archive's own folder, step by step.

A symbolic link's target counts from the link's folder, a hard link's from the archive's root.
The walk is lexical, so a target may not lead through another link: then it would not be.
"""

from collections.abc import Mapping
from typing import NamedTuple

from wheelyard.domain.findings import Findings, shown


class Link(NamedTuple):
    """A link member: its name, what it points to, and whether that counts from the root."""

    name: str
    target: str
    is_hard: bool


def check_links(links: Mapping[str, Link], names: list[str], findings: Findings) -> None:
    """Note links that leave the tree, and members that would be unpacked through a link."""
    if not links:
        return
    for link in links.values():
        if not _stays(link, links):
            findings.add(
                "member-link-escapes",
                f"The link {shown(link.name)} to {shown(link.target)} leads out of the sdist's "
                "folder, or through another link.",
                link.name,
            )
    plain: set[str] = set()
    for name in names:
        folder = name.rpartition("/")[0]
        while folder and folder not in plain:
            if folder in links:
                findings.add(
                    "member-link", f"The member {shown(name)} would be unpacked through a link."
                )
                break
            plain.add(folder)
            folder = folder.rpartition("/")[0]


def _stays(link: Link, links: Mapping[str, Link]) -> bool:
    if link.target.startswith("/") or "\\" in link.target or ":" in link.target[:2]:
        return False
    here = [] if link.is_hard else link.name.split("/")[:-1]
    parts = link.target.split("/")
    for index, part in enumerate(parts):
        if part == "..":
            if not here:
                return False
            here.pop()
        elif part not in {"", "."}:
            here.append(part)
        if index < len(parts) - 1 and "/".join(here) in links:
            return False
    top = link.name.split("/", 1)[0]
    return bool(here) and here[0] == top
