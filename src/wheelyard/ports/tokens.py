"""Credentials, as the rules need them."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Protocol

from wheelyard.domain.access import Level, Scope
from wheelyard.domain.listing import Listing, Window
from wheelyard.domain.models.places import Namespace, Project
from wheelyard.domain.models.tokens import Token, TokenKind
from wheelyard.domain.models.users import User
from wheelyard.domain.tokens import TokenFilter


class Tokens(Protocol):
    """Credentials, looked up by the digest of their secret."""

    async def create(
        self,
        *,
        kind: TokenKind,
        name: str,
        secret_sha256: str,
        scopes: frozenset[Scope],
        user: User | None,
        target: Namespace | Project | None,
        username: str | None,
        expires_at: date | None,
        at: datetime,
        description: str = "",
    ) -> Token:
        """Add a token. A deploy token without a `username` gets `gitlab+deploy-token-<id>`."""

    async def replace(
        self, token: Token, *, secret_sha256: str, expires_at: date | None, at: datetime
    ) -> Token:
        """Revoke a token and add its successor, of the same family: alike but for its expiry."""

    async def by_secret(self, secret_sha256: str) -> Token | None:
        """Return the token whose secret has this digest, be it active or not."""

    async def get(self, token_id: int) -> Token | None:
        """Return the token with this id."""

    async def list(self, wanted: TokenFilter, window: Window) -> Listing[Token]:
        """Return the tokens that are wanted, in the order they were made unless told.

        Orders: id, name, created, expires, last_used.
        """

    async def access_levels(self, target: Namespace | Project) -> Mapping[int, Level]:
        """Return the role of each bot user right here, also where it has ended, by user id."""

    async def revoke(self, token_id: int, at: datetime) -> None:
        """End the token now; an earlier end stays."""

    async def revoke_family(self, token: Token, at: datetime) -> Sequence[Token]:
        """End every token that descends from the same one as `token`; return those ended now."""
