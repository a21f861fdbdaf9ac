"""Access tokens of projects and groups: each acts through a bot user that has a role there."""

import secrets
from collections.abc import Iterable
from datetime import date

from wheelyard.actions.auditing import record_event
from wheelyard.actions.tokens import (
    PERSONAL_PREFIX,
    NewToken,
    described,
    digest,
    new_secret,
)
from wheelyard.domain.access import PERSONAL_SCOPES, ROLES, Level
from wheelyard.domain.errors import Problem, Reason, Refused, invalid
from wheelyard.domain.models.callers import Caller
from wheelyard.domain.models.places import Namespace, Project
from wheelyard.domain.models.tokens import TokenKind
from wheelyard.domain.tokens import TokenWish, chosen_expiry
from wheelyard.ports.database import Database

_RANDOM_BYTES = 16


async def create_access_token(
    db: Database,
    by: Caller,
    target: Project | Namespace,
    *,
    name: str,
    scopes: Iterable[str],
    level: int = Level.MAINTAINER,
    expires_at: date | None = None,
    description: str = "",
) -> NewToken:
    """Make an access token of `target`, and the bot whose role ends with it.

    Raises Refused: forbidden (a bot makes no other), invalid (name, scopes, expiry, or a level
    over the caller's own).
    """
    if by.actor.is_bot:
        raise Refused(Reason.FORBIDDEN, "403 Forbidden - An access token cannot make another.")
    role = _check_level(level, by.actor.level_at(target.key, by.at.date()))
    secret = new_secret(PERSONAL_PREFIX)
    async with db.write() as tx:
        max_days = (await tx.settings.load()).max_personal_access_token_lifetime
        expires_at = chosen_expiry(expires_at, by.at.date(), max_days)
        wish = TokenWish(name, frozenset(scopes), expires_at, description)
        checked = wish.check(PERSONAL_SCOPES, by.at.date(), max_days)
        bot = await tx.users.create_bot(username=_bot_name(target), name=name, at=by.at)
        await tx.members.set_role(target, bot, level=role, expires_at=expires_at, at=by.at)
        token = await tx.tokens.create(
            kind=TokenKind.ACCESS,
            name=name,
            secret_sha256=digest(secret),
            scopes=checked,
            user=bot,
            target=target,
            username=None,
            expires_at=expires_at,
            at=by.at,
            description=description,
        )
        await record_event(
            tx,
            by,
            "access_token_created",
            target,
            bot=bot.username,
            level=role,
            **described(token),
        )
    return NewToken(token, secret)


def _bot_name(target: Project | Namespace) -> str:
    kind = "project" if isinstance(target, Project) else "group"
    return f"{kind}_{target.id}_bot_{secrets.token_hex(_RANDOM_BYTES)}"


def _check_level(level: int, own: Level) -> Level:
    if level not in ROLES.values():
        message = "access_level does not have a valid value."
        raise invalid(Problem("invalid-level", message, "access_level"))
    if level > own:
        message = "The token's access level cannot be over your own."
        raise invalid(Problem("level-over-own", message, "access_level"))
    return Level(level)
