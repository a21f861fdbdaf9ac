"""Every relative link of the documentation leads somewhere, its anchor included."""

from pathlib import Path

import pytest

from docs.markdown import DOCUMENTS, anchors, links


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_relative_links_resolve(document: Path) -> None:
    broken = [
        link for link in links(document) if "://" not in link and not _resolves(document, link)
    ]
    assert broken == []


@pytest.mark.parametrize("link", ["absent.md", "#absent", "ARCHITECTURE.md#absent"])
def test_a_broken_link_is_seen(link: str) -> None:
    document = next(path for path in DOCUMENTS if path.name == "ARCHITECTURE.md")
    assert not _resolves(document, link)


def _resolves(document: Path, link: str) -> bool:
    path, _, anchor = link.partition("#")
    target = document.parent / path if path else document
    if not target.exists():
        return False
    return not anchor or anchor in anchors(target)
