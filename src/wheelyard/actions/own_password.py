"""A user's own password: changed by whoever knows the present one."""

from wheelyard.actions.users import UserChange, change_user
from wheelyard.domain.errors import Problem, Reason, Refused
from wheelyard.domain.models.callers import Caller
from wheelyard.domain.models.users import User
from wheelyard.ports.database import Database
from wheelyard.ports.passwords import Passwords

_WRONG = "That is not your current password."


async def change_own_password(
    db: Database, passwords: Passwords, by: Caller, user_id: int, *, current: str, new: str
) -> User:
    """Give a user another password, which signs every browser of theirs out.

    A session alone is not enough: a browser that was left open must not lock its owner out.
    Wrong attempts are limited by whoever knows the address (`wheelyard.http.limits`).

    Raises Refused: unauthenticated (the current one is wrong, or there is none), invalid (the
    new one), not found.
    """
    async with db.read() as tx:
        known_hash = await tx.users.password_hash(user_id)
    if known_hash is None or not await passwords.verify(known_hash, current):
        problem = Problem("wrong-password", _WRONG, "current_password")
        raise Refused(Reason.UNAUTHENTICATED, _WRONG, problems=(problem,))
    return await change_user(db, passwords, by, user_id, UserChange(password=new))
