"""Rotation: a token is replaced by a new one, and an old one that comes back betrays a theft."""

from datetime import date

from wheelyard.actions.auditing import record_event
from wheelyard.actions.places import require_group_or_project
from wheelyard.actions.tokens import (
    DEPLOY_PREFIX,
    PERSONAL_PREFIX,
    NewToken,
    described,
    digest,
    new_secret,
    set_end_of_role,
    whose,
)
from wheelyard.domain.access import Level
from wheelyard.domain.errors import Problem, invalid, not_found
from wheelyard.domain.models.callers import Caller
from wheelyard.domain.models.tokens import Token, TokenKind
from wheelyard.domain.tokens import ROTATED_LIFETIME, chosen_expiry, expiry_problem
from wheelyard.ports.database import Database, Transaction


async def rotate_token(
    db: Database, by: Caller, token_id: int, *, expires_at: date | None = None
) -> NewToken:
    """Revoke a token and return its successor, which expires in a week unless told.

    Raises Refused: not found, invalid (it has ended, the expiry date, or its role is over the
    caller's own: whoever rotates a token has its secret). To name a token that was replaced already
    betrays no theft, only a page that was loaded again: its secret does, see `report_reuse`.
    """
    async with db.write() as tx:
        token = await tx.tokens.get(token_id)
        if token is None:
            raise not_found("404 Token")
        if token.revoked_at is not None:
            raise invalid(Problem("token-revoked", "The token is revoked already."))
        return await _replace(tx, by, token, expires_at)


async def report_reuse(db: Database, by: Caller, secret: str) -> None:
    """End the family of a replaced token, when somebody tries to rotate with its secret.

    One of the two who hold it has stolen it, and nobody knows which one.
    """
    async with db.write() as tx:
        token = await tx.tokens.by_secret(digest(secret))
        if token is not None and token.revoked_at is not None:
            await _end_family(tx, by, token)


async def _replace(tx: Transaction, by: Caller, token: Token, expires_at: date | None) -> NewToken:
    today = by.at.date()
    max_days = (await tx.settings.load()).max_personal_access_token_lifetime
    chosen = chosen_expiry(expires_at, today, max_days, today + ROTATED_LIFETIME)
    if not token.is_active(by.at):
        raise invalid(Problem("token-expired", "The token is expired."))
    if problem := expiry_problem(chosen, today, max_days):
        raise invalid(problem)
    await _check_role(tx, by, token)
    secret = new_secret(DEPLOY_PREFIX if token.kind is TokenKind.DEPLOY else PERSONAL_PREFIX)
    after = await tx.tokens.replace(
        token, secret_sha256=digest(secret), expires_at=chosen, at=by.at
    )
    await set_end_of_role(tx, after, after.expires_at, by)
    await record_event(
        tx, by, "token_rotated", await whose(tx, token), replaced_id=token.id, **described(after)
    )
    return NewToken(after, secret)


async def _check_role(tx: Transaction, by: Caller, token: Token) -> None:
    """Refuse (invalid) a token of a project or group with a higher role than the caller's."""
    if token.kind is not TokenKind.ACCESS or token.path_key is None:
        return
    target = await require_group_or_project(tx, token.path_key)
    role = (await tx.tokens.access_levels(target)).get(token.user_id or 0, Level.ANYONE)
    if role > by.actor.level_at(target.key, by.at.date()):
        message = "The token's access level is over your own."
        raise invalid(Problem("level-over-own", message, "access_level"))


async def _end_family(tx: Transaction, by: Caller, token: Token) -> None:
    ended = await tx.tokens.revoke_family(token, by.at)
    for each in ended:
        await set_end_of_role(tx, each, by.at.date(), by)
    if ended:
        await record_event(
            tx,
            by,
            "token_family_revoked",
            await whose(tx, token),
            reused_id=token.id,
            revoked_ids=[each.id for each in ended],
        )
