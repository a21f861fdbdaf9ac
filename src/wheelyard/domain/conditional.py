"""Conditional requests: whether what a client holds is what it would get (RFC 9110, section 13).

Entity tags here are whole field values, quotes included. `Range` with `If-Range` is in
`wheelyard.domain.ranges`; answering 304, with the ETag repeated, is left to the HTTP layer.
"""


def if_none_match(header: str | None, etag: str) -> bool:
    """Tell whether `If-None-Match` names `etag` (or is `*`), so the answer is 304.

    The comparison is weak: a `W/` that a proxy put before a tag does not matter. Commas may
    stand inside a foreign tag: the pieces it is cut to lack a quote and so equal no tag.
    """
    if header is None:
        return False
    if header == etag:  # what nearly every client sends
        return True
    if header.strip() == "*":
        return True
    opaque = etag.removeprefix("W/")
    return any(tag.strip().removeprefix("W/") == opaque for tag in header.split(","))


def is_same_entity(tag: str, etag: str) -> bool:
    """Compare strongly: equal bytes of the same representation; a weak tag equals none."""
    return tag == etag and tag.startswith('"')
