"""WHEEL and entry_points.txt, as installers read them."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from packaging.tags import Tag

from wheelyard.domain.archives.entry_points import check_entry_points
from wheelyard.domain.archives.wheel_file import check_wheel_file
from wheelyard.domain.findings import Findings

TAGS = frozenset({Tag("py2", "none", "any"), Tag("py3", "none", "any")})
GOOD = "Wheel-Version: 1.0\nGenerator: x\nRoot-Is-Purelib: true\nTag: py2-none-any\n"


def wheel_codes(text: str) -> list[str]:
    findings = Findings()
    check_wheel_file(text.encode("utf-8", "surrogateescape"), "WHEEL", TAGS, findings)
    return [finding.code for finding in findings.listed()]


def entry_point_codes(text: str) -> list[str]:
    findings = Findings()
    check_entry_points(text.encode("utf-8", "surrogateescape"), "entry_points.txt", findings)
    return [finding.code for finding in findings.listed()]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (GOOD + "Tag: py3-none-any\n", []),
        (GOOD.replace("py2-", "py2.py3-").replace("true", "False"), []),
        (GOOD.replace("\n", "\r\n") + "Tag: py3-none-any", []),
        (GOOD, ["wheel-tags-differ"]),
        (GOOD.replace("1.0", "1.1") + "Tag: py3-none-any", ["wheel-version-newer"]),
        (GOOD.replace("1.0", "2.0") + "Tag: py3-none-any", ["wheel-version"]),
        (GOOD.replace("true", "maybe") + "Tag: py3-none-any", ["wheel-file-invalid"]),
        (GOOD + "Tag: py3-none-any\nWheel-Version: 1.0", ["wheel-file-invalid"]),
        (GOOD + "Tag: py3", ["wheel-file-invalid"]),
        (GOOD + "Tag: " + "-".join(["a" + ".a" * 100] * 3), ["wheel-file-invalid"]),
        (GOOD + "\udcff", ["wheel-file-invalid"]),
        ("", ["wheel-file-invalid"] * 3),
    ],
)
def test_wheel_files(text: str, expected: list[str]) -> None:
    assert wheel_codes(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[console_scripts]\na = b:c\n",
        "[console_scripts]\n  a.b-c_1 = b.c:d.e [extra,two]\n",
        "# a comment\n; another\n[console_scripts]\n[any group]\nany name! = anything",
        "[gui_scripts]\r\na=b:c\r\n",
    ],
)
def test_good_entry_points(text: str) -> None:
    assert entry_point_codes(text) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a = b:c", ["entry-points-invalid"]),
        ("[console_scripts]\na\n", ["entry-points-invalid"]),
        ("[console_scripts]\na = b:c\na = b:d\n", ["entry-points-invalid"]),
        ("[console_scripts]\n= b:c\n", ["entry-points-invalid"]),
        ("\udcff", ["entry-points-invalid"]),
        ("[console_scripts]\na" + " " * 5000 + "= b:c", ["entry-points-invalid"]),
        ("[console_scripts]\n../../bin/sh = b:c\n", ["entry-point-name"]),
        ("[gui_scripts]\n\u00e4 = b:c\n", ["entry-point-name"]),
        ("[console_scripts]\na = os; print()\n", ["entry-point-value"]),
    ],
)
def test_bad_entry_points(text: str, expected: list[str]) -> None:
    assert entry_point_codes(text) == expected


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=80))
def test_any_document_gets_an_answer(text: str) -> None:
    findings = Findings()
    check_entry_points(text.encode("utf-8", "replace"), "e", findings)
    check_wheel_file(text.encode("utf-8", "replace"), "w", TAGS, findings)
    assert all(finding.message.isprintable() for finding in findings.listed())
