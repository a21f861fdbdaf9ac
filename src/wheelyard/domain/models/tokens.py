"""Credentials that machines hold."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from wheelyard.domain.access import Scope


class TokenKind(StrEnum):
    """What a token stands for."""

    PERSONAL = "personal"
    ACCESS = "access"  # of a project or group, by way of a bot user with a role there
    DEPLOY = "deploy"


@dataclass(frozen=True, slots=True)
class Token:
    """A credential, without its secret (which is stored as a digest and shown once).

    A personal token stands for `user_id`; so does an access token, whose user is a bot. A deploy
    token has a `username` of its own. Deploy and access tokens belong to the project or group at
    `path_key`. Tokens that replaced one another by rotation share a `family_id`.
    """

    id: int
    kind: TokenKind
    name: str
    scopes: frozenset[Scope]
    user_id: int | None
    username: str | None
    path_key: str | None
    created_at: datetime
    expires_at: date | None
    revoked_at: datetime | None
    last_used_at: datetime | None = None
    description: str = ""
    family_id: int | None = None

    def is_active(self, now: datetime) -> bool:
        """Tell whether the token works now; it ends at 00:00 UTC of its expiry date."""
        return self.revoked_at is None and (self.expires_at is None or now.date() < self.expires_at)
