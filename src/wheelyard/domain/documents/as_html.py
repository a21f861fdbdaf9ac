"""The HTML form of pages and lists: HTML5, frozen at API 1.4 (PEPs 503, 592, 629, 714, 792, 833).

Readers with regular expressions exist: each anchor stands on a line of its own, its attributes are
double-quoted with `<`, `>`, `&` and quotes escaped, and its text is the name and nothing else.
"""

from collections.abc import Iterable
from functools import lru_cache
from html import escape

from wheelyard.domain.documents.locations import file_location, is_plain
from wheelyard.domain.documents.page import API_VERSION, ProjectList, ProjectPage, ordered
from wheelyard.domain.models.packages import ListedFile

_HEAD = """\
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
"""


def html_list(listing: ProjectList) -> str:
    """Return the HTML document of the list of projects."""
    anchors = (f'<a href="{name}/">{name}</a><br>' for name in map(_escaped, listing.names))
    return _document("Simple index", _meta("repository-version", API_VERSION), anchors)


def html_page(page: ProjectPage) -> str:
    """Return the HTML document of a project's page."""
    metas = _meta("repository-version", API_VERSION)
    if page.stated_status is not None:
        metas += _meta("project-status", page.stated_status)
        if page.reason:
            metas += _meta("project-status-reason", page.reason)
    return _document(f"Links for {page.name}", metas, map(_anchor, ordered(page).files))


def _document(title: str, metas: str, lines: Iterable[str]) -> str:
    heading = _escaped(title)
    top = f"{_HEAD}{metas}<title>{heading}</title>\n</head>\n<body>\n<h1>{heading}</h1>"
    return "\n".join([top, *lines, "</body>\n</html>\n"])


def _meta(name: str, content: str) -> str:
    return f'<meta name="pypi:{name}" content="{_escaped(content)}">\n'


def _anchor(file: ListedFile) -> str:
    sha256, filename = file.sha256, file.filename
    name = filename if is_plain(filename) else _escaped(filename)
    attributes = f'href="{file_location(sha256, filename)}#sha256={sha256}"'
    if file.requires_python:
        attributes += f' data-requires-python="{_escaped_often(file.requires_python)}"'
    core_metadata = file.core_metadata_sha256
    if core_metadata is not None:
        # Both names: pip before 23.2 knows the second only, and reads it well in HTML (PEP 714).
        digest = f'"sha256={core_metadata}"'
        attributes += f" data-core-metadata={digest} data-dist-info-metadata={digest}"
    if file.yanked_reason is not None:
        attributes += f' data-yanked="{_escaped_often(file.yanked_reason)}"'
    return f"<a {attributes}>{name}</a><br>"


def _escaped(text: str) -> str:
    """Escape for text and for quoted attributes.

    Line ends, too: raw ones would break an anchor's line, and a reader turns a raw carriage
    return into a line feed.
    """
    return escape(text).replace("\n", "&#10;").replace("\r", "&#13;")


_escaped_often = lru_cache(maxsize=1024)(_escaped)  # what many files of a page have in common
