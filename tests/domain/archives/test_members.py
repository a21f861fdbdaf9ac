"""Paths of members: what is unsafe, and which members would overwrite one another."""

import pytest

from wheelyard.domain.archives.limits import Unreadable
from wheelyard.domain.archives.members import check_collisions, check_name, decode_name
from wheelyard.domain.findings import Findings


def name_codes(name: str) -> list[str]:
    findings = Findings()
    check_name(name, findings)
    return [finding.code for finding in findings.listed()]


def collision_codes(*names: str) -> list[str]:
    findings = Findings()
    members = ((name.rstrip("/"), name.endswith("/")) for name in names)
    check_collisions(members, findings)
    return [finding.code for finding in findings.listed()]


@pytest.mark.parametrize(
    "name",
    ["a", "a/b.py", "a/.hidden", ".hidden", "a..b/c", "...", "a/b/", "ä/ö", "a b", "[a]", "a/...b"],
)
def test_ordinary_names(name: str) -> None:
    assert name_codes(name) == []


@pytest.mark.parametrize(
    "name",
    ["/a", "../a", "a/../b", "a/..", "..", "\\a", "C:a", "C:/a", "a\\..\\b", "a\\b", "//a"],
)
def test_unsafe_paths(name: str) -> None:
    assert name_codes(name) == ["member-unsafe-path"]


@pytest.mark.parametrize("name", ["", "a//b", "./a", "a/./b", "a\0b", "a\nb", "a\x7f", "\u202ea"])
def test_odd_names(name: str) -> None:
    assert name_codes(name) == ["member-name-characters"]


@pytest.mark.parametrize("raw", [b"x" * 4097, b"a/" * 129])
def test_endless_names(raw: bytes) -> None:
    with pytest.raises(Unreadable) as caught:
        decode_name(raw)
    assert caught.value.finding.code == "member-name-too-long"


@pytest.mark.parametrize(
    ("names", "codes"),
    [
        (("a", "b", "c/", "c/a"), []),
        (("a/", "a/"), []),
        (("a", "a"), ["member-duplicate"]),
        (("a", "A"), ["member-case-collision"]),
        (("stra\u00dfe", "STRASSE"), ["member-case-collision"]),
        (("\u00e9", "e\u0301"), ["member-case-collision"]),
        (("a", "a/b"), ["member-file-is-directory"]),
        (("a", "A/b/c"), ["member-file-is-directory"]),
        (("a", "a/"), ["member-file-is-directory"]),
    ],
)
def test_collisions(names: tuple[str, ...], codes: list[str]) -> None:
    assert collision_codes(*names) == codes
