"""The documents of the simple API: each rule of the specification, and that two forms agree.

Real readers of these documents are in `test_document_readers.py`.
"""

import json
import re
from html.parser import HTMLParser
from typing import Any, NamedTuple
from urllib.parse import unquote, urljoin, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.version import Version

from wheelyard.domain.documents.as_html import html_list, html_page
from wheelyard.domain.documents.as_json import list_as_json, page_as_json
from wheelyard.domain.documents.page import ProjectList, ProjectPage
from wheelyard.domain.models.packages import DistributionKind, ListedFile
from wheelyard.domain.names import NormalisedName
from wheelyard.domain.status import ProjectStatus

SHA = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"
METADATA_SHA = "486ea46224d1bb4fb680f34f7c9ad96a8f24ec88be73ea8e5a6c65260e9cb8a7"
NAME = NormalisedName("sample-project")
PAGE_URL = "http://localhost/api/v4/projects/7/packages/pypi/simple/sample-project/"

WHEEL = ListedFile(
    filename="sample_project-1.0-py3-none-any.whl",
    id=1,
    version="1.0",
    kind=DistributionKind.WHEEL,
    sha256=SHA,
    size_bytes=1234,
    requires_python=">=3.9,<4",
    metadata_sha256=METADATA_SHA,
    uploaded_at="2026-05-04T03:02:01.000042Z",
    yanked_reason=None,
    md5="",
    blake2_256="",
)
SDIST = WHEEL._replace(id=2, filename="sample_project-1.0.tar.gz", kind=DistributionKind.SDIST)


class Anchor(NamedTuple):
    attributes: dict[str, str | None]
    text: str


