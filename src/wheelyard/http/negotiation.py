"""Which form of a document a request gets, worked out once for each combination of headers."""

from functools import lru_cache
from typing import NamedTuple
from urllib.parse import parse_qs

from wheelyard.domain.errors import Reason, Refused
from wheelyard.domain.negotiate import Encoding, MediaType, choose_encoding, choose_form

_MAX_CACHED_BYTES = 512


class Form(NamedTuple):
    """A content type and a content coding."""

    media_type: MediaType
    encoding: Encoding


def negotiate(accept: bytes | None, query_string: bytes, accept_encoding: bytes | None) -> Form:
    """Return the form that a request asks for. Raises Refused (not acceptable)."""
    size_bytes = len(accept or b"") + len(query_string) + len(accept_encoding or b"")
    choose = _choose if size_bytes <= _MAX_CACHED_BYTES else _choose.__wrapped__
    form = choose(accept, query_string, accept_encoding)
    if form is None:
        raise Refused(
            Reason.NOT_ACCEPTABLE,
            "The index speaks application/vnd.pypi.simple.v1+json and text/html.",
        )
    return form


@lru_cache(maxsize=1024)
def _choose(
    accept: bytes | None, query_string: bytes, accept_encoding: bytes | None
) -> Form | None:
    asked = parse_qs(query_string.decode("latin-1")).get("format") if query_string else None
    media_type = choose_form(_text(accept), asked[0] if asked else None)
    encoding = choose_encoding(_text(accept_encoding))
    return None if media_type is None else Form(media_type, encoding)


def _text(value: bytes | None) -> str | None:
    return None if value is None else value.decode("latin-1")
