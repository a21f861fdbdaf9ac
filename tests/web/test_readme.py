"""Descriptions as HTML: rendered as on PyPI, and fit for a page that asks no other host."""

import time

import pytest
from bs4 import BeautifulSoup
from hypothesis import given
from hypothesis import strategies as st

from wheelyard.http.web.readme import MAX_RENDERED_CHARS, render_readme
from wheelyard.http.web.readme_html import fit_into_page

REL = 'rel="nofollow noopener noreferrer"'


def flat(html: str) -> str:
    return " ".join(html.split())


@pytest.mark.parametrize(
    ("content_type", "text", "expected"),
    [
        ("text/markdown", "# One\n\n*two*", '<h3 id="readme-one">One</h3> <p><em>two</em></p>'),
        ("text/markdown; charset=UTF-8; variant=GFM", "~~x~~", "<p><del>x</del></p>"),
        ("text/markdown; variant=CommonMark", "~~x~~", "<p>~~x~~</p>"),
        (None, "*two*", "<p><em>two</em></p>"),
        ("text/x-rst", "``x``", "<p><code>x</code></p>"),
        ("text/plain", "a <b>\n  c", '<pre class="readme-text" tabindex="0">a &lt;b&gt; c</pre>'),
        ("text/unknown", "*x*", '<pre class="readme-text" tabindex="0">*x*</pre>'),
        ("broken \udcff;;", "*x*", '<pre class="readme-text" tabindex="0">*x*</pre>'),
        (None, "a *broken", '<pre class="readme-text" tabindex="0">a *broken</pre>'),
        (None, "", '<pre class="readme-text" tabindex="0"></pre>'),
    ],
)
def test_the_markup_that_it_is(content_type: str | None, text: str, expected: str) -> None:
    assert flat(render_readme(text, content_type)) == expected


def test_code_is_coloured_by_classes() -> None:
    html = render_readme("```python\nimport x  # why\n```", "text/markdown")
    assert '<span class="kn">import</span>' in html
    assert html.startswith('<pre tabindex="0">')


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        # Images: links to them, or their text where a link has them already.
        (
            '<img src="https://example.org/a%20b.png?x=1&amp;y=2" alt="A &lt;b&gt;">',
            (
                f'<a class="readme-image" href="https://example.org/a%20b.png?x=1&amp;y=2" {REL}>'
                "A &lt;b&gt;</a>"
            ),
        ),
        (
            '<img src="https://example.org/logo.svg">',
            f'<a class="readme-image" href="https://example.org/logo.svg" {REL}>logo.svg</a>',
        ),
        (
            '<a href="https://example.org/"><img src="https://example.org/b.svg" alt="build"></a>',
            f'<a href="https://example.org/" {REL}><span class="readme-image">build</span></a>',
        ),
        ('<img src="docs/logo.png">', '<span class="readme-image">image</span>'),
        ("<img>", '<span class="readme-image">image</span>'),
        # Links.
        ('<a href="docs/usage.md">x</a>', "<span>x</span>"),
        ('<a href="/users/sign_out">x</a>', "<span>x</span>"),
        ('<a href="//evil.example/">x</a>', "<span>x</span>"),
        ('<a href="javascript:alert(1)">x</a>', "<span>x</span>"),
        ('<a href="http://[broken">x</a>', "<span>x</span>"),
        ('<a href="mailto:ann@example.org">x</a>', f'<a href="mailto:ann@example.org" {REL}>x</a>'),
        ('<a href="https://example.org/"></a>', ""),
        ("<a>x</a>", "<span>x</span>"),
        # Names within the page.
        (
            '<h2 id="user-content-usage">Usage</h2><a href="#user-content-usage">x</a>',
            '<h3 id="readme-usage">Usage</h3><a href="#readme-usage">x</a>',
        ),
        ('<p id="sidebar">x</p><p id="sidebar">y</p>', '<p id="readme-sidebar">x</p><p>y</p>'),
        # Headings go on below the page's own.
        (
            "<h2>a</h2><h4>b</h4><h4>c</h4><h1>d</h1><h2>e</h2><h6>f</h6>",
            "<h3>a</h3><h4>b</h4><h4>c</h4><h3>d</h3><h4>e</h4><h5>f</h5>",
        ),
        # What would look or act like a part of our page.
        ('<div class="dialog topbar note">x</div>', '<div class="note">x</div>'),
        ('<span class="visually-hidden kn">x</span>', '<span class="kn">x</span>'),
        (
            "<nav>x</nav><aside>y</aside><section>z</section>",
            "<div>x</div><div>y</div><div>z</div>",
        ),
        (
            '<li><input type="checkbox" checked disabled>x<input type="checkbox">y<input></li>',
            "<li>\u2611 x\u2610 y</li>",
        ),
        # What is wide.
        (
            '<table><tr><td align="right" colspan="2">x</td></tr></table>',
            (
                '<div class="table-wrap" tabindex="0" role="region" aria-label="Table"><table><tr>'
                '<td align="right" colspan="2">x</td></tr></table></div>'
            ),
        ),
        ("<pre>x</pre>", '<pre tabindex="0">x</pre>'),
        # What the renderer would never let through, should it do so.
        ('<script>alert(1)</script><p onclick="x" style="y">z</p>', "alert(1)<p>z</p>"),
        ("<p>a<ul><li>b", "<p>a<ul><li>b</li></ul></p>"),
        ("a</p></div>b", "ab"),
        ("1 &lt; 2 &amp;&nbsp;3", "1 &lt; 2 &amp;\xa03"),
    ],
)
def test_what_stands_in_the_page(html: str, expected: str) -> None:
    assert fit_into_page(html) == expected


PIECES = (
    *("<", ">", "</", "&", ";", '"', "'", "=", " ", "\n", "`", "a", "href", "img", "src", "\0"),
    *("<img src=x onerror=alert(1)>", "<svg/onload=alert(1)>", "javascript:", "&#x3c;", "<!--"),
    *("-->", "<style>", "<a href=", "](", "![", "[x](javascript:alert(1))", "id=sidebar", "]]>"),
    *("<table>", "<pre>", "<h1>", "<iframe src=//x>", "<form action=/>", "<textarea>", "script"),
)
HOSTILE = st.lists(st.sampled_from(PIECES), max_size=25).map("".join)


@given(HOSTILE, st.sampled_from(["text/markdown", "text/x-rst", "text/plain"]))
def test_nothing_foreign_comes_through(text: str, content_type: str) -> None:
    """Whatever is rendered has tags and attributes of the short list only, and no image."""
    soup = BeautifulSoup(render_readme(text, content_type), "html.parser")
    for tag in soup.select("*"):
        assert tag.name not in {"img", "script", "style", "svg", "iframe", "form", "input", "link"}
        assert set(tag.attrs) <= {"id", "class", "href", "rel", "tabindex", "align", "start"} | {
            *("title", "colspan", "rowspan", "role", "aria-label"),
        }
        assert str(tag.get("id") or "readme-").startswith("readme-")
        assert str(tag.get("href") or "#").startswith(
            ("#readme-", "#", "http:", "https:", "mailto:")
        )


def test_a_long_description_is_shown_as_text_and_cut() -> None:
    began = time.process_time()
    html = render_readme("*x* " * 500_000, "text/x-rst")
    assert html.startswith('<pre class="readme-text" tabindex="0">*x* *x*')
    assert len(html) < MAX_RENDERED_CHARS + 100
    assert time.process_time() - began < 2
