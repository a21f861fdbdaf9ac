"""Reads what the documentation's tests need from Markdown: links, anchors, code, table rows."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
DOCUMENTS: Final = (ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted(ROOT.glob("docs/*.md")))

_FENCE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\]\(([^()\s]+)\)")
_HEADING = re.compile(r"^#{1,6} +(.+?) *$", re.MULTILINE)
_ID = re.compile(r'<a id="([^"]+)">')


def links(document: Path) -> list[str]:
    """Return the targets of all links in the text; those in code blocks are no links."""
    return _LINK.findall(_prose(document))


def anchors(document: Path) -> set[str]:
    """Return what can stand behind `#` in a link to the document: headings as GitHub does."""
    text = _prose(document)
    headings = (re.sub(r"[^\w\- ]", "", heading.lower()) for heading in _HEADING.findall(text))
    return {heading.replace(" ", "-") for heading in headings} | set(_ID.findall(text))


def commands(document: Path) -> Iterator[str]:
    """Iterate over the lines `$ …` of console blocks, with continued lines joined."""
    for block in _FENCE.findall(document.read_text(encoding="utf-8")):
        if block.startswith("```console"):
            joined = block.replace("\\\n", " ")
            yield from re.findall(r"^\$ (.+)$", joined, re.MULTILINE)


def first_column(document: Path, header: str) -> list[str]:
    """Return the code in the first column of each row of the tables that begin with `header`."""
    tables = re.findall(
        rf"^{re.escape(header)}\n\|[-|]+\n((?:\|.*\n)+)",
        document.read_text(encoding="utf-8"),
        re.MULTILINE,
    )
    cells = [row.split("|")[1] for rows in tables for row in rows.splitlines()]
    return [code for cell in cells for code in re.findall(r"`([^`]+)`", cell)]


def _prose(document: Path) -> str:
    return _FENCE.sub("", document.read_text(encoding="utf-8"))
