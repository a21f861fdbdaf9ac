"""Tokens: create and revoke. A secret leaves here once; the database has its digest only.

Rotation is in `wheelyard.actions.rotation`, tokens with a bot in `wheelyard.actions.access_tokens`.
"""

import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from wheelyard.actions.auditing import Entity, record_event
from wheelyard.actions.places import require_group_or_project
from wheelyard.actions.users import require_user
from wheelyard.domain.access import DEPLOY_SCOPES, PERSONAL_SCOPES, Scope
from wheelyard.domain.errors import Problem, invalid, not_found
from wheelyard.domain.models.callers import Caller
from wheelyard.domain.models.tokens import Token, TokenKind
from wheelyard.domain.tokens import MAX_TEXT_CHARS, TokenWish, chosen_expiry
from wheelyard.ports.database import Database, Transaction

PERSONAL_PREFIX = "glpat-"
DEPLOY_PREFIX = "gldt-"
SECRET_BYTES = 32


@dataclass(frozen=True, slots=True)
class NewToken:
    """A token and its secret, which is shown to its owner now and never again."""

    token: Token
    secret: str

    def __repr__(self) -> str:
        """Leave the secret out: a value that is printed by accident must not tell it."""
        return f"NewToken({self.token!r})"


def digest(secret: str) -> str:
    """Return what the database knows a secret by: its SHA-256, in hex.

    A fast hash is right for 256-bit random secrets: there is nothing to guess.
    """
    return hashlib.sha256(secret.encode("utf-8", "surrogateescape")).hexdigest()


async def create_personal_token(
    db: Database,
    by: Caller,
    *,
    username: str,
    name: str,
    scopes: Iterable[str],
    expires_at: date | None = None,
    description: str = "",
    allowed: frozenset[Scope] = PERSONAL_SCOPES,
) -> NewToken:
    """Make a personal access token of user `username`, with some of the `allowed` scopes.

    Raises Refused: invalid (name, scopes, expiry), not found.
    """
    secret = new_secret(PERSONAL_PREFIX)
    async with db.write() as tx:
        max_days = (await tx.settings.load()).max_personal_access_token_lifetime
        expires_at = chosen_expiry(expires_at, by.at.date(), max_days)
        wish = TokenWish(name, frozenset(scopes), expires_at, description)
        checked = wish.check(allowed, by.at.date(), max_days)
        user = await require_user(tx, username)
        token = await tx.tokens.create(
            kind=TokenKind.PERSONAL,
            name=name,
            secret_sha256=digest(secret),
            scopes=checked,
            user=user,
            target=None,
            username=None,
            expires_at=expires_at,
            at=by.at,
            description=description,
        )
        await record_event(tx, by, "token_created", user, **described(token))
    return NewToken(token, secret)


async def create_deploy_token(
    db: Database,
    by: Caller,
    *,
    full_path: str,
    name: str,
    scopes: Iterable[str],
    username: str | None = None,
    expires_at: date | None = None,
) -> NewToken:
    """Make a deploy token of the group or project at `full_path`.

    Raises Refused: invalid (name, scopes, expiry), not found.
    """
    wish = TokenWish(name, frozenset(scopes), expires_at)
    checked = wish.check(DEPLOY_SCOPES, by.at.date())
    if username is not None and not 0 < len(username) <= MAX_TEXT_CHARS:
        raise invalid(
            Problem("invalid-username", "The user name is too long or empty.", "username")
        )
    secret = new_secret(DEPLOY_PREFIX)
    async with db.write() as tx:
        target = await require_group_or_project(tx, full_path)
        token = await tx.tokens.create(
            kind=TokenKind.DEPLOY,
            name=name,
            secret_sha256=digest(secret),
            scopes=checked,
            user=None,
            target=target,
            username=username,
            expires_at=expires_at,
            at=by.at,
        )
        await record_event(tx, by, "deploy_token_created", target, **described(token))
    return NewToken(token, secret)


async def revoke_token(db: Database, by: Caller, token_id: int) -> None:
    """End a token now, and the role of its bot if it has one. Raises Refused (not found)."""
    async with db.write() as tx:
        token = await tx.tokens.get(token_id)
        if token is None:
            raise not_found("404 Token")
        if token.revoked_at is not None:
            return
        await tx.tokens.revoke(token_id, by.at)
        await set_end_of_role(tx, token, by.at.date(), by)
        await record_event(tx, by, "token_revoked", await whose(tx, token), **described(token))


async def set_end_of_role(
    tx: Transaction, token: Token, expires_at: date | None, by: Caller
) -> None:
    """Let the role of an access token's bot end with it; other tokens have none."""
    if token.kind is not TokenKind.ACCESS or token.user_id is None or token.path_key is None:
        return
    target = await require_group_or_project(tx, token.path_key)
    bot = await tx.users.get(token.user_id)
    member = None if bot is None else await tx.members.get(target, bot)
    if bot is not None and member is not None:
        await tx.members.set_role(target, bot, level=member.level, expires_at=expires_at, at=by.at)


async def whose(tx: Transaction, token: Token) -> Entity:
    """Return the user, project or group that a token belongs to, for the record."""
    if token.path_key is not None:
        return await require_group_or_project(tx, token.path_key)
    return (None if token.user_id is None else await tx.users.get(token.user_id)) or ""


def described(token: Token) -> dict[str, object]:
    """Return what the record says about a token."""
    return {
        "token": token.name,
        "of_token_id": token.id,
        "scopes": sorted(token.scopes),
        "expires_at": None if token.expires_at is None else token.expires_at.isoformat(),
    }


def new_secret(prefix: str) -> str:
    """Make a secret: 256 random bits after a prefix that scanners of leaks know."""
    return prefix + secrets.token_urlsafe(SECRET_BYTES)
