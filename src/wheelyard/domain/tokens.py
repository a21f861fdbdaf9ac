"""Rules of tokens: what a list of them may be narrowed to, and how long they may live."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from wheelyard.domain.access import Scope
from wheelyard.domain.errors import Problem, invalid
from wheelyard.domain.models.tokens import TokenKind

MAX_TEXT_CHARS = 255
ROTATED_LIFETIME = timedelta(weeks=1)
"""How long the token lives that rotation makes, unless another date is asked for."""


@dataclass(frozen=True, slots=True)
class TokenFilter:
    """What of all tokens is asked for; None and the like ask for nothing in particular.

    user_id, path_key: whose, or of which project or group.
    is_active: neither revoked nor expired at `today`.
    search: a part of the name, in any case.
    Moments and dates are inclusive, as in GitLab; a token without an expiry date, or that was
    never used, is in no list that asks for those.
    """

    kinds: Collection[TokenKind]
    today: date
    user_id: int | None = None
    path_key: str | None = None
    is_revoked: bool | None = None
    is_active: bool | None = None
    search: str | None = None
    created_after: datetime | None = None
    created_before: datetime | None = None
    last_used_after: datetime | None = None
    last_used_before: datetime | None = None
    expires_after: date | None = None
    expires_before: date | None = None


@dataclass(frozen=True, slots=True)
class TokenWish:
    """What somebody wants a new token to be."""

    name: str
    scopes: frozenset[str]
    expires_at: date | None = None
    description: str = ""

    def check(
        self, allowed: frozenset[Scope], today: date, max_lifetime_days: int = 0
    ) -> frozenset[Scope]:
        """Return the scopes as values, or raise Refused (invalid) with everything that is wrong."""
        problems = [*self._text_problems(), *self._scope_problems(allowed)]
        if late := expiry_problem(self.expires_at, today, max_lifetime_days):
            problems.append(late)
        if problems:
            raise invalid(*problems)
        return frozenset(Scope(scope) for scope in self.scopes)

    def _text_problems(self) -> Iterator[Problem]:
        if not 0 < len(self.name.strip()) <= MAX_TEXT_CHARS or not self.name.isprintable():
            message = f"A token needs a name, of up to {MAX_TEXT_CHARS} characters."
            yield Problem("invalid-name", message, "name")
        if len(self.description) > MAX_TEXT_CHARS:
            message = f"A description has up to {MAX_TEXT_CHARS} characters."
            yield Problem("invalid-description", message, "description")

    def _scope_problems(self, allowed: frozenset[Scope]) -> Iterator[Problem]:
        if not self.scopes:
            yield Problem("no-scope", "A token needs at least one scope.", "scopes")
        known = ", ".join(sorted(allowed))
        for scope in sorted(self.scopes - allowed):
            message = f"'{scope[:40]}' is not a scope here. There are: {known}."
            yield Problem("unknown-scope", message, "scopes")


def chosen_expiry(
    wanted: date | None, today: date, max_lifetime_days: int, default: date | None = None
) -> date | None:
    """Return the expiry date of a new token: what is wanted, else `default`, within the limit.

    `max_lifetime_days` 0 is no limit; with one, a token without a date gets the latest possible.
    """
    if wanted is not None or max_lifetime_days == 0:
        return wanted or default
    latest = today + timedelta(days=max_lifetime_days)
    return latest if default is None else min(default, latest)


def expiry_problem(expires_at: date | None, today: date, max_lifetime_days: int) -> Problem | None:
    """Say what is wrong with an expiry date: it is past, or too far away."""
    if expires_at is None:
        return None
    if expires_at <= today:
        return Problem("already-expired", "The expiry date is not in the future.", "expires_at")
    if max_lifetime_days and expires_at > today + timedelta(days=max_lifetime_days):
        message = f"The expiry date must be at most {max_lifetime_days} days from now."
        return Problem("expires-too-late", message, "expires_at")
    return None
