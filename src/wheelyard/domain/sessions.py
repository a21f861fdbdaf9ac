"""How long somebody stays signed in with a browser."""

from datetime import datetime, timedelta

from wheelyard.domain.models.sessions import Session

IDLE_LIMIT = timedelta(days=7)
"""A session that nobody uses ends after this time: GitLab's default."""

LIFETIME = timedelta(days=90)
"""Every session ends after this time."""

NOTED_EVERY = timedelta(minutes=5)
"""How exact the last use is: looking at pages does not write to the database each time."""

MAX_USER_AGENT_CHARS = 255


def is_alive(session: Session, now: datetime) -> bool:
    """Tell whether a session still counts."""
    return now < session.expires_at and now < session.last_used_at + IDLE_LIMIT


def is_use_to_note(session: Session, now: datetime) -> bool:
    """Tell whether the last use that is written down is so old that this one should be too."""
    return now >= session.last_used_at + NOTED_EVERY


def shown_user_agent(header: str | None) -> str:
    """Return what a browser says it is, as it may be stored and shown."""
    return "".join(filter(str.isprintable, header or ""))[:MAX_USER_AGENT_CHARS]
