"""Rendered documents as the real readers see them: pypi-simple and mousebender.

Warnings are errors in this suite, so a reader that frowns at a document fails the test.
"""

import json
from dataclasses import replace
from datetime import datetime

import pypi_simple
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mousebender import simple as mousebender

from wheelyard.domain.documents.as_html import html_list, html_page
from wheelyard.domain.documents.as_json import list_as_json, page_as_json
from wheelyard.domain.documents.page import ProjectList, ProjectPage
from wheelyard.domain.models.packages import DistributionKind, ListedFile
from wheelyard.domain.names import NormalisedName
from wheelyard.domain.negotiate import MediaType
from wheelyard.domain.status import ProjectStatus

NAME = NormalisedName("sample-project")
PAGE_URL = "http://localhost/api/v4/projects/7/packages/pypi/simple/sample-project/"
FILES_URL = "http://localhost/api/v4/projects/7/packages/pypi/files"
DIGEST = st.binary(min_size=32, max_size=32).map(bytes.hex)
REASONS = st.sampled_from([None, "", "broken", 'say "no" & <b>why</b>, \u00e4\u4f60\nplease'])
SPECIFIERS = st.sampled_from([None, ">=3.9", ">=3.9,<4,!=3.10.*", "~=3.11"])
MOMENTS = st.datetimes(min_value=datetime(1990, 1, 1)).map(  # noqa: DTZ001  Hypothesis wants naive bounds
    lambda moment: moment.isoformat(timespec="microseconds") + "Z"
)
VERSIONS = st.from_regex(r"[0-9]{1,2}\.[0-9](rc[0-9])?(\+[a-z]{2}\.[0-9])?", fullmatch=True)


@st.composite
def package_files(draw: st.DrawFn) -> ListedFile:
    version, kind = draw(VERSIONS), draw(st.sampled_from(DistributionKind))
    ending = "-py3-none-any.whl" if kind is DistributionKind.WHEEL else ".tar.gz"
    return ListedFile(
        filename=f"sample_project-{version}{ending}",
        id=1,
        version=version,
        kind=kind,
        sha256=draw(DIGEST),
        size_bytes=draw(st.integers(0, 2**40)),
        requires_python=draw(SPECIFIERS),
        metadata_sha256=draw(DIGEST),
        uploaded_at=draw(MOMENTS),
        yanked_reason=draw(REASONS),
        md5="",
        blake2_256="",
    )


PAGES = st.builds(
    ProjectPage,
    name=st.just(NAME),
    files=st.lists(package_files(), max_size=4, unique_by=lambda file: file.filename),
    versions=st.lists(VERSIONS, max_size=3),
    status=st.none() | st.sampled_from(ProjectStatus),
    reason=REASONS,
)
NAMES = ProjectList([NormalisedName("a"), NormalisedName("b-c"), NormalisedName("d2")])


@given(PAGES)
def test_pypi_simple_reads_the_same_from_both_forms(page: ProjectPage) -> None:
    from_json = pypi_simple.ProjectPage.from_json_data(json.loads(page_as_json(page)), PAGE_URL)
    from_html = pypi_simple.ProjectPage.from_html(NAME, html_page(page).encode(), PAGE_URL)
    assert from_json.repository_version == from_html.repository_version == "1.4"
    assert (from_json.status, from_json.status_reason) == (
        from_html.status,
        from_html.status_reason,
    )
    assert len(from_json.packages) == len(page.files)
    for one, other in zip(from_json.packages, from_html.packages, strict=True):
        # Frozen HTML has no size and no time, and pypi-simple reads "no reason" as "" in it only.
        reason = None if other.yanked_reason == "" else other.yanked_reason
        assert one == replace(
            other, size=one.size, upload_time=one.upload_time, yanked_reason=reason
        )


@given(package_files())
def test_pypi_simple_reads_each_field(file: ListedFile) -> None:
    document = json.loads(page_as_json(ProjectPage(NAME, [file])))
    [read] = pypi_simple.ProjectPage.from_json_data(document, PAGE_URL).packages
    assert read.filename == file.filename
    assert read.url == f"{FILES_URL}/{file.sha256}/{file.filename.replace('+', '%2B')}"
    assert read.version == file.version
    assert read.digests == {"sha256": file.sha256}
    assert read.size == file.size_bytes
    assert read.upload_time == datetime.fromisoformat(file.uploaded_at)
    assert read.requires_python == file.requires_python
    assert (read.is_yanked, read.yanked_reason or "") == (
        file.yanked_reason is not None,
        file.yanked_reason or "",
    )
    is_wheel = file.kind is DistributionKind.WHEEL
    assert read.metadata_digests == ({"sha256": file.metadata_sha256} if is_wheel else None)


def test_pypi_simple_reads_the_same_names_from_both_forms() -> None:
    from_json = pypi_simple.IndexPage.from_json_data(json.loads(list_as_json(NAMES)))
    from_html = pypi_simple.IndexPage.from_html(html_list(NAMES).encode())
    assert from_json == from_html
    assert from_json.projects == ["a", "b-c", "d2"]


@given(PAGES)
def test_mousebender_reads_the_same_from_both_forms(page: ProjectPage) -> None:
    from_json = mousebender.parse_project_details(
        page_as_json(page).decode(), MediaType.JSON_V1, NAME
    )
    # mousebender 2025.1 reads JSON of 1.4 and warns of HTML above 1.1: that, and nothing else.
    with pytest.warns(mousebender.APIVersionWarning, match=r"'1\.4'"):
        from_html = mousebender.parse_project_details(html_page(page), MediaType.TEXT_HTML, NAME)
    assert str(from_json["name"]) == str(from_html["name"]) == NAME
    assert [carried_by_html(dict(file)) for file in from_json["files"]] == [
        carried_by_html(dict(file)) for file in from_html["files"]
    ]


def carried_by_html(file: dict[str, object]) -> dict[str, object]:
    """Leave out what only JSON has, the old spelling only HTML has, and what says "not yanked"."""
    left_out = {"size", "upload-time", "dist-info-metadata"}
    if not file.get("yanked"):
        left_out.add("yanked")
    return {key: value for key, value in file.items() if key not in left_out}


def test_mousebender_reads_the_same_names_from_both_forms() -> None:
    from_json = mousebender.parse_project_index(list_as_json(NAMES).decode(), MediaType.JSON_V1)
    with pytest.warns(mousebender.APIVersionWarning, match=r"'1\.4'"):
        from_html = mousebender.parse_project_index(html_list(NAMES), MediaType.TEXT_HTML)
    assert from_json["projects"] == from_html["projects"] == [{"name": n} for n in NAMES.names]
