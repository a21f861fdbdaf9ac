"""Hundreds of odd packages, published to a running server and read by the real readers.

Warnings are errors in this suite: a reader that frowns at one page fails its test.
"""

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

import pytest
import requests
from mousebender import simple as mousebender
from packaging.version import Version
from pypi_simple import ACCEPT_HTML_ONLY, ACCEPT_JSON_ONLY, PyPISimple
from pypi_simple import ProjectPage as Read

from index_standards.conftest import HTML, Page, Published
from index_standards.corpus import CORPUS, PAGES, STATUSES, Odd
from index_standards.strict_html import StrictHtml
from requesting import JSON, group_index

JSON_TYPE = "application/vnd.pypi.simple.v1+json"
HATCH_ANCHOR = re.compile(r"<a [^>]+>([^<]+)</a>")
WITHHELD = {f"status-{n}" for n, (status, _) in enumerate(STATUSES) if status == "quarantined"}


def listed(page: str) -> dict[str, Odd]:
    """Return what a page has to list, by file name."""
    return {
        odd.filename: odd
        for odd in CORPUS
        if odd.page == page and not odd.is_superseded and page not in WITHHELD
    }


def read_by_pypi_simple(pages: Mapping[str, Page]) -> Iterator[tuple[str, Read, Read]]:
    for name, page in pages.items():
        from_json, from_html = (
            Read.from_response(form, name) for form in (page.as_json, page.as_html)
        )
        yield name, from_json, from_html


def test_the_corpus_is_large() -> None:
    assert len(PAGES) >= 200
    assert len(CORPUS) > len(PAGES)


def test_list(published: Published) -> None:
    with PyPISimple(f"{published.index.base}/simple/", auth=published.auth) as client:
        for accept in (ACCEPT_JSON_ONLY, ACCEPT_HTML_ONLY):
            listing = client.get_index_page(accept=accept)
            assert listing.repository_version == "1.4"
            assert sorted(listing.projects) == PAGES
    as_json = published.index.get(auth=published.auth)
    as_html = published.index.get(auth=published.auth, headers=HTML)
    listed = mousebender.parse_project_index(as_json.text, JSON_TYPE)["projects"]
    names = [{"name": name["name"]} for name in listed]
    with pytest.warns(mousebender.APIVersionWarning, match=r"'1\.4'"):
        from_html = mousebender.parse_project_index(as_html.text, "text/html")
    assert from_html["projects"] == names
    strict = StrictHtml(as_html.text)
    assert [(anchor["href"], text) for anchor, text in strict.anchors] == [
        (f"{name['name']}/", name["name"]) for name in names
    ]


def test_both_forms_say_the_same_to_pypi_simple(
    pages: Mapping[str, Page],
) -> None:
    for name, from_json, from_html in read_by_pypi_simple(pages):
        assert from_json.repository_version == from_html.repository_version == "1.4"
        assert (from_json.status, from_json.status_reason) == (
            from_html.status,
            from_html.status_reason,
        )
        assert from_json.last_serial == from_html.last_serial
        for one, other in zip(from_json.packages, from_html.packages, strict=True):
            # Frozen HTML has no size and no time, and pypi-simple says "" for "no reason" in it.
            reason = None if other.yanked_reason == "" else other.yanked_reason
            carried = replace(
                other, size=one.size, upload_time=one.upload_time, yanked_reason=reason
            )
            assert one == carried, name


def test_pages_say_what_was_published(
    pages: Mapping[str, Page],
) -> None:
    for name, page, _ in read_by_pypi_simple(pages):
        expected = listed(name)
        assert {package.filename for package in page.packages} == set(expected)
        assert len(page.packages) == len(expected), name
        versions = page.versions or []
        # Equal versions (0 and 0.0.0) are one release, in one of its spellings.
        assert {Version(p.version) for p in page.packages if p.version} <= set(
            map(Version, versions)
        )
        assert len(set(versions)) == len(versions)
        assert versions == sorted(versions, key=Version)
        for package in page.packages:
            odd = expected[package.filename]
            assert package.digests == {"sha256": hashlib.sha256(odd.content).hexdigest()}
            assert package.size == len(odd.content)
            assert package.requires_python == odd.requires_python
            assert package.is_yanked == (odd.yanked is not None)
            assert (package.yanked_reason or "") == (odd.yanked or "")
            is_wheel = package.package_type == "wheel"
            digest = {"sha256": hashlib.sha256(odd.metadata).hexdigest()}
            assert package.metadata_digests == (digest if is_wheel else None)
            assert package.upload_time is not None
            assert package.upload_time.utcoffset() is not None


