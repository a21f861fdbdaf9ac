"""What the checks of an upload need from libraries: the known classifiers, and a renderer."""

from functools import cache

from trove_classifiers import classifiers

from wheelyard.domain.metadata_rules import Rules

MAX_RENDERED_CHARS = 1_000_000
"""A longer description is taken as it is: rendering it would cost seconds."""


@cache
def inspection_rules() -> Rules:
    """Return the rules with PyPI's classifiers and PyPI's renderer."""
    return Rules(known_classifiers=frozenset(classifiers), render=render_strictly)


def render_strictly(text: str, content_type: str | None) -> str | None:
    """Return a description as HTML, or None when its markup is broken.

    Only reStructuredText can be broken; it is also what a description without a content type is
    (core metadata specification). Markdown and plain text are returned as they came: they always
    render, and whoever shows them renders them then.
    """
    kind = (content_type or "text/x-rst").partition(";")[0].strip().lower()
    if kind != "text/x-rst" or not text.strip() or len(text) > MAX_RENDERED_CHARS:
        return text
    from readme_renderer import rst  # noqa: PLC0415  docutils is large, and not always needed

    html: str | None = rst.render(text)
    return html
