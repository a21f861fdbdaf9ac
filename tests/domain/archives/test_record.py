"""RECORD: each row is held against the member it speaks of."""

import base64
import hashlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wheelyard.domain.archives.members import Member
from wheelyard.domain.archives.record import check_record
from wheelyard.domain.findings import Findings

INFO = "p-1.dist-info"
CONTENT = b"x = 1\n"
OWN_ROW = f"{INFO}/RECORD,,\n"
MEMBERS = [
    Member("p.py", len(CONTENT), sha256=hashlib.sha256(CONTENT).digest()),
    Member(f"{INFO}/RECORD", 10),
]


def encoded(algorithm: str) -> str:
    digest = hashlib.new(algorithm, CONTENT).digest()
    return f"{algorithm}=" + base64.urlsafe_b64encode(digest).decode().rstrip("=")


def codes(record: str | bytes) -> list[str]:
    def hash_member(name: str, algorithm: str) -> bytes:
        assert name == "p.py"
        return hashlib.new(algorithm, CONTENT).digest()

    findings = Findings()
    document = record if isinstance(record, bytes) else record.encode()
    check_record(document, INFO, MEMBERS, hash_member, findings)
    return [finding.code for finding in findings.listed()]


@pytest.mark.parametrize("algorithm", ["sha256", "sha384", "sha512"])
def test_strong_hashes_are_verified(algorithm: str) -> None:
    good = encoded(algorithm)
    assert codes(f"p.py,{good},6\n{OWN_ROW}") == []
    assert codes(f"p.py,{good}==,\n{OWN_ROW}") == []
    wrong = good[:-3] + ("AAA" if good[-3:] != "AAA" else "BBB")
    assert codes(f"p.py,{wrong},6\n{OWN_ROW}") == ["record-mismatch"]


@pytest.mark.parametrize("algorithm", ["md5", "sha1", "sha224"])
def test_weak_hashes_are_none(algorithm: str) -> None:
    assert codes(f"p.py,{encoded(algorithm)},6\n{OWN_ROW}") == ["record-weak-hash"]


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        (f"p.py,{encoded('sha256')},6\n", []),  # RECORD need not list itself
        (f"p.py,{encoded('sha256')},6\n{OWN_ROW}{INFO}/RECORD.jws,,\n", []),
        (f"p.py,{encoded('sha256')},6\nq/,,\n{OWN_ROW}", []),
        (f"p.py,{encoded('sha256')},7\n{OWN_ROW}", ["record-mismatch"]),
        (f"p.py,,\n{OWN_ROW}", ["record-weak-hash"]),
        (OWN_ROW, ["record-member-unlisted"]),
        (f"p.py,{encoded('sha256')},6\nq.py,,\n", ["record-member-absent"]),
        (f"P.py,{encoded('sha256')},6\n", ["record-member-absent", "record-member-unlisted"]),
        (f"p.py,{encoded('sha256')},6\n" * 2, ["record-duplicate-row"]),
        ("p.py,sha256=a,6\n", ["record-invalid"]),
        ("p.py,sha256=!!!!,6\n", ["record-invalid"]),
        (f"p.py,{encoded('sha256')},six\n", ["record-invalid"]),
        (f"p.py,{encoded('sha256')},{'9' * 5000}\n", ["record-invalid"]),
        ("p.py\n", ["record-invalid"]),
        ("a,b,c,d\n", ["record-invalid"]),
        ('"p.py,,\n', ["record-invalid"]),
        (b"\xff,,\n", ["record-invalid"]),
        ("x" * 200_000 + ",,\n", ["record-invalid"]),
        ("", ["record-member-unlisted"]),
    ],
)
def test_rows(record: str | bytes, expected: list[str]) -> None:
    assert codes(record) == expected


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=80) | st.text(alphabet='p.y,=sha2561"\n\r\0', max_size=60))
def test_any_record_gets_an_answer(record: str | bytes) -> None:
    assert codes(record)
