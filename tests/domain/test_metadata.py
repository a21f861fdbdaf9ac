"""METADATA and PKG-INFO: what is read, and what is said of it."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from distributions import build_metadata
from wheelyard.domain.findings import Findings
from wheelyard.domain.metadata import CoreMetadata, read_metadata
from wheelyard.domain.metadata_rules import Rules, check_rules


def read(document: bytes) -> tuple[CoreMetadata | None, list[str]]:
    findings = Findings()
    metadata = read_metadata(document, findings)
    return metadata, [finding.code for finding in findings.listed()]


def check(*fields: tuple[str, str], rules: Rules | None = None) -> list[tuple[str, str | None]]:
    """Return the codes and fields that are found in a document with these fields."""
    findings = Findings()
    document = build_metadata("p", "1.0", fields=fields, format_version="2.4", description="x")
    metadata = read_metadata(document, findings)
    assert metadata is not None
    check_rules(metadata, rules or Rules(), findings)
    return [(finding.code, finding.field) for finding in findings.listed()]


def test_facts_are_read_as_written() -> None:
    metadata, codes = read(build_metadata("My.Pkg", "1.0-RC1", requires_python=" >=3.8 "))
    assert codes == []
    assert metadata is not None
    assert metadata.name == "My.Pkg"
    assert metadata.normalised_name == "my-pkg"
    assert str(metadata.version) == "1.0rc1"
    assert metadata.requires_python == ">=3.8"


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_every_line_end_separates_the_description(newline: str) -> None:
    text = "Metadata-Version: 2.1\nName: p\nVersion: 1\n\nFirst: not a field\n\nmore\n"
    metadata, codes = read(text.replace("\n", newline).encode())
    assert codes == []
    assert metadata is not None
    assert "".join(metadata.fields["description"].split()) == "First:notafieldmore"


@pytest.mark.parametrize("fold", ["        ", "       |"], ids=["setuptools", "standard"])
def test_folded_descriptions_are_unfolded(fold: str) -> None:
    """As setuptools wrote them into the header until version 57, and as the standard does."""
    description = "Title\n=====\n\n* one\n\nUsage::\n\n    import p\n"
    fields = [("Description", description.replace("\n", f"\n{fold}")), ("Platform", "any")]
    metadata, codes = read(build_metadata("p", "1.0", fields=fields))
    assert codes == []
    assert metadata is not None
    assert metadata.fields["description"].rstrip() == description.rstrip()


@pytest.mark.parametrize("value", ["UNKNOWN", "", "  "], ids=["unknown", "empty", "white space"])
def test_values_that_say_nothing_are_absent(value: str) -> None:
    names = ("Home-page", "License", "Requires-Python", "Author-email", "Platform", "Classifier")
    metadata, codes = read(build_metadata("p", "1", fields=[(name, value) for name in names]))
    assert codes == []
    assert metadata is not None
    assert set(metadata.fields) == {"metadata_version", "name", "version"}
    assert metadata.requires_python is None


@pytest.mark.parametrize("version", ["1.0", "1.1", "1.2", "2.1", "2.2", "2.3", "2.4", "2.5", "2.6"])
def test_every_published_format_is_known(version: str) -> None:
    assert read(build_metadata("p", "1", format_version=version))[1] == []


@pytest.mark.parametrize(
    ("version", "code"),
    [
        ("2.0", "metadata-format-newer"),
        ("2.7", "metadata-format-newer"),
        ("2.99", "metadata-format-newer"),
        ("3.0", "metadata-format-version"),
        ("1.9", "metadata-format-version"),
        ("x", "metadata-format-version"),
        ("", "metadata-format-version"),
    ],
)
def test_other_formats(version: str, code: str) -> None:
    metadata, codes = read(build_metadata("p", "1", format_version=version))
    assert metadata is not None
    assert codes == [code]


def test_license_files_of_setuptools_are_no_mistake() -> None:
    # For years setuptools wrote License-File with Metadata-Version 2.1.
    assert read(build_metadata("p", "1", fields=[("License-File", "LICENSE")]))[1] == []


@pytest.mark.parametrize(
    ("name", "version", "codes"),
    [
        ("", "", ["metadata-name-invalid", "metadata-version-invalid"]),
        ("-p", "1", ["metadata-name-invalid"]),
        ("p", "1.0-x!", ["metadata-version-invalid"]),
        ("p", "9" * 5000, ["metadata-version-invalid"]),
        ("p" * 300, "1", ["metadata-name-invalid"]),
    ],
)
def test_no_facts_without_name_and_version(name: str, version: str, codes: list[str]) -> None:
    assert read(build_metadata(name, version)) == (None, codes)


def test_a_name_given_twice_is_no_name() -> None:
    metadata, codes = read(build_metadata("p", "1", fields=[("Name", "q")]))
    assert metadata is None
    assert codes == ["metadata-name-invalid", "metadata-repeated-field"]


def test_all_problems_of_a_document_are_told_at_once() -> None:
    assert check(
        ("Summary", "x" * 600),
        ("Author-email", "nobody"),
        ("Home-page", "ftp://example.org"),
        ("Classifier", "Nonsense"),
        ("Requires-Dist", "what is this"),
        ("Requires-Dist", "and this?"),
        ("Requires-Python", "three"),
        ("Dynamic", "version"),
        ("License-Expression", "My-Own"),
        ("Description-Content-Type", "text/html"),
        ("Provides-Extra", "-"),
    ) == [
        ("metadata-invalid", "description_content_type"),
        ("metadata-invalid", "dynamic"),
        ("metadata-invalid", "license_expression"),
        ("metadata-invalid", "provides_extra"),
        ("metadata-invalid", "requires_python"),
        ("summary-too-long", "summary"),
        ("email-invalid", "author_email"),
        ("url-invalid", "home_page"),
        ("classifier-invalid", "classifiers"),
        ("dependency-invalid", "requires_dist"),
        ("dependency-invalid", "requires_dist"),
    ]


@pytest.mark.parametrize(
    "address",
    ["a@example.org", "A B <a@example.org>", "A <a@b>, C <c@d>", '"B, A" <a@b>', "\u00c4 <a@b.c>"],
)
def test_good_addresses(address: str) -> None:
    assert check(("Author-email", address), ("Maintainer-email", address)) == []


@pytest.mark.parametrize("address", ["nobody", "a@b, nobody", "a b@c", "@", "((((", "a" * 5000])
def test_bad_addresses(address: str) -> None:
    assert check(("Author-email", address)) == [("email-invalid", "author_email")]


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "data:text/html,x",
        "//example.org",
        "https://",
        "https://[",
        "https:/x",
        "http://a b",
        "https://example.org/\x7f",
        "https://example.org/" + "x" * 3000,
    ],
)
def test_bad_urls(url: str) -> None:
    codes = {code for code, _ in check(("Project-URL", f"Home, {url}"))}
    assert "url-invalid" in codes


def test_good_urls_and_labels() -> None:
    assert check(("Project-URL", "Home, https://example.org/a?b=c#d")) == []
    assert check(("Project-URL", f"{'x' * 32}, http://localhost:8080")) == []
    assert check(("Project-URL", ", https://example.org")) == [("url-label", "project_urls")]


def test_known_classifiers_are_given_from_outside() -> None:
    rules = Rules(known_classifiers=frozenset({"A :: B"}))
    fields = [("Classifier", "A :: B"), ("Classifier", "Private :: Do Not Upload")]
    assert check(*fields, rules=rules) == []
    assert check(("Classifier", "A :: C"), rules=rules) == [("classifier-unknown", "classifiers")]
    assert check(("Classifier", "A :: C")) == []


def test_the_renderer_is_given_from_outside_and_may_crash() -> None:
    seen: list[tuple[str, str | None]] = []

    def render(text: str, content_type: str | None) -> str | None:
        seen.append((text, content_type))
        if content_type is None:
            raise RuntimeError("as docutils did")
        return text

    rules = Rules(render=render)
    assert check(("Description-Content-Type", "text/plain"), rules=rules) == []
    assert check(rules=rules) == [("description-not-renderable", "description")]
    assert seen == [("x", "text/plain"), ("x", None)]


HOSTILE = {
    "many field names": b"".join(b"A%d: x\n" % number for number in range(200_000)),
    "many fields": b"Classifier: a :: b\n" * 1_000_000,
    "a long field": b"Summary: " + b"x" * 10_000_000,
    "a long body": b"\n" + b"\n" * 5_000_000,
    "encoded words": b"Author: \xc3\xa4" + b"=?a?q?" * 100_000,
    "nested markers": b"Requires-Dist: a; " + b"(" * 8000,
    "nested licences": b"License-Expression: " + b"(" * 4000 + b"MIT",
    "long specifiers": b"Requires-Python: " + b">=3," * 200_000,
    "long content type": b"Description-Content-Type: text/plain; " + b"a*=b; " * 10_000,
    "comments in addresses": b"Author-email: " + b"(" * 4000,
    "long version": b"Version: " + b"1." * 500_000,
    "multipart": b"Content-Type: multipart/mixed; boundary=x\n\n--x\n\n" * 1000,
    "carriage returns": b"Summary: a\rVersion: 2\r" * 1000,
    "nothing": b"",
    "binary": bytes(range(256)) * 1000,
}


@pytest.mark.timeout(20)
@pytest.mark.parametrize("attack", HOSTILE)
def test_hostile_documents_take_bounded_time(attack: str) -> None:
    findings = Findings()
    metadata = read_metadata(build_metadata("p", "1") + HOSTILE[attack], findings)
    if metadata is not None:
        check_rules(metadata, Rules(), findings)
    assert findings.listed() or attack in {"a long body", "nothing"}


_LINE = st.sampled_from(
    [
        "Name: p",
        "Version: 1",
        "Metadata-Version: 2.4",
        "Summary:",
        " folded",
        "",
        "\r",
        "Dynamic: x",
        "Requires-Dist: a[b]>=1; c == 'd'",
        "Project-URL: a, b",
        "Keywords: a,b",
        "License-File: /x",
    ]
) | st.text(max_size=30)


@settings(max_examples=300, deadline=None)
@given(st.lists(_LINE, max_size=12).map("\n".join), st.binary(max_size=20))
def test_any_document_is_read_or_found_wanting(text: str, tail: bytes) -> None:
    findings = Findings()
    metadata = read_metadata(text.encode("utf-8", "replace") + tail, findings)
    if metadata is None:
        assert findings.listed()
    else:
        check_rules(metadata, Rules(known_classifiers=frozenset()), findings)
    assert all(finding.message.isprintable() for finding in findings.listed())
