"""The inspection of whole uploads: facts, agreement with what clients send, and hostile bytes."""

import io
import tarfile
import zipfile
from collections.abc import Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from distributions import (
    build_metadata,
    build_sdist,
    build_wheel,
    compute_digests,
    upload_fields,
    write_zip,
)
from hostile_uploads import tar_with
from wheelyard.domain.form import UploadForm
from wheelyard.domain.inspection import Inspection, inspect_distribution, inspect_file
from wheelyard.domain.models.packages import DistributionKind

FIELDS = [
    ("Summary", "A package"),
    ("Home-page", "https://example.org"),
    ("Author", "J\u00f6rg"),
    ("Author-email", "J\u00f6rg <j@example.org>"),
    ("Keywords", "one,two three"),
    ("Classifier", "Programming Language :: Python :: 3"),
    ("Classifier", "Private :: Internal"),
    ("Project-URL", "Source, https://example.org/source"),
    ("Provides-Extra", "Test_Extra"),
    ("Requires-Dist", "requests[socks]>=2,<3; python_version < '3.12'"),
    ("Requires-Dist", "Attrs"),
    ("License-Expression", "MIT"),
    ("Description-Content-Type", "text/markdown"),
]
DOCUMENT = build_metadata(
    "My.Pkg",
    "1.0",
    requires_python=">=3.9, <4",
    fields=FIELDS,
    description="# Hello\n\n  world\n",
    format_version="2.4",
)
NAME, WHEEL = build_wheel("My.Pkg", "1.0", metadata=DOCUMENT)
SENT: Mapping[str, list[str]] = {
    "summary": ["A package"],
    "home_page": ["https://example.org"],
    "author": ["J\u00f6rg"],
    "author_email": ["J\u00f6rg <j@example.org>"],
    "keywords": ["one,two three"],
    "classifiers": ["Programming Language :: Python :: 3", "Private :: Internal"],
    "project_urls": ["Source, https://example.org/source"],
    "provides_extra": ["Test_Extra"],
    "requires_dist": ["requests[socks]>=2,<3; python_version < '3.12'", "Attrs"],
    "requires_python": [">=3.9, <4"],
    "license_expression": ["MIT"],
    "description": ["# Hello\n\n  world\n"],
    "description_content_type": ["text/markdown"],
    "metadata_version": ["2.4"],
}
CLIENTS: Mapping[str, Mapping[str, list[str]]] = {
    "twine": {"name": ["My.Pkg"], "keywords": ["one, two three"]},
    "older twine": {"name": ["My-Pkg"], "provides_extras": ["Test_Extra"], "license": ["UNKNOWN"]},
    "uv": {"name": ["My.Pkg"], "platform": [""], "license": [""]},
    "poetry": {"keywords": ["one, two three"], "license_file": []},
    "pdm": {"provides_extras": ["Test_Extra"], "provides_extra": []},
    "hatch": {"description": ["# Hello\r\n\r\n  world\r\n"]},
    "flit": {
        "metadata_version": ["2.3"],
        "license": ["MIT"],
        "license_expression": [],
        "provides_extra": ["test-extra"],
        "requires_dist": ['requests[socks] >=2,<3 ; python_version < "3.12"', "attrs"],
        "requires_python": [">=3.9,<4"],
        "pyversion": ["py3"],
    },
    "setup.py upload": {
        "metadata_version": ["1.0"],
        "keywords": ["one", "two three"],
        "requires_dist": [],
        "requires_python": [],
        "license_expression": [],
        "license": ["UNKNOWN"],
    },
    "curl": {field: [] for field in SENT},
}


def inspect(
    fields: Mapping[str, list[str]] | None = None, content: bytes = WHEEL, filename: str = NAME
) -> Inspection:
    sent = upload_fields(NAME, content, name="my-pkg") | dict(SENT) | dict(fields or {})
    return inspect_distribution(
        io.BytesIO(content),
        filename=filename,
        size_bytes=len(content),
        digests=compute_digests(content),
        form=UploadForm({field: values for field, values in sent.items() if values}),
    )


def test_facts_are_those_of_the_file() -> None:
    facts = inspect().facts
    assert facts is not None
    assert facts.kind is DistributionKind.WHEEL
    assert (facts.name, facts.normalised_name, facts.version) == ("My.Pkg", "my-pkg", "1.0")
    assert facts.requires_python == ">=3.9, <4"
    assert facts.metadata == DOCUMENT


@pytest.mark.parametrize("client", CLIENTS)
def test_what_a_client_sends_for_a_good_file_has_no_findings(client: str) -> None:
    assert inspect(CLIENTS[client]).findings == ()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("summary", "Another package"),
        ("home_page", "https://example.com"),
        ("author_email", "k@example.org"),
        ("keywords", "one, four"),
        ("classifiers", "Private :: External"),
        ("project_urls", "Source, https://example.com"),
        ("requires_dist", "attrs"),
        ("requires_dist", "requests[socks]>=2,<3"),
        ("license_expression", "BSD-3-Clause"),
        ("description", "# Good-bye"),
        ("maintainer", "Somebody"),
        ("provides_extra", "other"),
        ("filetype", "sdist"),
    ],
)
def test_a_field_that_differs_is_found(field: str, value: str) -> None:
    findings = inspect({field: [value]}).findings
    assert ("form-differs", field) in [(finding.code, finding.field) for finding in findings]