class Read(HTMLParser):
    """What a browser would see: anchors, metas and whether anything unknown is in the page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.anchors: list[Anchor] = []
        self.metas: dict[str, str | None] = {}
        self.tags: set[str] = set()
        self._open = False
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        attributes = dict(attrs)
        assert len(attributes) == len(attrs)
        assert not self._open, "no tags inside an anchor"
        if tag == "a":
            self.anchors.append(Anchor(attributes, ""))
            self._open = True
        elif "name" in attributes:
            self.metas[str(attributes["name"])] = attributes["content"]

    def handle_data(self, data: str) -> None:
        if self._open:
            attributes, text = self.anchors[-1]
            self.anchors[-1] = Anchor(attributes, text + data)

    def handle_endtag(self, tag: str) -> None:
        if tag == "a":
            self._open = False


def page(*files: ListedFile, **about: Any) -> ProjectPage:
    return ProjectPage(NAME, files, **about)


def json_page(document: ProjectPage) -> dict[str, Any]:
    value: dict[str, Any] = json.loads(page_as_json(document))
    return value


def json_list(listing: ProjectList) -> dict[str, Any]:
    value: dict[str, Any] = json.loads(list_as_json(listing))
    return value


def entries(document: ProjectPage) -> list[dict[str, Any]]:
    files: list[dict[str, Any]] = json_page(document)["files"]
    return files


# --- JSON (PEPs 691, 700, 714, 792) ---------------------------------------------------------


def test_json_page_of_a_wheel() -> None:
    assert json_page(page(WHEEL, versions=["0.9", "1.0"])) == {
        "meta": {"api-version": "1.4"},
        "name": "sample-project",
        "versions": ["0.9", "1.0"],
        "files": [
            {
                "filename": "sample_project-1.0-py3-none-any.whl",
                "url": f"../../files/{SHA}/sample_project-1.0-py3-none-any.whl",
                "hashes": {"sha256": SHA},
                "requires-python": ">=3.9,<4",
                "size": 1234,
                "upload-time": "2026-05-04T03:02:01.000042Z",
                "yanked": False,
                "core-metadata": {"sha256": METADATA_SHA},
            }
        ],
    }


def test_json_page_without_files() -> None:
    assert json_page(page()) == {
        "meta": {"api-version": "1.4"},
        "name": "sample-project",
        "versions": [],
        "files": [],
    }


def test_json_list() -> None:
    assert json_list(ProjectList([NormalisedName("a"), NormalisedName("b-c")])) == {
        "meta": {"api-version": "1.4"},
        "projects": [{"name": "a"}, {"name": "b-c"}],
    }


def test_json_list_with_serials() -> None:
    name = NormalisedName("a")
    assert json_list(ProjectList([name], {name: 7}))["projects"] == [
        {"name": "a", "_last-serial": 7}
    ]


def test_pep_658_sdists_advertise_no_metadata() -> None:
    assert "core-metadata" not in entries(page(SDIST))[0]
    assert "metadata" not in html_page(page(SDIST))


def test_a_wheel_without_stored_metadata_advertises_none() -> None:
    bare = page(WHEEL._replace(metadata_sha256=None))
    assert "core-metadata" not in entries(bare)[0]
    assert "metadata" not in html_page(bare)


@pytest.mark.parametrize("absent", [None, ""])
def test_pep_503_requires_python_is_left_out_where_a_file_states_none(absent: str | None) -> None:
    bare = page(WHEEL._replace(requires_python=absent))
    assert "requires-python" not in entries(bare)[0]
    assert "requires-python" not in html_page(bare)


@pytest.mark.parametrize(
    ("reason", "in_json", "in_html"),
    [
        (None, False, None),
        ("", True, ""),
        ("broken & unsafe", "broken & unsafe", "broken & unsafe"),
    ],
)
def test_pep_592_yanked(reason: str | None, in_json: bool | str, in_html: str | None) -> None:
    yanked = page(WHEEL._replace(yanked_reason=reason))
    assert entries(yanked)[0]["yanked"] == in_json
    assert Read(html_page(yanked)).anchors[0].attributes.get("data-yanked") == in_html


def test_pep_700_versions_are_ordered_normal_and_cover_the_files() -> None:
    files = [WHEEL._replace(version=version) for version in ("1.10", "2.0-RC1", "not a version")]
    known = ["1.9", "v1.9", "1.9.0", "1!0", "1.10", "2.0", "2.0rc1", "also none", "1.0+x.1"]
    assert json_page(page(*files, versions=known))["versions"] == [
        *("1.0+x.1", "1.9", "1.9.0", "1.10", "2.0rc1", "2.0", "1!0"),
        *("also none", "not a version"),
    ]


def test_a_version_with_more_digits_than_python_reads_comes_last() -> None:
    absurd = "9" * 5000
    assert json_page(page(versions=[absurd, "10"]))["versions"] == ["10", absurd]


def test_files_are_ordered_by_version_then_name() -> None:
    versions_and_names = [
        ("1.9", "z.whl"),
        ("1.10", "a.tar.gz"),
        ("1.10", "b.whl"),
        ("2.0", "a.whl"),
        ("unreadable", "0.whl"),
    ]
    files = [
        WHEEL._replace(id=-number, version=version, filename=name)
        for number, (version, name) in enumerate(versions_and_names)
    ]
    expected = [name for _, name in versions_and_names]
    for order in (files, files[::-1]):
        assert [entry["filename"] for entry in entries(page(*order))] == expected
        assert [anchor.text for anchor in Read(html_page(page(*order))).anchors] == expected


def test_files_of_one_name_from_several_projects_keep_one_order() -> None:
    later, earlier = WHEEL._replace(id=9), WHEEL._replace(id=3, size_bytes=1)
    for order in ([later, earlier], [earlier, later]):
        assert [entry["size"] for entry in entries(page(*order))] == [1, 1234]


# --- project status (PEP 792) ---------------------------------------------------------------


@pytest.mark.parametrize("status", [None, ProjectStatus.ACTIVE])
def test_pep_792_an_active_project_needs_no_mention(status: ProjectStatus | None) -> None:
    active = page(WHEEL, status=status, reason="of no interest")
    assert json_page(active) == json_page(page(WHEEL))
    assert html_page(active) == html_page(page(WHEEL))


@pytest.mark.parametrize("status", ["archived", "quarantined", "deprecated"])
@pytest.mark.parametrize("reason", ["use <b>other</b> & 'more'", "", None])
def test_pep_792_status_is_an_object_at_the_top(status: str, reason: str | None) -> None:
    marked = page(status=ProjectStatus(status), reason=reason)
    expected = {"status": status, "reason": reason} if reason else {"status": status}
    assert json_page(marked)["project-status"] == expected
    metas = Read(html_page(marked)).metas
    assert metas["pypi:project-status"] == status
    assert metas.get("pypi:project-status-reason") == (reason or None)


def test_pep_792_what_a_status_allows() -> None:
    allowed = {s.value: (s.accepts_uploads, s.offers_files) for s in ProjectStatus}
    assert allowed == {
        "active": (True, True),
        "archived": (False, True),
        "quarantined": (False, False),
        "deprecated": (True, True),
    }


# --- HTML (PEPs 503, 629, 714) --------------------------------------------------------------


def test_html_page_of_a_wheel_and_an_sdist() -> None:
    assert html_page(page(SDIST, WHEEL._replace(yanked_reason="bad"))) == (
        "<!DOCTYPE html>\n"
        '<html lang="en">\n'
        "<head>\n"
        '<meta charset="utf-8">\n'
        '<meta name="pypi:repository-version" content="1.4">\n'
        "<title>Links for sample-project</title>\n"
        "</head>\n"
        "<body>\n"
        "<h1>Links for sample-project</h1>\n"
        f'<a href="../../files/{SHA}/sample_project-1.0-py3-none-any.whl#sha256={SHA}"'
        ' data-requires-python="&gt;=3.9,&lt;4"'
        f' data-core-metadata="sha256={METADATA_SHA}"'
        f' data-dist-info-metadata="sha256={METADATA_SHA}"'
        ' data-yanked="bad">sample_project-1.0-py3-none-any.whl</a><br>\n'
        f'<a href="../../files/{SHA}/sample_project-1.0.tar.gz#sha256={SHA}"'
        ' data-requires-python="&gt;=3.9,&lt;4">sample_project-1.0.tar.gz</a><br>\n'
        "</body>\n"
        "</html>\n"
    )


def test_html_list() -> None:
    html = html_list(ProjectList([NormalisedName("a"), NormalisedName("b-c")]))
    assert html.startswith("<!DOCTYPE html>\n")
    assert '\n<a href="a/">a</a><br>\n<a href="b-c/">b-c</a><br>\n' in html
    assert Read(html).metas == {"pypi:repository-version": "1.4"}


@pytest.mark.parametrize(
    ("filename", "segment"),
    [
        ("a-1.0+cu121-py3-none-any.whl", "a-1.0%2Bcu121-py3-none-any.whl"),
        ("a-1!2.0.tar.gz", "a-1%212.0.tar.gz"),
        ("a b%2f.whl", "a%20b%252f.whl"),
        ("a/../b?c#d.whl", "a%2F..%2Fb%3Fc%23d.whl"),
        ("ä~._-.zip", "%C3%A4~._-.zip"),
    ],
)
def test_pep_503_links_lead_to_the_file(filename: str, segment: str) -> None:
    odd = page(WHEEL._replace(filename=filename))
    target = f"http://localhost/api/v4/projects/7/packages/pypi/files/{SHA}/{segment}"
    assert urljoin(PAGE_URL, entries(odd)[0]["url"]) == target
    anchor = Read(html_page(odd)).anchors[0]
    assert urljoin(PAGE_URL, anchor.attributes["href"]) == f"{target}#sha256={SHA}"
    assert anchor.text == filename


HOSTILE = "\"'><script>alert(1)</script><a href=x>&amp;&lt;</a><!--\n\r</title>"


def test_hostile_metadata_stays_text() -> None:
    odd = WHEEL._replace(
        filename=HOSTILE, requires_python=HOSTILE, yanked_reason=HOSTILE, version=HOSTILE
    )
    html = html_page(page(odd, status=ProjectStatus.ARCHIVED, reason=HOSTILE))
    read = Read(html)
    assert read.tags == {"html", "head", "meta", "title", "body", "h1", "a", "br"}
    assert [anchor.text for anchor in read.anchors] == [HOSTILE]
    assert read.anchors[0].attributes["data-requires-python"] == HOSTILE
    assert read.anchors[0].attributes["data-yanked"] == HOSTILE
    assert read.metas["pypi:project-status-reason"] == HOSTILE
    # One anchor per line, and readers that are regular expressions (hatch's, for one) see it.
    lines = [line for line in html.split("\n") if "<a " in line]
    assert len(lines) == 1
    assert "\r" not in html  # HTML reads it as a line feed
    assert len(re.findall("<a [^>]+>([^<]+)</a>", lines[0])) == 1


def test_a_hostile_name_stays_text() -> None:
    name = NormalisedName(HOSTILE)
    assert [anchor.text for anchor in Read(html_list(ProjectList([name]))).anchors] == [HOSTILE]
    assert "script" not in Read(html_page(ProjectPage(name, []))).tags
    assert json_list(ProjectList([name]))["projects"] == [{"name": HOSTILE}]


# --- properties -----------------------------------------------------------------------------

TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"]) | st.sampled_from("\n\r\t<>&\"'+"))
DIGEST = st.binary(min_size=32, max_size=32).map(bytes.hex)
VERSIONS = st.from_regex(r"([1-9]!)?[0-9]{1,3}(\.[0-9]){0,2}((a|b|rc)[0-9])?", fullmatch=True)


@st.composite
def package_files(draw: st.DrawFn) -> ListedFile:
    return WHEEL._replace(
        id=draw(st.integers(1, 10**6)),
        version=draw(VERSIONS | TEXT),
        filename=draw(TEXT.filter(bool)),
        kind=draw(st.sampled_from(DistributionKind)),
        sha256=draw(DIGEST),
        size_bytes=draw(st.integers(0, 2**63 - 1)),
        requires_python=draw(st.none() | TEXT),
        metadata_sha256=draw(st.none() | DIGEST),
        yanked_reason=draw(st.none() | TEXT),
    )


FILES = st.lists(package_files(), max_size=8, unique_by=lambda file: file.id)


def html_entry(anchor: Anchor) -> dict[str, Any]:
    """Say in JSON what an anchor says: the fields that HTML can carry."""
    href = urlsplit(str(anchor.attributes["href"]))
    algorithm, _, digest = href.fragment.partition("=")
    entry: dict[str, Any] = {
        "filename": anchor.text,
        "url": href._replace(fragment="").geturl(),
        "hashes": {algorithm: digest},
        "yanked": anchor.attributes.get("data-yanked", False),
    }
    if entry["yanked"] == "":
        entry["yanked"] = True
    if "data-requires-python" in anchor.attributes:
        entry["requires-python"] = anchor.attributes["data-requires-python"]
    if "data-core-metadata" in anchor.attributes:
        algorithm, _, digest = str(anchor.attributes["data-core-metadata"]).partition("=")
        entry["core-metadata"] = {algorithm: digest}
    return entry


@given(FILES)
def test_both_forms_say_the_same_about_each_file(files: list[ListedFile]) -> None:
    html = html_page(page(*files))
    json_only = {"size", "upload-time"}  # frozen HTML cannot carry these
    assert [html_entry(anchor) for anchor in Read(html).anchors] == [
        {key: value for key, value in entry.items() if key not in json_only}
        for entry in entries(page(*files))
    ]
    assert html.count("\n<a ") == len(files)


@given(FILES)
def test_nothing_is_null_and_every_mandatory_key_is_there(files: list[ListedFile]) -> None:
    found = entries(page(*files))
    assert {entry["filename"] for entry in found} == {file.filename for file in files}
    for entry in found:
        assert None not in entry.values()
        assert "" not in entry.values()
        assert entry.keys() >= {"filename", "url", "hashes", "size", "upload-time"}
        assert unquote(entry["url"].rpartition("/")[2]) == entry["filename"]
        assert entry["url"].isascii()
        assert "?" not in entry["url"]


@given(st.data(), FILES)
def test_the_order_of_files_does_not_depend_on_how_they_are_given(
    data: st.DataObject, files: list[ListedFile]
) -> None:
    shuffled = data.draw(st.permutations(files))
    assert json_page(page(*shuffled)) == json_page(page(*files))
    assert html_page(page(*shuffled)) == html_page(page(*files))


@given(st.lists(VERSIONS))
def test_versions_come_in_order_and_once(versions: list[str]) -> None:
    listed = json_page(page(versions=versions))["versions"]
    assert sorted(listed, key=Version) == listed
    assert set(listed) == {str(Version(version)) for version in versions}
    assert len(set(listed)) == len(listed)


@given(st.lists(st.from_regex(r"[a-z0-9]{1,8}(-[a-z0-9]{1,8}){0,2}", fullmatch=True)))
def test_both_lists_say_the_same(names: list[str]) -> None:
    listing = ProjectList([NormalisedName(name) for name in names])
    anchors = Read(html_list(listing)).anchors
    assert [{"name": anchor.text} for anchor in anchors] == json_list(listing)["projects"]
    assert [anchor.attributes["href"] for anchor in anchors] == [f"{name}/" for name in names]
