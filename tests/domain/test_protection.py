"""Patterns of package protection, against the standard library's idea of a wildcard."""

import re

from hypothesis import given
from hypothesis import strategies as st

from wheelyard.domain.protection import ProtectionLevel, ProtectionRule, matches


@given(st.text("ab*", max_size=12), st.text("ab", max_size=12))
def test_matches_is_a_wildcard(pattern: str, name: str) -> None:
    expression = ".*".join(re.escape(part) for part in pattern.split("*"))
    assert matches(pattern, name) == (re.fullmatch(expression, name) is not None)


def test_a_hostile_pattern_takes_no_time() -> None:
    """A regular expression would try out more ways than there is time for."""
    assert not matches("*a" * 127 + "b", "a" * 256)


def test_a_rule_covers_every_spelling() -> None:
    rule = ProtectionRule(1, 1, "My_*", "pypi", ProtectionLevel.OWNER, None)
    assert all(rule.covers(name) for name in ("my-x", "MY.X", "my__x", "My_"))
    assert not any(rule.covers(name) for name in ("my", "amy-x", "myx"))