def test_statuses(pages: Mapping[str, Page]) -> None:
    for number, (status, reason) in enumerate(STATUSES):
        name = f"status-{number}"
        [(_, *forms)] = read_by_pypi_simple({name: pages[name]})
        for page in forms:
            # An active project is not spoken of: active is what absence means (PEP 792).
            stated = (None, None) if status == "active" else (status, reason)
            assert (page.status, page.status_reason) == stated
            assert len(page.packages) == (0 if status == "quarantined" else 1)
            assert page.versions in (None, ["1.0"])


def test_both_forms_say_the_same_to_mousebender(pages: Mapping[str, Page]) -> None:
    for name, page in pages.items():
        from_json = mousebender.parse_project_details(page.as_json.text, JSON_TYPE, name)
        # mousebender 2025.1 reads JSON of 1.4 and warns of HTML above 1.1: that, nothing else.
        with pytest.warns(mousebender.APIVersionWarning, match=r"'1\.4'") as warned:
            from_html = mousebender.parse_project_details(page.as_html.text, "text/html", name)
        assert len(warned) == 1
        assert from_json["name"] == from_html["name"] == name
        assert [carried_by_html(dict(file)) for file in from_json["files"]] == [
            carried_by_html(dict(file)) for file in from_html["files"]
        ]


def carried_by_html(file: dict[str, object]) -> dict[str, object]:
    """Leave out what only JSON has, the old spelling only HTML has, and what says "not yanked"."""
    left_out = {"size", "upload-time", "dist-info-metadata"}
    if not file.get("yanked"):
        left_out.add("yanked")
    return {key: value for key, value in file.items() if key not in left_out}


def test_html_is_strictly_right(pages: Mapping[str, Page]) -> None:
    for name, page in pages.items():
        answer = page.as_html
        assert answer.headers["content-type"] == "text/html; charset=utf-8"
        strict = StrictHtml(answer.content.decode())
        assert strict.metas["pypi:repository-version"] == "1.4"
        for attributes, text in strict.anchors:
            path, _, fragment = attributes["href"].partition("#")
            assert path.rpartition("/")[2].replace("%2B", "+").replace("%21", "!") == text
            assert re.fullmatch(r"sha256=[0-9a-f]{64}", fragment)
            assert "?" not in path
        flat = HATCH_ANCHOR.findall(answer.text)
        assert flat == [text for _, text in strict.anchors]
        assert set(flat) == set(listed(name))


def test_metadata_and_files_are_what_was_published(
    published: Published, pages: Mapping[str, Page]
) -> None:
    index, auth = published.index, published.auth
    for name, page in pages.items():
        expected = listed(name)
        for number, file in enumerate(page.as_json.json()["files"]):
            rest, odd = file["url"].removeprefix("../.."), expected[file["filename"]]
            if number % 4 == 0:
                assert index.get(rest, auth).content == odd.content
            answer = index.get(f"{rest}.metadata", auth)
            if "core-metadata" in file:
                assert hashlib.sha256(answer.content).hexdigest() == file["core-metadata"]["sha256"]
                assert answer.content == odd.metadata
            else:
                assert answer.status_code == requests.codes.not_found
                assert not odd.filename.endswith(".whl"), "never for an sdist, always for a wheel"


SUPERSEDED = [odd for odd in CORPUS if odd.is_superseded]


def test_superseded_files_keep_answering(published: Published) -> None:
    assert len(SUPERSEDED) > 5
    for odd in SUPERSEDED:
        digest = hashlib.sha256(odd.content).hexdigest()
        path = f"/files/{digest}/{odd.filename.replace('+', '%2B')}"
        assert published.index.get(path, published.auth).content == odd.content
        assert published.index.get(f"{path}.metadata", published.auth).content == odd.metadata


def test_the_group_says_the_same(published: Published) -> None:
    group = published.project.full_path.split("/")[0]
    address = published.index.base.partition("/api/")[0]
    index = group_index(published.index.session, address, group)
    for rest in ("/simple/", *(f"/simple/{name}/" for name in PAGES[::20])):
        for headers in (HTML, JSON):
            grouped = index.get(rest, published.auth, headers=headers)
            alone = published.index.get(rest, published.auth, headers=headers)
            assert grouped.content == alone.content
    name = "all-versions"
    for file in index.files(name, published.auth):
        rest = str(file["url"]).removeprefix("../..")
        odd = listed(name)[str(file["filename"])]
        assert index.get(rest, published.auth).content == odd.content
