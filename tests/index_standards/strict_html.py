"""A strict reading of the index's HTML: what a validator and the flattest reader would refuse.

The standard library's parser forgives nearly everything, so each token is held against the few
forms that a page needs: HTML5 with quoted attributes, escaped text, every element closed.
"""

import re
from html.parser import HTMLParser

_VOID = frozenset({"meta", "br"})
_ATTRIBUTES = {
    "html": {"lang"},
    "meta": {"charset", "name", "content"},
    "a": {
        *("href", "data-requires-python", "data-core-metadata", "data-dist-info-metadata"),
        *("data-yanked", "data-provenance", "data-gpg-sig"),
    },
}
_PARENTS = {
    "html": "",
    "head": "html",
    "body": "html",
    "meta": "head",
    "title": "head",
    "h1": "body",
    "a": "body",
    "br": "body",
}
_START_TAG = re.compile(r'<[a-z][a-z0-9]*(?: [a-z-]+="[^"<>]*")*>')
_REFERENCE = re.compile(r"&(?:amp|lt|gt|quot|#x27|#39|#10|#13);")


class StrictHtml(HTMLParser):
    """Reads a document; `anchors` are (attributes, text), `metas` name to content.

    Raises AssertionError where the document is not strictly right.
    """

    def __init__(self, document: str) -> None:
        super().__init__(convert_charrefs=False)
        self.anchors: list[tuple[dict[str, str], str]] = []
        self.metas: dict[str, str] = {}
        self._open: list[str] = []
        self._seen: list[str] = []
        assert document.startswith("<!DOCTYPE html>\n")
        assert document.count("<!") == 1, "no comment, and one doctype"
        assert document.replace("\n", "").isprintable()
        for line in document.split("\n"):
            assert line.count("<a ") == line.count("</a>") <= 1, line
        self.feed(document)
        self.close()
        assert not self.rawdata
        assert self._open == []
        assert self._seen[:3] == ["html", "head", "meta"], "the charset comes first"
        for once in ("html", "head", "title", "body", "h1"):
            assert self._seen.count(once) == 1

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        raw = self.get_starttag_text() or ""
        assert _START_TAG.fullmatch(raw), raw
        assert "&" not in _REFERENCE.sub("", raw), raw
        assert _PARENTS[tag] == (self._open[-1] if self._open else ""), raw
        attributes = {name: value or "" for name, value in attrs}
        assert len(attributes) == len(attrs), "no attribute twice"
        assert set(attributes) <= _ATTRIBUTES.get(tag, set()), raw
        self._seen.append(tag)
        if tag not in _VOID:
            self._open.append(tag)
        if tag == "a":
            self.anchors.append((attributes, ""))
        if tag == "meta" and "name" in attributes:
            self.metas[attributes["name"]] = attributes["content"]

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        raise AssertionError(f"<{tag}/> is XML: {attrs}")

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        inside = self._open[-1] if self._open else ""
        assert data.isspace() or inside in {"title", "h1", "a"}, data
        assert ">" not in data
        if inside == "a":
            attributes, text = self.anchors[-1]
            self.anchors[-1] = (attributes, text + data)

    def handle_entityref(self, name: str) -> None:
        raise AssertionError(f"names need no escaping: &{name};")

    def handle_charref(self, name: str) -> None:
        raise AssertionError(f"names need no escaping: &#{name};")
