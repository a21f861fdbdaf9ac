"""Links in sdists: those that stay inside are fine, those that could lead out are not."""

import pytest

from wheelyard.domain.archives.links import Link, check_links
from wheelyard.domain.findings import Findings


def codes(*links: Link, names: tuple[str, ...] = ()) -> list[str]:
    findings = Findings()
    by_name = {link.name: link for link in links}
    check_links(by_name, [*by_name, *names], findings)
    return [finding.code for finding in findings.listed()]


@pytest.mark.parametrize(
    ("name", "target", "is_hard"),
    [
        ("p/a", "b", False),
        ("p/d/a", "../b", False),
        ("p/d/a", "./.././b", False),
        ("p/a", "p/b", True),
    ],
)
def test_a_link_inside_is_fine(*, name: str, target: str, is_hard: bool) -> None:
    assert codes(Link(name, target, is_hard)) == []


@pytest.mark.parametrize(
    ("name", "target", "is_hard"),
    [
        ("p/a", "/etc/passwd", False),
        ("p/a", "../b", False),
        ("p/a", "..", False),
        ("p/a", "../../p/b", False),
        ("p/a", "C:/b", False),
        ("p/a", "..\\b", False),
        ("p/a", "q/b", True),
        ("p/a", "../p/b", True),
    ],
)
def test_a_link_that_leaves_is_found(*, name: str, target: str, is_hard: bool) -> None:
    assert codes(Link(name, target, is_hard)) == ["member-link-escapes"]


def test_a_link_through_a_link_is_found() -> None:
    # p/d/e/up is p/d/e/.. for a lexical reader, but p/.. once p/d/e is a link to p.
    first = Link("p/d/e", "..", is_hard=False)
    second = Link("p/d/out", "e/../x", is_hard=False)
    assert codes(first, second) == ["member-link-escapes"]


def test_a_member_behind_a_link_is_found() -> None:
    assert codes(Link("p/d", "e", is_hard=False), names=("p/d/x",)) == ["member-link"]
