"""When tokens end that pages make: what the form proposes, and how long a successor lives."""

from datetime import date, timedelta

from wheelyard.domain.models.tokens import Token
from wheelyard.http.web.view import View

_LIFETIME = timedelta(days=30)


def first_expiry(view: View) -> date:
    """Return the date that the form begins with: in a month, or as late as tokens may end."""
    days = view.instance.max_personal_access_token_lifetime
    return view.today + (min(_LIFETIME, timedelta(days=days)) if days else _LIFETIME)


def successors_expiry(view: View, token: Token) -> date:
    """Let the successor live as long as the token was meant to, but no longer than is allowed."""
    meant = _LIFETIME if token.expires_at is None else token.expires_at - token.created_at.date()
    days = view.instance.max_personal_access_token_lifetime
    longest = timedelta(days=days) if days else meant
    return view.today + max(min(meant, longest), timedelta(days=1))
