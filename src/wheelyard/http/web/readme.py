"""Descriptions of packages as HTML: Markdown, reStructuredText or plain text, as on PyPI.

`readme_renderer` renders and makes safe, `readme_html` fits the result into a page. Rendering
takes up to a second: call it in a thread.
"""

from email.message import Message
from html import escape

from markupsafe import Markup

from wheelyard.http.web.readme_html import fit_into_page

MAX_RENDERED_CHARS = 200_000
"""A longer description is shown as the text that it is, to this length."""

MARKDOWN, RESTRUCTURED_TEXT = "text/markdown", "text/x-rst"


def render_readme(text: str, content_type: str | None) -> Markup:
    """Return a description as HTML, or as plain text where its markup is broken or unknown.

    content_type: as in the metadata; None is reStructuredText, which plain text mostly is too.
    """
    html = None
    if len(text) <= MAX_RENDERED_CHARS:
        html = _render(text, content_type)
    return _as_text(text[:MAX_RENDERED_CHARS]) if html is None else fit_into_page(html)


def _render(text: str, content_type: str | None) -> str | None:
    message = Message()
    message["content-type"] = content_type or RESTRUCTURED_TEXT
    kind = message.get_content_type()
    html: str | None = None
    if kind == MARKDOWN:
        from readme_renderer import markdown  # noqa: PLC0415  large, and not always needed

        variant = str(message.get_param("variant", "GFM"))
        is_commonmark = variant.lower() == "commonmark"
        html = markdown.render(text, variant="CommonMark" if is_commonmark else "GFM")
    elif kind == RESTRUCTURED_TEXT:
        from readme_renderer import rst  # noqa: PLC0415  likewise

        html = rst.render(text)
    return html


def _as_text(text: str) -> Markup:
    return Markup('<pre class="readme-text" tabindex="0">{}</pre>').format(Markup(escape(text)))  # noqa: S704  escaped here
