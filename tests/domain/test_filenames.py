"""File names: what is read from them, what is an older spelling, and what is refused."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from packaging.version import Version

from wheelyard.domain.filenames import DistributionName, parse_filename
from wheelyard.domain.findings import Finding
from wheelyard.domain.models.packages import DistributionKind


def parsed(filename: str) -> DistributionName:
    name = parse_filename(filename)
    assert isinstance(name, DistributionName), name
    return name


@pytest.mark.parametrize(
    ("filename", "kind", "name", "version"),
    [
        ("my_pkg-1.0-py3-none-any.whl", "bdist_wheel", "my-pkg", "1.0"),
        ("my_pkg-1.0+abc.1-py3-none-any.whl", "bdist_wheel", "my-pkg", "1.0+abc.1"),
        ("my_pkg-1!2.0-py3-none-any.whl", "bdist_wheel", "my-pkg", "1!2.0"),
        ("my_pkg-1.0-2_b-cp311-cp311-linux_x86_64.whl", "bdist_wheel", "my-pkg", "1.0"),
        ("p-1.0-cp312-cp312-pyemscripten_2026_0_wasm32.whl", "bdist_wheel", "p", "1.0"),
        ("my_pkg-1.0.tar.gz", "sdist", "my-pkg", "1.0"),
        ("my_pkg-1.0rc1.post2.dev3.tar.gz", "sdist", "my-pkg", "1.0rc1.post2.dev3"),
    ],
)
def test_standard_names(filename: str, kind: str, name: str, version: str) -> None:
    distribution = parsed(filename)
    assert distribution.kind == DistributionKind(kind)
    assert distribution.normalised_name == name
    assert distribution.version == Version(version)
    assert distribution.findings == ()
    assert distribution.filename == filename


@pytest.mark.parametrize(
    "filename",
    [
        "My_Pkg-1.0-py3-none-any.whl",
        "my.pkg-1.0-py3-none-any.whl",
        "my_pkg-1.0.0-RC1-py3-none-any.whl".replace("-RC1", "RC1"),
        "My.Pkg-1.0.tar.gz",
        "my-pkg-1.0.tar.gz",
        "my_pkg-1.0.0.RC1.tar.gz",
    ],
)
def test_older_spellings_are_warned_of(filename: str) -> None:
    distribution = parsed(filename)
    assert [finding.code for finding in distribution.findings] == ["filename-not-normalised"]
    assert distribution.normalised_name == "my-pkg"


def test_a_zip_sdist_is_warned_of() -> None:
    distribution = parsed("my_pkg-1.0.zip")
    assert [finding.code for finding in distribution.findings] == ["filename-zip-sdist"]
    assert distribution.is_zip


@pytest.mark.parametrize(
    ("filename", "code"),
    [
        ("", "filename-unsafe"),
        ("a/my_pkg-1.0.tar.gz", "filename-unsafe"),
        ("..\\my_pkg-1.0.tar.gz", "filename-unsafe"),
        ("my_pkg-1.0.tar.gz\n", "filename-unsafe"),
        ("my_pkg-1.0\0.tar.gz", "filename-unsafe"),
        ("my pkg-1.0.tar.gz", "filename-unsafe"),
        (".tar.gz", "filename-unsafe"),
        ("m\u00fc-1.0.tar.gz", "filename-unsafe"),
        ("x" * 250 + "-1.0.tar.gz", "filename-unsafe"),
        ("my_pkg-1.0-py3.11.egg", "filename-unknown-type"),
        ("my_pkg-1.0.win32.exe", "filename-unknown-type"),
        ("my_pkg-1.0.tar.bz2", "filename-unknown-type"),
        ("my_pkg-1.0-py3-none-any.whl.metadata", "filename-unknown-type"),
        ("my_pkg-1.0-py3-none-any.WHL", "filename-unknown-type"),
        ("my_pkg-1.0.whl", "filename-invalid"),
        ("my_pkg-one-py3-none-any.whl", "filename-invalid"),
        ("my__pkg-1.0-py3-none-any.whl", "filename-invalid"),
        ("my_pkg_-1.0-py3-none-any.whl", "filename-invalid"),
        ("my_pkg-1.0-b-py3-none-any.whl", "filename-invalid"),
        ("my_pkg-1.0-py3-none-.whl", "filename-invalid"),
        ("my_pkg.tar.gz", "filename-invalid"),
        ("my_pkg-one.tar.gz", "filename-invalid"),
        ("my_pkg_-1.0.tar.gz", "filename-invalid"),
    ],
)
def test_refused_names(filename: str, code: str) -> None:
    finding = parse_filename(filename)
    assert isinstance(finding, Finding)
    assert finding.code == code
    assert finding.message.isprintable()


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=60), st.sampled_from(["", ".whl", ".tar.gz", ".zip", "-1.0.tar.gz"]))
def test_any_text_is_a_name_or_a_finding(stem: str, suffix: str) -> None:
    name = parse_filename(stem + suffix)
    if isinstance(name, DistributionName):
        assert "/" not in name.filename
        assert name.filename.isascii()
