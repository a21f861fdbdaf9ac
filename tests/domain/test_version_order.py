"""The texts by which versions are sorted, held against `packaging`'s order of versions."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.version import Version

from wheelyard.domain.version_order import version_key

NUMBERS = st.one_of(st.integers(0, 3), st.integers(0, 10**30))
WORDS = st.text("ab0z19", min_size=1, max_size=4)


@st.composite
def versions(draw: st.DrawFn) -> str:
    text = f"{draw(NUMBERS)}!" if draw(st.booleans()) else ""
    text += ".".join(map(str, draw(st.lists(NUMBERS, min_size=1, max_size=4))))
    if draw(st.booleans()):
        text += draw(st.sampled_from(["a", "b", "rc"])) + str(draw(NUMBERS))
    if draw(st.booleans()):
        text += f".post{draw(NUMBERS)}"
    if draw(st.booleans()):
        text += f".dev{draw(NUMBERS)}"
    if draw(st.booleans()):
        text += "+" + ".".join(draw(st.lists(WORDS, min_size=1, max_size=3)))
    return text


@given(versions(), versions())
def test_texts_sort_as_versions_do(left: str, right: str) -> None:
    first, second = Version(left), Version(right)
    assert (version_key(left) < version_key(right)) == (first < second)
    assert (version_key(left) == version_key(right)) == (first == second)


def test_the_example_of_the_standard() -> None:
    """PEP 440, "Summary of permitted suffixes and relative ordering"."""
    listed = (
        "1.dev0 1.0.dev456 1.0a1 1.0a2.dev456 1.0a12.dev456 1.0a12 1.0b1.dev456 1.0b2 "
        "1.0b2.post345.dev456 1.0b2.post345 1.0rc1.dev456 1.0rc1 1.0 1.0+abc.5 1.0+abc.7 1.0+5 "
        "1.0.post456.dev34 1.0.post456 1.0.15 1.1.dev1 1!0.1"
    )
    keys = [version_key(version) for version in listed.split()]
    assert all(left < right for left, right in pairwise(keys))


@pytest.mark.parametrize("version", ["", "x", "1.0-", "9" * 300])
def test_what_is_no_version_comes_first(version: str) -> None:
    assert version_key(version) < version_key("0.dev0")
    assert version_key("other") != version_key(version)
