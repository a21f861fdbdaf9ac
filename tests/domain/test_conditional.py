"""If-None-Match, by RFC 9110, section 13.1.2."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wheelyard.domain.conditional import if_none_match, is_same_entity

ETAG = '"5d41402a-gzip"'


@pytest.mark.parametrize(
    ("header", "matches"),
    [
        (None, False),
        ("", False),
        (ETAG, True),
        (f"  {ETAG}\t", True),
        ("*", True),
        (" * ", True),
        (f"W/{ETAG}", True),  # weak comparison: a proxy that compressed made it weak
        (f'"other", {ETAG}', True),
        (f'"other",{ETAG},"third"', True),
        (f'"with, a comma", W/{ETAG}', True),
        ('"other"', False),
        ("5d41402a-gzip", False),  # a tag has quotes
        ('"5d41402a"', False),
        (f"w/{ETAG}", False),  # section 8.8.3: the W is case-sensitive
        ('"*"', False),
        (f'*, "{ETAG}"', False),
    ],
)
def test_if_none_match(header: str | None, matches: bool) -> None:
    assert if_none_match(header, ETAG) is matches


def test_a_weak_tag_of_ours_matches_weakly() -> None:
    assert if_none_match(ETAG, f"W/{ETAG}")
    assert if_none_match(f"W/{ETAG}", f"W/{ETAG}")


@pytest.mark.parametrize(
    ("tag", "etag", "same"),
    [(ETAG, ETAG, True), (f"W/{ETAG}", ETAG, False), (f"W/{ETAG}", f"W/{ETAG}", False)],
)
def test_strong_comparison(tag: str, etag: str, same: bool) -> None:
    assert is_same_entity(tag, etag) is same


OPAQUE = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E, exclude_characters='"'))
TAGS = st.builds('{}"{}"'.format, st.sampled_from(["", "W/"]), OPAQUE)
OURS = OPAQUE.filter(lambda text: "," not in text).map('"{}"'.format)


@given(st.lists(TAGS, max_size=5), OURS)
def test_a_list_matches_if_one_of_its_tags_does(tags: list[str], ours: str) -> None:
    expected = any(tag.removeprefix("W/") == ours for tag in tags)
    assert if_none_match(", ".join(tags), ours) is expected
