"""Findings: how they are collected, shown and judged."""

import pytest

from wheelyard.domain.errors import Problem
from wheelyard.domain.findings import (
    CODES,
    SEVERITIES,
    Findings,
    Severity,
    Strictness,
    found,
    judge,
    shown,
)

FATAL = found("digest-mismatch", "Not the same.", "sha256_digest")
ERROR = found("record-missing", "No RECORD.")
WARNING = found("form-nul", "A NUL.", "comment")


def test_a_code_has_one_severity_and_one_line() -> None:
    assert set(CODES) == set(SEVERITIES)
    assert all("\n" not in line and line.endswith(".") for line in CODES.values())


def test_an_unknown_code_cannot_be_used() -> None:
    with pytest.raises(KeyError):
        found("no-such-code", "Never.")


def test_the_gravest_come_first_and_none_twice() -> None:
    findings = Findings()
    findings.extend([WARNING, ERROR, FATAL, ERROR])
    assert findings.listed() == (FATAL, ERROR, WARNING)


def test_many_of_a_kind_are_counted() -> None:
    findings = Findings()
    for number in range(1000):
        findings.add("record-mismatch", f"Member {number}.")
    listed = findings.listed()
    assert len(listed) == 11
    assert listed[-1].message == "And 990 more of the same kind."


@pytest.mark.parametrize(
    ("strictness", "refusing", "reported"),
    [
        (Strictness.STRICT, (FATAL, ERROR), (WARNING,)),
        (Strictness.WARN, (FATAL,), (ERROR, WARNING)),
        (Strictness.OFF, (FATAL,), ()),
    ],
)
def test_judge(
    strictness: Strictness, refusing: tuple[object, ...], reported: tuple[object, ...]
) -> None:
    assert judge([FATAL, ERROR, WARNING], strictness) == (refusing, reported)


def test_a_finding_is_a_problem_of_a_refusal() -> None:
    assert FATAL.problem == Problem("digest-mismatch", "Not the same.", "sha256_digest")
    assert FATAL.severity is Severity.FATAL


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain", "'plain'"),
        ("x" * 81, "'" + "x" * 80 + "…'"),
        ("a\nb", "'a\\nb'"),
        ("\udcff", "'\\udcff'"),
        ("\x1b[31m", "'\\x1b[31m'"),
    ],
)
def test_shown_is_safe_in_a_sentence(text: str, expected: str) -> None:
    assert shown(text) == expected
