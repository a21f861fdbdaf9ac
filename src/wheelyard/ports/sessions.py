"""Sessions of browsers, as the rules need them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from wheelyard.domain.models.sessions import Session
from wheelyard.domain.models.users import User


class Sessions(Protocol):
    """Who is signed in with which browser, looked up by the digest of the cookie's secret."""

    async def create(
        self,
        *,
        user: User,
        secret_sha256: str,
        expires_at: datetime,
        at: datetime,
        address: str,
        user_agent: str,
    ) -> Session:
        """Add a session, which is used for the first time now."""

    async def by_secret(self, secret_sha256: str) -> Session | None:
        """Return the session whose secret has this digest, be it alive or not."""

    async def of_user(self, user_id: int) -> Sequence[Session]:
        """Return a user's sessions, the newest first."""

    async def delete(self, session_id: int) -> None:
        """End a session; it is no error when there is none."""

    async def delete_of_user(self, user_id: int) -> int:
        """End all sessions of a user, and return how many there were."""

    async def purge(self, expired_before: datetime, unused_since: datetime) -> int:
        """Remove those that expired before, or were last used before, and return how many."""
