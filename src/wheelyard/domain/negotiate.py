"""Which form of a simple API answer a client gets: content type and content coding.

Follows the "Version + Format Selection" of the Simple Repository API (PEP 691) and proactive
negotiation of RFC 9110, section 12. Both choices are functions of a header's text alone, so
callers cache them by it. What a 406 looks like, and `Vary`, are left to the HTTP layer.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import TypeVar

from wheelyard.domain.weights import read_weights, stronger

_T = TypeVar("_T")


class Form(StrEnum):
    """The two documents a page or list can be rendered as."""

    JSON = "json"
    HTML = "html"


class MediaType(StrEnum):
    """The content types of the simple API, as they stand in `Content-Type`."""

    JSON_V1 = "application/vnd.pypi.simple.v1+json"
    HTML_V1 = "application/vnd.pypi.simple.v1+html"
    TEXT_HTML = "text/html; charset=utf-8"

    @property
    def form(self) -> Form:
        """The document that this type carries."""
        return Form.JSON if self is MediaType.JSON_V1 else Form.HTML


class Encoding(StrEnum):
    """The content codings of pages and lists, as they stand in `Content-Encoding`."""

    IDENTITY = "identity"
    GZIP = "gzip"
    ZSTD = "zstd"


# `latest` is an alias in requests only: the answer carries the version that it stands for.
# Plain `application/json` is not here: what we serve is not labelled so, and Dependabot, which
# asks for it first, goes on to ask for `text/html`.
_TYPES = {
    "application/vnd.pypi.simple.v1+json": MediaType.JSON_V1,
    "application/vnd.pypi.simple.latest+json": MediaType.JSON_V1,
    "application/vnd.pypi.simple.v1+html": MediaType.HTML_V1,
    "application/vnd.pypi.simple.latest+html": MediaType.HTML_V1,
    "text/html": MediaType.TEXT_HTML,
}
_FAMILIES = {
    MediaType.JSON_V1: "application/*",
    MediaType.HTML_V1: "application/*",
    MediaType.TEXT_HTML: "text/*",
}
# Of types that a client named and wants equally, the richest is best. What only `*/*` covers is
# best served as plain HTML: old tools, flat readers and curl send it and read HTML only.
_RANK_WHEN_NAMED = {MediaType.JSON_V1: 3, MediaType.HTML_V1: 2, MediaType.TEXT_HTML: 1}
_RANK_OTHERWISE = {MediaType.TEXT_HTML: 3, MediaType.HTML_V1: 2, MediaType.JSON_V1: 1}

_CODINGS = {
    "identity": Encoding.IDENTITY,
    "gzip": Encoding.GZIP,
    "x-gzip": Encoding.GZIP,  # RFC 9110, section 8.4.1.3: to be treated as gzip
    "zstd": Encoding.ZSTD,
}


def choose_form(accept: str | None, format_query: str | None = None) -> MediaType | None:
    """Return the content type to answer with, or None when no acceptable one exists (406).

    `accept` is the `Accept` header (None: not sent), `format_query` the decoded value of
    `?format=` (None: not given), which names one content type and beats the header.

    JSON goes to clients that name it and want it at least as much as HTML. `*/*`, `text/*`, an
    empty or a missing header get `text/html`. q=0 excludes a type.
    """
    if format_query is not None:
        # Form decoding makes a space of a `+` that the client did not percent-encode.
        return _TYPES.get(format_query.strip().replace(" ", "+").lower())
    weights = read_weights(accept or "")
    if not weights:
        return MediaType.TEXT_HTML
    named = _named_types(weights)
    otherwise = weights.get("*/*", 0.0)

    def rank(kind: MediaType) -> tuple[float, bool, int]:
        if kind in named:
            return named[kind], True, _RANK_WHEN_NAMED[kind]
        return otherwise, False, _RANK_OTHERWISE[kind]

    best = max(MediaType, key=rank)
    return best if rank(best)[0] > 0 else None


def choose_encoding(accept_encoding: str | None) -> Encoding:
    """Return the content coding to answer with; `accept_encoding` None means not sent.

    The coding with the highest q wins, of equal ones zstd before gzip before none. `*` stands for
    gzip, which every client can read, and not for zstd. Identity needs no mention to be
    acceptable, and is the answer, too, where everything is refused (RFC 9110, section 12.5.3).
    """
    weights = read_weights(accept_encoding or "")
    named = _combine(weights, _CODINGS)
    otherwise = weights.get("*", 0.0)
    wanted = {
        Encoding.ZSTD: named.get(Encoding.ZSTD, 0.0),
        Encoding.GZIP: named.get(Encoding.GZIP, otherwise),
        Encoding.IDENTITY: named.get(Encoding.IDENTITY, otherwise),
    }
    best = max(wanted, key=wanted.__getitem__)  # the first of equals
    return best if wanted[best] > 0 else Encoding.IDENTITY


def _named_types(weights: Mapping[str, float]) -> dict[MediaType, float]:
    """Map each type the client spoke of to its q; its name overrides its `application/*`."""
    families = {kind: weights[family] for kind, family in _FAMILIES.items() if family in weights}
    return families | _combine(weights, _TYPES)


def _combine(weights: Mapping[str, float], meanings: Mapping[str, _T]) -> dict[_T, float]:
    """Map what the names mean to q; of two names for one thing a refusal counts, then the most."""
    combined: dict[_T, float] = {}
    for name, meaning in meanings.items():
        if name in weights:
            combined[meaning] = stronger(weights[name], combined.get(meaning))
    return combined
