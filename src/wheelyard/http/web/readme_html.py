"""A description's HTML made to fit into a page of ours.

`readme_renderer` has made it safe already: no script, no style, no event. What is written here is
put together anew from the tags and attributes below, so nothing else can come through, and so

- images, which other hosts would have to send, become links to them;
- links lead to the web or within the description; to addresses of this server they do not;
- names of places (`id`) cannot meet those of the page, and headings go on where the page's are;
- what is wide can be scrolled with the keyboard.
"""

import re
from collections.abc import Mapping
from html import escape
from html.parser import HTMLParser
from types import MappingProxyType
from urllib.parse import urlsplit

from markupsafe import Markup

PREFIX = "readme-"

_SAME = frozenset(
    {"abbr", "b", "blockquote", "br", "caption", "cite", "code", "dd", "del", "details", "div"}
    | {"dl", "dt", "em", "figcaption", "figure", "hr", "i", "kbd", "li", "ol", "p", "pre", "span"}
    | {"strong", "sub", "summary", "sup", "table", "tbody", "td", "th", "thead", "tr", "ul", "var"}
)
_REPLACED: Mapping[str, str] = MappingProxyType(
    # Landmarks are the page's own; the rest is HTML of the last century.
    {"acronym": "abbr", "aside": "div", "nav": "div", "section": "div", "picture": "span"}
    | {"tt": "code"}
)
_ATTRIBUTES: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "abbr": frozenset({"title"}),
        "ol": frozenset({"start"}),
        "td": frozenset({"align", "colspan", "rowspan"}),
        "th": frozenset({"align", "colspan", "rowspan"}),
        "p": frozenset({"align"}),
        "div": frozenset({"align"}),
    }
)
_VOID = frozenset({"br", "hr"})
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_LOWEST_HEADING = 6
_FIRST_HEADING = 3  # the page has a heading of the second level above

# The classes of Pygments, and the boxes that both renderers know.
_TOKEN_CLASS = re.compile(r"[a-z]{1,2}[a-z0-9]?")
_BOX_CLASSES = frozenset({"admonition", "attention", "caution", "danger", "error", "hint"}) | {
    *("important", "note", "tip", "warning", "markdown-alert", "markdown-alert-title"),
    *("markdown-alert-note", "markdown-alert-tip", "markdown-alert-important"),
    *("markdown-alert-warning", "markdown-alert-caution", "admonition-title"),
}
_WEB_SCHEMES = frozenset({"http", "https", "mailto"})
_TABLE = '<div class="table-wrap" tabindex="0" role="region" aria-label="Table">'


def fit_into_page(html: str) -> Markup:
    """Return safe HTML as it may stand in a page, below a heading of the second level."""
    writer = _Writer()
    writer.feed(html)
    writer.close()
    return writer.result()


class _Writer(HTMLParser):
    """Writes what it reads anew; each open tag is kept with what closes it."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._out: list[str] = []
        self._open: list[tuple[str, str]] = []
        self._headings: list[int] = []
        self._ids: set[str] = set()

    def result(self) -> Markup:
        """Return all of it, with every tag closed."""
        closing = "".join(end for _, end in reversed(self._open))
        return Markup("".join(self._out) + closing)  # noqa: S704  put together from escaped parts

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag == "img":
            self._write_image(values)
        elif tag == "input":
            if values.get("type") == "checkbox":
                self._out.append("\u2611 " if "checked" in values else "\u2610 ")
        elif tag == "a":
            self._write_link(values)
        elif tag in _HEADINGS:
            name = self._heading(int(tag[1]))
            self._write(tag, name, self._named(values))
        elif tag == "table":
            self._out.append(f"{_TABLE}<table{self._named(values)}>")
            self._open.append((tag, "</table></div>"))
        elif tag in _SAME or tag in _REPLACED:
            is_code = tag == "span" and "literal" in values.get("class", "").split()  # docutils
            name = "code" if is_code else _REPLACED.get(tag, tag)
            self._write(tag, name, self._named(values) + _kept(name, values))

    def handle_endtag(self, tag: str) -> None:
        places = [place for place, (name, _) in enumerate(self._open) if name == tag]
        if not places:
            return
        if tag == "a" and self._out[-1].startswith("<a "):
            self._out.pop()  # a link without text, such as docutils puts beside headings
            del self._open[places[-1]]
            return
        for _, end in reversed(self._open[places[-1] :]):
            self._out.append(end)
        del self._open[places[-1] :]

    def handle_data(self, data: str) -> None:
        self._out.append(escape(data, quote=False))

    def _write(self, tag: str, name: str, attributes: str) -> None:
        self._out.append(f"<{name}{attributes}>")
        if name not in _VOID:
            self._open.append((tag, f"</{name}>"))

    def _write_link(self, values: Mapping[str, str]) -> None:
        href, attributes = values.get("href", "").strip(), self._named(values)
        if href.startswith("#") and len(href) > 1:
            self._write("a", "a", f'{attributes} href="#{PREFIX}{escape(_bare(href[1:]))}"')
        elif _leads_away(href):
            rel = 'rel="nofollow noopener noreferrer"'
            self._write("a", "a", f'{attributes} href="{escape(href)}" {rel}')
        else:
            self._write("a", "span", attributes)

    def _write_image(self, values: Mapping[str, str]) -> None:
        source = values.get("src", "").strip()
        file_name = urlsplit(source).path.rpartition("/")[2] if _leads_away(source) else ""
        text = escape(values.get("alt", "").strip() or file_name or "image", quote=False)
        is_in_link = any(name == "a" for name, _ in self._open)
        if is_in_link or not _leads_away(source):
            self._out.append(f'<span class="readme-image">{text}</span>')
        else:
            rel = 'rel="nofollow noopener noreferrer"'
            link = f'<a class="readme-image" href="{escape(source)}" {rel}>{text}</a>'
            self._out.append(link)

    def _heading(self, level: int) -> str:
        """Return the heading that a level is here: one below the heading that it stands under."""
        while self._headings and self._headings[-1] >= level:
            self._headings.pop()
        self._headings.append(level)
        return f"h{min(_FIRST_HEADING + len(self._headings) - 1, _LOWEST_HEADING)}"

    def _named(self, values: Mapping[str, str]) -> str:
        """Return the `id`, apart from the page's own and from all before it."""
        name = _bare(values.get("id", ""))
        if not name or name in self._ids:
            return ""
        self._ids.add(name)
        return f' id="{PREFIX}{escape(name)}"'


def _bare(name: str) -> str:
    """Return the name of a place without spaces, and without the renderers' own prefix."""
    return "".join(name.removeprefix("user-content-").split())


def _leads_away(address: str) -> bool:
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    return parts.scheme.lower() in _WEB_SCHEMES and bool(parts.netloc or parts.path)


def _kept(name: str, values: Mapping[str, str]) -> str:
    """Return those attributes that may stay."""
    allowed = _ATTRIBUTES.get(name, frozenset())
    kept = "".join(f' {key}="{escape(values[key])}"' for key in sorted(allowed & values.keys()))
    classes = [each for each in values.get("class", "").split() if _is_class(name, each)]
    kept += f' class="{" ".join(classes)}"' if classes else ""
    return kept + (' tabindex="0"' if name == "pre" else "")


def _is_class(name: str, text: str) -> bool:
    if name == "span":
        return _TOKEN_CLASS.fullmatch(text) is not None
    return name in {"div", "p"} and text in _BOX_CLASSES
