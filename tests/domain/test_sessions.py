"""How long a browser stays signed in, and how exactly its last use is noted."""

from datetime import UTC, datetime, timedelta

import pytest

from wheelyard.domain.models.sessions import Session
from wheelyard.domain.sessions import (
    IDLE_LIMIT,
    LIFETIME,
    NOTED_EVERY,
    is_alive,
    is_use_to_note,
    shown_user_agent,
)
from wheelyard.http.usage import UsageCollector

AT = datetime(2026, 1, 1, tzinfo=UTC)
MOMENT = timedelta(microseconds=1)


def session(last_used_at: datetime = AT) -> Session:
    return Session(1, 2, AT, AT + LIFETIME, last_used_at, "192.0.2.1", "browser")


@pytest.mark.parametrize(
    ("last_used_at", "now", "lives"),
    [
        (AT, AT, True),
        (AT, AT + IDLE_LIMIT - MOMENT, True),
        (AT, AT + IDLE_LIMIT, False),
        (AT + LIFETIME - MOMENT, AT + LIFETIME - MOMENT, True),
        (AT + LIFETIME, AT + LIFETIME, False),
    ],
)
def test_the_end(last_used_at: datetime, now: datetime, *, lives: bool) -> None:
    assert is_alive(session(last_used_at), now) is lives


def test_looking_at_pages_writes_seldom() -> None:
    assert not is_use_to_note(session(), AT + NOTED_EVERY - MOMENT)
    assert is_use_to_note(session(), AT + NOTED_EVERY)


def test_uses_are_collected_with_the_latest_of_each() -> None:
    collector = UsageCollector()
    collector.session_used(1, AT)
    collector.session_used(1, AT + MOMENT)
    batch = collector.take()
    assert batch.sessions_used_at == {1: AT + MOMENT}
    assert not batch.is_empty
    assert collector.take().is_empty
    collector.session_used(2, AT)
    collector.put_back(batch)
    assert collector.take().sessions_used_at == {1: AT + MOMENT, 2: AT}


@pytest.mark.parametrize(
    ("header", "shown"),
    [
        (None, ""),
        ("Mozilla/5.0 (X11)", "Mozilla/5.0 (X11)"),
        ("a\0b\nc", "abc"),
        ("x" * 999, "x" * 255),
    ],
)
def test_what_a_browser_says_it_is(header: str | None, shown: str) -> None:
    assert shown_user_agent(header) == shown
