"""Signing in and out with a browser: check a password, begin a session, end it."""

import secrets
from dataclasses import dataclass, field, replace
from datetime import datetime

from wheelyard.actions.auditing import record_event
from wheelyard.actions.tokens import digest
from wheelyard.domain.errors import Reason, Refused
from wheelyard.domain.models.callers import Actor, Caller
from wheelyard.domain.models.sessions import Session
from wheelyard.domain.models.users import User
from wheelyard.domain.sessions import IDLE_LIMIT, LIFETIME, is_alive, shown_user_agent
from wheelyard.ports.database import Database, Transaction
from wheelyard.ports.passwords import Passwords

SECRET_BYTES = 32

_WRONG = "Invalid login or password."
_BLOCKED = "Your account has been blocked. An administrator can unblock it."


@dataclass(frozen=True, slots=True)
class NewSession:
    """A session that has just begun, with the secret that its browser keeps in a cookie."""

    session: Session
    user: User
    secret: str = field(repr=False)


async def sign_in(
    db: Database,
    passwords: Passwords,
    by: Caller,
    *,
    login: str,
    password: str,
    user_agent: str | None,
) -> NewSession:
    """Begin a session for the account with this user name or e-mail address, and this password.

    It takes as long, and says the same, whether there is such an account or not. Failures are
    limited by whoever knows the address (`wheelyard.http.limits`).

    Raises Refused: unauthenticated (wrong), forbidden (right, but the account is blocked).
    """
    async with db.read() as tx:
        user = await _find(tx, login)
        known_hash = None if user is None else await tx.users.password_hash(user.id)
    is_right = await _verify(passwords, known_hash, password)
    async with db.write() as tx:
        user = None if user is None else await tx.users.get(user.id)
        if user is None or not is_right or await tx.users.password_hash(user.id) != known_hash:
            refused = Refused(Reason.UNAUTHENTICATED, _WRONG)
            # What stands in the field may be a password: an unknown name is not written down.
            await record_event(tx, by, "sign_in_failed", user or "unknown account")
        elif user.is_blocked:
            refused = Refused(Reason.FORBIDDEN, _BLOCKED)
            await record_event(tx, by, "sign_in_failed", user, reason="blocked")
        else:
            new = await begin_session(tx, by, user, user_agent)
            await record_event(tx, _as_user(by, user), "signed_in", user)
            return new
    raise refused


async def begin_session(
    tx: Transaction, by: Caller, user: User, user_agent: str | None
) -> NewSession:
    """Begin a session for somebody who has been recognised by other means."""
    secret = secrets.token_urlsafe(SECRET_BYTES)
    session = await tx.sessions.create(
        user=user,
        secret_sha256=digest(secret),
        expires_at=by.at + LIFETIME,
        at=by.at,
        address=by.address,
        user_agent=shown_user_agent(user_agent),
    )
    return NewSession(session, user, secret)


async def find_session(tx: Transaction, secret: str, now: datetime) -> tuple[Session, User] | None:
    """Return the session of a browser's secret and whose it is; None when it has ended."""
    session = await tx.sessions.by_secret(digest(secret))
    if session is None or not is_alive(session, now):
        return None
    user = await tx.users.get(session.user_id)
    return None if user is None or user.is_blocked else (session, user)


async def sign_out(db: Database, by: Caller, session: Session) -> None:
    """End the caller's session."""
    async with db.write() as tx:
        await tx.sessions.delete(session.id)
        user = await tx.users.get(session.user_id)
        if user is not None:
            await record_event(tx, by, "signed_out", user)


async def end_session(db: Database, by: Caller, user_id: int, session_id: int) -> None:
    """End one of a user's sessions from another place; nothing happens when it is not theirs."""
    async with db.write() as tx:
        user = await tx.users.get(user_id)
        theirs = {session.id for session in await tx.sessions.of_user(user_id)}
        if user is not None and session_id in theirs:
            await tx.sessions.delete(session_id)
            await record_event(tx, by, "session_ended", user)


async def purge_sessions(db: Database, now: datetime) -> int:
    """Forget the sessions that have ended by themselves, and return how many there were.

    It leaves no audit event: they counted for nothing any more.
    """
    async with db.write() as tx:
        return await tx.sessions.purge(now, now - IDLE_LIMIT)


async def _find(tx: Transaction, login: str) -> User | None:
    user = await tx.users.by_username(login)
    if user is None and "@" in login:
        user = await tx.users.by_email(login)
    return user


async def _verify(passwords: Passwords, known_hash: str | None, password: str) -> bool:
    """Compare; without an account, or with one that has no password, as slowly."""
    if known_hash is None:
        await passwords.hash(password)
        return False
    return await passwords.verify(known_hash, password)


def _as_user(by: Caller, user: User) -> Caller:
    actor = Actor(user_id=user.id, username=user.username, is_admin=user.is_admin)
    return replace(by, actor=actor)
