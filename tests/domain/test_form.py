"""The upload form: what is said of it before the file is read."""

import base64
import hashlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wheelyard.domain.form import UploadForm, inspect_form

GOOD = {":action": ["file_upload"], "name": ["my-pkg"], "version": ["1.0"]}
MD5 = hashlib.md5(b"x", usedforsecurity=False)


def codes(**fields: list[str]) -> list[str]:
    return [finding.code for finding in inspect_form(UploadForm(GOOD | fields))]


def test_a_bare_form_is_good() -> None:
    assert inspect_form(UploadForm({"name": ["my-pkg"], "version": ["1.0"]})) == []


def test_several_problems_are_told_at_once() -> None:
    form = UploadForm({":action": ["submit"], "protocol_version": ["2"], "name": ["-"]})
    assert {finding.code for finding in inspect_form(form)} == {
        "form-action",
        "form-protocol-version",
        "form-name-invalid",
        "form-field-missing",
    }


@pytest.mark.parametrize("action", ["submit", "submit_pkg_info", "doc_upload", "verify", "x"])
def test_other_actions(action: str) -> None:
    findings = inspect_form(UploadForm(GOOD | {":action": [action]}))
    assert [(finding.code, finding.field) for finding in findings] == [("form-action", ":action")]


def test_absent_values() -> None:
    form = UploadForm({"name": ["UNKNOWN"], "version": [" "], "author": ["", " me "]})
    assert [finding.field for finding in inspect_form(form)] == ["name", "version"]
    assert form.one("author") == "me"
    assert form.all("author") == ("me",)
    assert form.one("nothing") is None


@pytest.mark.parametrize("version", ["1.0", "1!1.0.post1.dev2+local.7", "v1.0-RC1", " 1.0 "])
def test_versions(version: str) -> None:
    assert codes(version=[version]) == []


@pytest.mark.parametrize("version", ["one", "1.0 beta?", "1.0+", "9" * 300, "1.0\n2"])
def test_no_versions(version: str) -> None:
    assert codes(version=[version]) == ["form-version-invalid"]


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"filetype": ["sdist"], "pyversion": ["source"]}, []),
        ({"filetype": ["sdist"]}, []),  # as flit does
        ({"filetype": ["bdist_wheel"], "pyversion": ["py2.py3"]}, []),
        ({"filetype": ["sdist"], "pyversion": ["py3"]}, ["form-pyversion"]),
        ({"filetype": ["bdist_wininst"]}, ["form-filetype"]),
    ],
)
def test_kinds(fields: dict[str, list[str]], expected: list[str]) -> None:
    assert codes(**fields) == expected


@pytest.mark.parametrize(
    ("field", "value", "is_good"),
    [
        ("sha256_digest", "a" * 64, True),
        ("sha256_digest", "A" * 64, True),
        ("sha256_digest", "a" * 63, False),
        ("sha256_digest", "../" + "a" * 61, False),
        ("sha256_digest", "g" * 64, False),
        ("blake2_256_digest", "0" * 64, True),
        ("md5_digest", "0" * 32, True),
        ("md5_digest", base64.urlsafe_b64encode(MD5.digest()).decode(), True),
        ("md5_digest", base64.urlsafe_b64encode(MD5.digest()).decode().rstrip("="), True),
        ("md5_digest", "x", False),
    ],
)
def test_digest_shapes(*, field: str, value: str, is_good: bool) -> None:
    assert codes(**{field: [value]}) == ([] if is_good else ["digest-malformed"])


def test_base64_digests_are_read() -> None:
    form = UploadForm({"md5_digest": [base64.urlsafe_b64encode(MD5.digest()).decode()]})
    assert list(form.digests("md5_digest")) == [MD5.hexdigest()]


def test_long_and_odd_text() -> None:
    assert codes(classifiers=["a :: b", "a :: c"]) == []
    assert codes(summary=["a", "b"]) == ["form-repeated-field"]
    assert codes(description=["x" * 1_000_000]) == []
    assert codes(author=["x" * 1_000_000]) == ["form-field-too-long"]
    assert codes(description=["a\0"]) == ["form-nul"]
    assert codes(author=["\udc80"]) == ["form-not-utf8"]


@pytest.mark.parametrize("field", ["comment", "gpg_signature", "attestations", "made_up"])
def test_fields_that_nothing_reads_are_ignored(field: str) -> None:
    values = ["x" * 100_000, "a\0", "\udc80", "twice"]
    fields = GOOD | {field: values}
    assert inspect_form(UploadForm(fields, sent_as_files=[field])) == []


def test_text_that_is_sent_as_a_file() -> None:
    findings = inspect_form(UploadForm(GOOD, sent_as_files=["name"]))
    assert [(finding.code, finding.field) for finding in findings] == [
        ("form-field-is-file", "name")
    ]


_TEXT = st.text(st.characters(exclude_categories=[]), max_size=20)
_FIELDS = st.sampled_from([*GOOD, "filetype", "pyversion", "md5_digest", "sha256_digest"]) | _TEXT


@settings(max_examples=200, deadline=None)
@given(st.dictionaries(_FIELDS, st.lists(_TEXT, max_size=3), max_size=6))
def test_any_form_gets_an_answer(fields: dict[str, list[str]]) -> None:
    for finding in inspect_form(UploadForm(fields)):
        assert finding.message.isprintable()
        assert (finding.field or "").isprintable()
