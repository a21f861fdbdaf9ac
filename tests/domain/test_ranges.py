"""Byte ranges and If-Range, by RFC 9110, section 14, and as installers use them."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from wheelyard.domain.ranges import Answer, FullBody, PartialBody, Unsatisfiable, parse_range

ETAG = '"5d41402abc4b2a76b9719d911017c592"'
DATE = "Sun, 06 Nov 1994 08:49:37 GMT"
FULL, OUTSIDE = FullBody(), Unsatisfiable()


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (None, FULL),
        # section 14.1.2: first and last position, both inclusive
        ("bytes=0-0", PartialBody(0, 1)),
        ("bytes=10-19", PartialBody(10, 20)),
        ("bytes=99-99", PartialBody(99, 100)),
        ("bytes=0-99", PartialBody(0, 100)),
        ("bytes=90-1000", PartialBody(90, 100)),
        # the rest, as pip resumes a download
        ("bytes=40-", PartialBody(40, 100)),
        ("bytes=0-", PartialBody(0, 100)),
        # the tail, as poetry reads a wheel's directory
        ("bytes=-10", PartialBody(90, 100)),
        ("bytes=-100", PartialBody(0, 100)),
        ("bytes=-10000", PartialBody(0, 100)),
        # section 15.5.17: outside of the file
        ("bytes=100-", OUTSIDE),
        ("bytes=100-200", OUTSIDE),
        ("bytes=-0", OUTSIDE),
        ("bytes=-000", OUTSIDE),
        # numbers of any length
        ("bytes=007-8", PartialBody(7, 9)),
        (f"bytes=0-{'9' * 100_000}", PartialBody(0, 100)),
        (f"bytes={'9' * 100_000}-", OUTSIDE),
        (f"bytes=-{'9' * 100_000}", PartialBody(0, 100)),
        (f"bytes={'0' * 100_000}5-5", PartialBody(5, 6)),
        # section 14.1: names of units are case-insensitive; optional white space
        ("Bytes=1-2", PartialBody(1, 3)),
        (" bytes = 1-2 ", PartialBody(1, 3)),
        # section 14.2: what is invalid, or not understood, is ignored
        ("bytes=5-4", FULL),
        ("bytes=0-1,5-6", FULL),
        ("bytes=0-1,", FULL),
        ("items=0-1", FULL),
        ("bytes", FULL),
        ("bytes=", FULL),
        ("bytes=-", FULL),
        ("bytes=5", FULL),
        ("bytes=a-b", FULL),
        ("bytes=1-b", FULL),
        ("bytes=--5", FULL),
        ("bytes=+1-5", FULL),
        ("bytes=1_0-20", FULL),
        ("bytes=0x1-5", FULL),
        ("bytes=\u0661-\u0662", FULL),
        ("bytes=\xb2-", FULL),
        ("", FULL),
    ],
)
def test_range_of_a_hundred_bytes(header: str | None, expected: Answer) -> None:
    assert parse_range(header, 100, etag=ETAG) == expected


@pytest.mark.parametrize(
    ("header", "expected"),
    [("bytes=0-", OUTSIDE), ("bytes=0-0", OUTSIDE), ("bytes=-1", FULL), ("bytes=-0", OUTSIDE)],
)
def test_range_of_an_empty_file(header: str, expected: Answer) -> None:
    assert parse_range(header, 0, etag=ETAG) == expected


@pytest.mark.parametrize(
    ("if_range", "resumes"),
    [
        (None, True),
        (ETAG, True),
        (f" {ETAG} ", True),
        ('"another"', False),
        (f"W/{ETAG}", False),  # section 13.1.5: a weak tag never matches
        (ETAG.strip('"'), False),
        ("", False),
        ("*", False),
        (DATE, True),
        ("Sun, 06 Nov 1994 08:49:38 GMT", False),  # an exact match, earlier or later is none
        ("Sun, 06 Nov 1994 08:49:36 GMT", False),
    ],
)
def test_a_download_resumes_only_on_the_same_file(if_range: str | None, resumes: bool) -> None:
    answer = parse_range("bytes=40-", 100, if_range=if_range, etag=ETAG, last_modified=DATE)
    assert answer == (PartialBody(40, 100) if resumes else FULL)


def test_a_date_is_no_validator_where_none_is_sent() -> None:
    assert parse_range("bytes=40-", 100, if_range=DATE, etag=ETAG) == FULL


def test_a_weak_etag_of_ours_resumes_nothing() -> None:
    weak = f"W/{ETAG}"
    assert parse_range("bytes=40-", 100, if_range=weak, etag=weak) == FULL


def test_a_changed_file_is_sent_whole_even_if_the_range_is_outside() -> None:
    assert parse_range("bytes=200-", 100, if_range='"old"', etag=ETAG) == FULL


def test_content_range() -> None:
    assert PartialBody(10, 20).content_range(100) == "bytes 10-19/100"
    assert OUTSIDE.content_range(100) == "bytes */100"


SIZES = st.integers(0, 2**63 - 1)


@given(SIZES, SIZES, SIZES)
def test_what_is_sent_is_what_was_asked_for_as_far_as_it_exists(a: int, b: int, size: int) -> None:
    first, last = sorted((a, b))
    answer = parse_range(f"bytes={first}-{last}", size, etag=ETAG)
    if first >= size:
        assert isinstance(answer, Unsatisfiable)
    else:
        assert answer == PartialBody(first, min(last, size - 1) + 1)


@given(st.integers(1, 10**30), SIZES)
def test_a_suffix_is_the_end_of_the_file(length: int, size: int) -> None:
    assume(size > 0)
    answer = parse_range(f"bytes=-{length}", size, etag=ETAG)
    assert answer == PartialBody(size - min(length, size), size)


@given(
    st.text() | st.from_regex(r"bytes=[0-9 ,-]*", fullmatch=True),
    SIZES,
    st.none() | st.text(),
)
def test_any_header_gets_bytes_of_the_file(header: str, size: int, if_range: str | None) -> None:
    answer = parse_range(header, size, if_range=if_range, etag=ETAG)
    if isinstance(answer, PartialBody):
        assert 0 <= answer.start < answer.end_exclusive <= size
