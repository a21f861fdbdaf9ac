"""Content negotiation: the Simple Repository API's rules, and what the real clients send."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wheelyard.domain.negotiate import Encoding, Form, MediaType, choose_encoding, choose_form
from wheelyard.domain.weights import read_weights

V1_JSON = "application/vnd.pypi.simple.v1+json"
V1_HTML = "application/vnd.pypi.simple.v1+html"
JSON, HTML, TEXT = MediaType.JSON_V1, MediaType.HTML_V1, MediaType.TEXT_HTML

CLIENTS = {
    "pip": (f"{V1_JSON}, {V1_HTML}; q=0.1, text/html; q=0.01", JSON),
    "uv": (f"{V1_JSON}, {V1_HTML};q=0.2, text/html;q=0.01", JSON),
    "poetry": (f"{V1_JSON}, */*;q=0.1", JSON),
    "bandersnatch": (V1_JSON, JSON),
    "mousebender": (f"{V1_JSON}, {V1_HTML};q=0.02, text/html;q=0.01", JSON),
    "hatch and curl": ("*/*", TEXT),
    "Dependabot's second request": ("text/html", TEXT),
    "Dependabot's first request": ("application/json", None),
    "Renovate's second request": (None, TEXT),
    "a browser": ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", TEXT),
    "Java": ("text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2", TEXT),
}


@pytest.mark.parametrize("client", CLIENTS)
def test_each_client_gets_the_form_it_reads(client: str) -> None:
    accept, expected = CLIENTS[client]
    assert choose_form(accept) is expected


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        # PEP 691: no Accept is */*; an empty one names nothing either
        ("", TEXT),
        (" ", TEXT),
        (" , ;q=0,, ", TEXT),
        ("text/*", TEXT),
        # PEP 691: the order in the header means nothing
        (f"text/html, {V1_JSON}", JSON),
        (f"text/html, {V1_HTML}", HTML),
        (f"text/html;q=0.3, {V1_HTML};q=0.2", TEXT),
        # the answer carries the type that was asked for
        (V1_HTML, HTML),
        (f"{V1_HTML}, */*", HTML),
        ("text/html; charset=utf-8", TEXT),
        # PEP 691: latest is an alias in requests, answered with the real version
        ("application/vnd.pypi.simple.latest+json", JSON),
        ("application/vnd.pypi.simple.latest+html", HTML),
        (f"application/vnd.pypi.simple.latest+json;q=0.9, {V1_HTML};q=0.5", JSON),
        # RFC 9110, section 12.4.2: q
        (f"{V1_JSON};q=0.5, text/html;q=0.5", JSON),
        (f"{V1_JSON};q=0.5, text/html;q=0.501", TEXT),
        (f"{V1_JSON};q=0.9, */*", TEXT),
        (f"{V1_JSON} ;\tQ=0.1 , text/html ; q=0.05", JSON),
        (V1_JSON.upper(), JSON),
        # q=0 excludes, by name and by family
        (f"{V1_JSON};q=0", None),
        (f"{V1_JSON};q=0.000, text/html;q=0.1", TEXT),
        (f"{V1_JSON};q=0, */*", TEXT),
        ("text/html;q=0, */*", HTML),
        ("text/*;q=0, */*", HTML),
        (f"text/html;q=0, {V1_HTML};q=0, */*;q=0.1", JSON),
        ("*/*;q=0", None),
        (f"*/*;q=0, {V1_HTML};q=0.1", HTML),
        (f"{V1_JSON};q=0, {V1_JSON}", None),
        (f"{V1_JSON};q=0, application/vnd.pypi.simple.latest+json", None),
        # application/* names both our application types, and text/html is neither
        ("application/*", JSON),
        ("application/*, text/html", JSON),
        ("application/*;q=0.5, text/html", TEXT),
        (f"application/*, {V1_JSON};q=0", HTML),
        ("application/*, */*", JSON),
        # a q that cannot be read counts as not given; beyond the limits, as the limit
        (f"{V1_JSON};q=high", JSON),
        (f"{V1_JSON};q=nan, text/html;q=0.9", JSON),
        (f"{V1_JSON};q=, text/html", JSON),
        (f"{V1_JSON};q=7, text/html", JSON),
        (f"{V1_JSON};q=-1", None),
        (f"{V1_JSON};q=0.{'3' * 5000}, text/html;q=0.4", TEXT),
        # only types that we do not have
        ("application/json", None),
        ("application/vnd.pypi.simple.v2+json", None),
        ("image/png, application/xml;q=0.9", None),
        ("html", None),
    ],
)
def test_content_type_follows_accept(accept: str, expected: MediaType | None) -> None:
    assert choose_form(accept) is expected


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (V1_JSON, JSON),
        ("application/vnd.pypi.simple.v1 json", JSON),  # `+` decoded as a form does
        ("application/vnd.pypi.simple.latest html", HTML),
        ("Text/HTML", TEXT),
        ("*/*", None),  # PEP 691: no wildcards and no q here
        ("text/html;q=1", None),
        ("json", None),
        ("", None),
    ],
)
@pytest.mark.parametrize("accept", [None, V1_JSON, "text/html", "image/png"])
def test_format_in_the_query_beats_accept(
    query: str, expected: MediaType | None, accept: str | None
) -> None:
    assert choose_form(accept, query) is expected


def test_media_types_say_what_they_carry() -> None:
    assert [kind.form for kind in (JSON, HTML, TEXT)] == [Form.JSON, Form.HTML, Form.HTML]
    assert TEXT == "text/html; charset=utf-8"


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (None, "identity"),
        ("", "identity"),
        ("gzip, deflate", "gzip"),  # pip
        ("gzip, deflate, zstd", "zstd"),  # uv and poetry
        ("gzip, deflate, br", "gzip"),
        ("identity", "identity"),  # pip, for files
        ("br", "identity"),
        ("x-gzip", "gzip"),
        ("GZip;Q=0.1", "gzip"),
        ("zstd;q=0.5, gzip;q=0.5", "zstd"),
        ("zstd;q=0.5, gzip;q=0.6", "gzip"),
        ("zstd;q=0, gzip", "gzip"),
        ("gzip;q=0", "identity"),
        ("gzip;q=0.5, identity", "identity"),
        ("gzip, identity", "gzip"),
        ("*", "gzip"),
        ("*, gzip;q=0", "identity"),
        ("*;q=0", "identity"),
        ("identity;q=0", "identity"),
        ("identity;q=0, *", "gzip"),
        ("*;q=0.1, zstd;q=0.2", "zstd"),
    ],
)
def test_content_coding_follows_accept_encoding(header: str | None, expected: str) -> None:
    assert choose_encoding(header) is Encoding(expected)


KNOWN = [
    V1_JSON,
    V1_HTML,
    "application/vnd.pypi.simple.latest+json",
    "text/html",
    "application/*",
    "text/*",
    "*/*",
    "application/json",
]
QUALITIES = st.integers(0, 1000).map(lambda thousandths: f"{thousandths / 1000:.3f}")
ELEMENTS = st.tuples(st.sampled_from(KNOWN), QUALITIES)


def _header(elements: list[tuple[str, str]]) -> str:
    return ", ".join(f"{name};q={q}" for name, q in elements)


@given(st.data(), st.lists(ELEMENTS, min_size=1, max_size=6))
def test_order_means_nothing(data: st.DataObject, elements: list[tuple[str, str]]) -> None:
    shuffled = data.draw(st.permutations(elements))
    assert choose_form(_header(elements)) is choose_form(_header(shuffled))


@given(st.lists(ELEMENTS, min_size=1, max_size=6, unique_by=lambda element: element[0]))
def test_what_is_chosen_was_accepted_and_nothing_else_was_wanted_more(
    elements: list[tuple[str, str]],
) -> None:
    wanted = {name: float(q) for name, q in elements}

    def quality(kind: MediaType) -> float:
        names = {
            JSON: [V1_JSON, "application/vnd.pypi.simple.latest+json"],
            HTML: [V1_HTML],
            TEXT: ["text/html"],
        }[kind]
        family = "text/*" if kind is TEXT else "application/*"
        spoken = [wanted[name] for name in names if name in wanted]
        if spoken:
            return 0 if 0 in spoken else max(spoken)
        return wanted.get(family, wanted.get("*/*", 0))

    chosen = choose_form(_header(elements))
    best = max(quality(kind) for kind in MediaType)
    assert quality(chosen) == best > 0 if chosen else best == 0


@given(st.text())
def test_any_text_is_answered(header: str) -> None:
    assert choose_form(header) in {*MediaType, None}
    assert choose_form(None, header) in {*MediaType, None}
    assert choose_encoding(header) in set(Encoding)
    assert all(0 <= weight <= 1 for weight in read_weights(header).values())


@pytest.mark.parametrize(
    ("header", "weights"),
    [
        ("a, b;q=0.5", {"a": 1.0, "b": 0.5}),
        ("A ; x=1 ; Q = 0.25", {"a": 0.25}),
        ("a;q=-1, b;q=7, c;q=-inf, d;q=inf", {"a": 0.0, "b": 1.0, "c": 0.0, "d": 1.0}),
        ("a;q=nan, b;q=, c;q, d;q=x", {"a": 1.0, "b": 1.0, "c": 1.0, "d": 1.0}),
        ("a;q=0.2, a;q=0.3, b;q=0.3, b;q=0", {"a": 0.3, "b": 0.0}),
        ('a;x="b,c";q=0.5', {"a": 1.0, 'c"': 0.5}),
    ],
)
def test_quality_values(header: str, weights: dict[str, float]) -> None:
    assert read_weights(header) == weights


def test_a_header_of_many_names_is_read_up_to_a_bound() -> None:
    header = ",".join(f"type/{number}" for number in range(100_000))
    assert read_weights(header) == {f"type/{number}": 1.0 for number in range(100)}


@pytest.mark.parametrize("piece", [";", ";q=9", "text/html;", "9", " ", ","])
def test_a_header_of_any_length_is_answered(piece: str) -> None:
    assert choose_form("text/html;q=0.1" + piece * 1_000_000) is TEXT
