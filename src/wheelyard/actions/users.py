"""Accounts: create, change, block and unblock; and the first administrator."""

import re
from dataclasses import dataclass

from wheelyard.actions.auditing import record_event
from wheelyard.domain.errors import Problem, Reason, Refused, invalid, not_found
from wheelyard.domain.models.callers import Caller
from wheelyard.domain.models.users import User
from wheelyard.domain.names import check_path
from wheelyard.domain.passwords import password_problems
from wheelyard.ports.database import Database, Transaction
from wheelyard.ports.passwords import Passwords

ROOT = "root"
MAX_NAME_CHARS = 255

# Not RFC 5321: enough to catch a slip, and to keep control characters and spaces out.
_EMAIL = re.compile(r"[^@\s\x00-\x1f]{1,64}@[^@\s\x00-\x1f]{1,255}")


@dataclass(frozen=True, slots=True)
class UserChange:
    """What of an account is to change; None stays as it is."""

    username: str | None = None
    name: str | None = None
    email: str | None = None
    password: str | None = None
    is_admin: bool | None = None


async def create_user(
    db: Database,
    passwords: Passwords,
    by: Caller,
    *,
    username: str,
    name: str | None = None,
    email: str | None = None,
    password: str | None = None,
    is_admin: bool = False,
) -> User:
    """Add an account; without a password it can be used with tokens only.

    Raises Refused: invalid (name, e-mail or password), conflict (the name or e-mail is taken).
    """
    check_path(username, top_level=True)
    _check(UserChange(name=name, email=email, password=password), username, email)
    password_hash = await _hash(passwords, password)
    async with db.write() as tx:
        await _check_email_is_free(tx, email, None)
        user = await tx.users.create(
            username=username,
            name=name or username,
            email=email,
            password_hash=password_hash,
            is_admin=is_admin,
            at=by.at,
        )
        await record_event(tx, by, "user_created", user, email=email, is_admin=is_admin)
    return user


async def create_root(db: Database, passwords: Passwords, by: Caller, password: str) -> User | None:
    """Create the administrator `root` once in the life of a database; None when it was done."""
    _check(UserChange(password=password), ROOT, None)
    password_hash = await _hash(passwords, password)
    async with db.write() as tx:
        if not await tx.settings.claim_once("root_created"):
            return None
        if await tx.users.by_username(ROOT) is not None:
            return None
        user = await tx.users.create(
            username=ROOT,
            name="Administrator",
            email=None,
            password_hash=password_hash,
            is_admin=True,
            at=by.at,
        )
        await record_event(tx, by, "user_created", user, is_admin=True)
    return user


async def change_user(
    db: Database, passwords: Passwords, by: Caller, user_id: int, change: UserChange
) -> User:
    """Change an account. Another user name moves the user's projects to other addresses.

    Another password signs every browser of the user out.

    Raises Refused: not found; invalid; conflict (the name or e-mail is taken); forbidden (the
    last administrator stays one).
    """
    if change.username is not None:
        check_path(change.username, top_level=True)
    async with db.read() as tx:
        before = await require_user_by_id(tx, user_id)
    _check(change, change.username or before.username, change.email or before.email)
    password_hash = await _hash(passwords, change.password)
    async with db.write() as tx:
        before = await require_user_by_id(tx, user_id)
        await _check_email_is_free(tx, change.email, before)
        if change.is_admin is False:
            await check_not_last_admin(tx, before)
        after = before
        if change.username not in {None, before.username}:
            after = await tx.users.rename(before, change.username or before.username)
        after = await tx.users.update(
            after.id,
            name=change.name,
            email=change.email,
            password_hash=password_hash,
            is_admin=change.is_admin,
        )
        if change.password is not None:
            await tx.sessions.delete_of_user(after.id)
        await record_event(tx, by, "user_changed", after, **_differences(before, after, change))
    return after


async def set_blocked(db: Database, by: Caller, user_id: int, *, is_blocked: bool) -> User:
    """Block or unblock an account: the tokens of a blocked one are refused at once.

    Its browsers are signed out, and stay so after it is unblocked.

    Raises Refused: not found, forbidden (oneself; the last administrator).
    """
    async with db.write() as tx:
        user = await require_user_by_id(tx, user_id)
        if is_blocked and user.id == by.actor.user_id:
            message = "403 Forbidden - The API initiating user cannot be blocked by the API"
            raise Refused(Reason.FORBIDDEN, message)
        if is_blocked:
            await check_not_last_admin(tx, user)
            await tx.sessions.delete_of_user(user.id)
        after = await tx.users.update(user.id, is_blocked=is_blocked)
        await record_event(tx, by, "user_blocked" if is_blocked else "user_unblocked", after)
    return after


async def check_not_last_admin(tx: Transaction, user: User) -> None:
    """Refuse (forbidden) what would leave the instance without an administrator."""
    if user.is_admin and not user.is_blocked and await tx.users.admin_count() <= 1:
        message = "403 Forbidden - This is the last administrator."
        raise Refused(Reason.FORBIDDEN, message)


def _check(change: UserChange, username: str, email: str | None) -> None:
    problems = []
    if change.name is not None and not 0 < len(change.name.strip()) <= MAX_NAME_CHARS:
        problems.append(Problem("invalid-name", "The name is empty or too long.", "name"))
    if change.email is not None and not _EMAIL.fullmatch(change.email):
        message = f"'{change.email[:80]}' is not an e-mail address."
        problems.append(Problem("invalid-email", message, "email"))
    if change.password is not None:
        problems += password_problems(change.password, username, email)
    if problems:
        raise invalid(*problems)


async def _check_email_is_free(tx: Transaction, email: str | None, user: User | None) -> None:
    other = None if email is None else await tx.users.by_email(email)
    if other is not None and (user is None or other.id != user.id):
        message = "Email has already been taken"
        raise Refused(
            Reason.CONFLICT, message, problems=(Problem("email-taken", message, "email"),)
        )


def _differences(before: User, after: User, change: UserChange) -> dict[str, object]:
    """Return what changed, each old and new; of a password only that it did."""
    fields = ("username", "name", "email", "is_admin")
    pairs = {name: [getattr(before, name), getattr(after, name)] for name in fields}
    changed: dict[str, object] = {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}
    return changed | ({} if change.password is None else {"password": "changed"})


async def _hash(passwords: Passwords, password: str | None) -> str | None:
    return None if password is None else await passwords.hash(password)


async def require_user(tx: Transaction, username: str) -> User:
    """Return the account with this name. Raises Refused (not found)."""
    user = await tx.users.by_username(username)
    if user is None:
        raise not_found(f"404 User '{username[:80]}'")
    return user


async def require_user_by_id(tx: Transaction, user_id: int) -> User:
    """Return the account with this id. Raises Refused (not found)."""
    user = await tx.users.get(user_id)
    if user is None:
        raise not_found("404 User")
    return user