def test_dependencies_left_out_are_found() -> None:
    codes = [(finding.code, finding.field) for finding in inspect({"requires_dist": []}).findings]
    assert codes == [("form-differs", "requires_dist")]


@pytest.mark.parametrize("value", [">=3.8", ">=3.9", "three"])
def test_another_requires_python_is_fatal(value: str) -> None:
    inspection = inspect({"requires_python": [value]})
    assert [finding.code for finding in inspection.findings] == ["requires-python-mismatch"]
    assert inspection.is_fatal


def test_every_kind_of_mistake_is_told_in_one_answer() -> None:
    content = write_zip([("my_pkg-1.0.dist-info/METADATA", DOCUMENT)])
    inspection = inspect(
        {"name": ["other"], "sha256_digest": ["0" * 64], "summary": ["Else"]}, content
    )
    assert {finding.code for finding in inspection.findings} == {
        "digest-mismatch",
        "name-mismatch",
        "wheel-file-missing",
        "record-missing",
        "form-differs",
    }
    assert inspection.facts is not None


def test_form_findings_are_told_of_an_unreadable_file_too() -> None:
    inspection = inspect({"version": ["one"]}, b"junk")
    assert [finding.code for finding in inspection.findings] == [
        "form-version-invalid",
        "archive-unreadable",
    ]
    assert inspection.facts is None


@pytest.mark.parametrize("name", ["blake2_256_digest", "md5_digest", "sha256_digest"])
def test_every_digest_that_is_sent_must_match(name: str) -> None:
    good = getattr(compute_digests(WHEEL), name.removesuffix("_digest"))
    assert inspect({name: [good.upper()]}).findings == ()
    wrong = good[:-1] + ("0" if good[-1] != "0" else "1")
    assert [finding.code for finding in inspect({name: [wrong]}).findings] == ["digest-mismatch"]


def test_a_file_is_inspected_without_a_form() -> None:
    filename, content = build_sdist("old-pkg", "2.0", requires_python=">=3.6")
    inspection = inspect_file(io.BytesIO(content), filename, len(content))
    assert inspection.findings == ()
    assert inspection.facts is not None
    assert inspection.facts.requires_python == ">=3.6"


def test_an_older_zip_sdist_is_read() -> None:
    content = write_zip([("My.Pkg-1.0/PKG-INFO", build_metadata("My.Pkg", "1.0"))])
    inspection = inspect_file(io.BytesIO(content), "My.Pkg-1.0.zip", len(content))
    assert [finding.code for finding in inspection.findings] == [
        "filename-not-normalised",
        "filename-zip-sdist",
    ]
    assert inspection.facts is not None


GOOD_FILES = {"wheel": (NAME, WHEEL), "sdist": build_sdist("my-pkg", "1.0")}


@st.composite
def damaged_files(draw: st.DrawFn) -> tuple[str, bytes]:
    """Return a good file with some bytes changed, put in, taken out or cut off."""
    filename, good = GOOD_FILES[draw(st.sampled_from(sorted(GOOD_FILES)))]
    content = bytearray(good)
    for _ in range(draw(st.integers(1, 3))):
        at = draw(st.integers(0, len(content)))
        end = min(len(content), at + draw(st.sampled_from([0, 1, 2, 4, 8, 100])))
        content[at:end] = draw(st.binary(max_size=8))
    return filename, bytes(content)


@settings(max_examples=400, deadline=None)
@given(damaged_files())
def test_a_damaged_file_is_refused_or_means_one_thing(file: tuple[str, bytes]) -> None:
    filename, content = file
    inspection = inspect_file(io.BytesIO(content), filename, len(content))
    if inspection.facts is None:
        assert inspection.is_fatal
    elif not inspection.is_fatal:
        assert read_by_standard_library(filename, content) == inspection.facts.metadata


def read_by_standard_library(filename: str, content: bytes) -> bytes:
    """Return the metadata document as Python's own readers see it."""
    if filename.endswith(".whl"):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            assert archive.testzip() is None
            return archive.read(f"{filename.split('-py3', maxsplit=1)[0]}.dist-info/METADATA")
    with tarfile.open(fileobj=io.BytesIO(content)) as archive:
        member = archive.extractfile(f"{filename.removesuffix('.tar.gz')}/PKG-INFO")
        assert member is not None
        return member.read()


@settings(max_examples=200, deadline=None)
@given(st.sampled_from([NAME, "a-1.tar.gz", "a-1.zip"]), st.binary(max_size=600), st.booleans())
def test_any_bytes_get_an_answer(filename: str, content: bytes, starts: bool) -> None:
    signature = b"\x1f\x8b\x08\0" if filename.endswith(".gz") else b"PK\x03\x04"
    content = signature + content if starts else content
    inspection = inspect_file(io.BytesIO(content), filename, len(content))
    assert inspection.is_fatal
    assert inspection.facts is None


@pytest.mark.parametrize("name", ["", ".", "./"])
def test_a_file_without_a_name_is_found(name: str) -> None:
    upload = tar_with(name)
    assert "member-name-characters" in {finding.code for finding in upload.inspect().findings}
    assert tar_with(name, tarfile.DIRTYPE).inspect().findings == (), "where the folder itself is"
