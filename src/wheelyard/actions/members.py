"""Members: give, change and take away roles in groups and projects.

Nobody gives a role over their own, nor touches one; and a group keeps an owner.
"""

from collections.abc import Iterable, Mapping
from datetime import date

from wheelyard.actions.auditing import record_event
from wheelyard.actions.places import require_group_or_project
from wheelyard.actions.users import require_user, require_user_by_id
from wheelyard.domain.access import Level
from wheelyard.domain.errors import Problem, Reason, Refused, invalid, not_found
from wheelyard.domain.models.callers import Caller
from wheelyard.domain.models.members import Member
from wheelyard.domain.models.places import Namespace, Project
from wheelyard.domain.models.users import User
from wheelyard.ports.database import Database, Transaction


async def set_member(
    db: Database,
    by: Caller,
    *,
    full_path: str,
    username: str,
    level: Level,
    expires_at: date | None = None,
) -> Member:
    """Give `username` the role in the group or project, in place of one held there before.

    Raises Refused: not found, invalid (the user is a bot of something else).
    """
    async with db.write() as tx:
        target = await require_group_or_project(tx, full_path)
        user = await require_user(tx, username)
        before = await tx.members.get(target, user)
        if before is None:
            _check_person(user)
        return await _write(tx, by, target, user, before, level=level, expires_at=expires_at)


async def add_member(
    db: Database,
    by: Caller,
    target: Namespace | Project,
    user_id: int,
    *,
    level: Level,
    expires_at: date | None = None,
) -> Member:
    """Give a user a role who has none right here.

    Raises Refused: not found; conflict (a member already); forbidden (over the caller's own
    level); invalid (the user has more by way of a group above, or is a bot; the date has passed).
    """
    async with db.write() as tx:
        user = await require_user_by_id(tx, user_id)
        if await tx.members.get(target, user) is not None:
            raise Refused(Reason.CONFLICT, "Member already exists")
        _check_person(user)
        await _check(tx, by, target, user, level=level, expires_at=expires_at)
        return await _write(tx, by, target, user, None, level=level, expires_at=expires_at)


async def add_members(
    db: Database,
    by: Caller,
    target: Namespace | Project,
    users: Iterable[int | str],
    *,
    level: Level,
    expires_at: date | None = None,
) -> Mapping[str, str]:
    """Give several users, by id or name, a role, each for themselves; members get this one instead.

    Returns what was wrong with whom: name (or id) to sentence; nothing when all went well.
    """
    wrong: dict[str, str] = {}
    for named in dict.fromkeys(users):
        try:
            async with db.read() as tx:
                user = await find_user(tx, named)
                is_member = await tx.members.get(target, user) is not None
            give = change_member if is_member else add_member
            await give(db, by, target, user.id, level=level, expires_at=expires_at)
        except Refused as refused:
            wrong[str(named)] = refused.detail
    return wrong


async def find_user(tx: Transaction, named: int | str) -> User:
    """Return the account with this id or name. Raises Refused (not found)."""
    if isinstance(named, int):
        return await require_user_by_id(tx, named)
    return await require_user(tx, named)


async def change_member(
    db: Database,
    by: Caller,
    target: Namespace | Project,
    user_id: int,
    *,
    level: Level,
    expires_at: date | None = None,
    keeps_end: bool = False,
) -> Member:
    """Give a member another role, and another end of it unless `keeps_end`.

    Raises Refused as `add_member` does, and forbidden for the last owner of a group.
    """
    async with db.write() as tx:
        before, user = await _require_member(tx, by, target, user_id)
        expires_at = before.expires_at if keeps_end else expires_at
        await _check(tx, by, target, user, level=level, expires_at=expires_at)
        if level < Level.OWNER or expires_at is not None:
            await _check_owner_stays(tx, by, target, before)
        return await _write(tx, by, target, user, before, level=level, expires_at=expires_at)


async def remove_member(
    db: Database,
    by: Caller,
    target: Namespace | Project,
    user_id: int,
    *,
    keeps_below: bool = False,
) -> None:
    """Take away a member's role, and those of the user's own in everything below a group.

    keeps_below: leave the roles below as they are.

    Raises Refused: not found; forbidden (over the caller's own level, or the last owner).
    """
    async with db.write() as tx:
        before, user = await _require_member(tx, by, target, user_id)
        await _check_owner_stays(tx, by, target, before)
        await tx.members.remove(target, user.id, with_below=not keeps_below)
        await record_event(
            tx,
            by,
            "member_removed",
            target,
            username=user.username,
            level=[before.level, None],
            with_below=not keeps_below,
        )


async def _require_member(
    tx: Transaction, by: Caller, target: Namespace | Project, user_id: int
) -> tuple[Member, User]:
    """Return a member right here whom the caller may touch."""
    user = await tx.users.get(user_id)
    member = None if user is None else await tx.members.get(target, user)
    if user is None or member is None:
        raise not_found("404 Member")
    if member.level > _own_level(by, target) and user.id != by.actor.user_id:
        raise Refused(Reason.FORBIDDEN, "403 Forbidden")
    return member, user


def _check_person(user: User) -> None:
    """Refuse (invalid) the bot of an access token: it belongs to one place, and goes with it."""
    if user.is_bot:
        message = "An access token's bot cannot be a member of anything else."
        raise invalid(Problem("bot-elsewhere", message, "user_id"))


def _own_level(by: Caller, target: Namespace | Project) -> Level:
    return by.actor.level_at(target.key, by.at.date())


async def _check(
    tx: Transaction,
    by: Caller,
    target: Namespace | Project,
    user: User,
    *,
    level: Level,
    expires_at: date | None,
) -> None:
    """Refuse a role that the caller may not give, or that would mean nothing."""
    today = by.at.date()
    if level > _own_level(by, target):
        raise Refused(Reason.FORBIDDEN, "403 Forbidden - You cannot grant a role over your own.")
    if expires_at is not None and expires_at <= today:
        message = "cannot be a date in the past"
        raise invalid(Problem("already-expired", message, "expires_at"))
    held = await tx.members.effective(target, user.id, today)
    if held is not None and held.full_path != target.full_path and held.level > level:
        message = (
            f"should be greater than or equal to {held.level.name.capitalize()} "
            f"inherited membership from group {held.full_path}"
        )
        raise invalid(Problem("less-than-inherited", message, "access_level"))


async def _check_owner_stays(
    tx: Transaction, by: Caller, target: Namespace | Project, member: Member
) -> None:
    """Refuse (forbidden) what would leave a group, or a user's own project, without its owner."""
    if member.level < Level.OWNER:
        return
    if isinstance(target, Namespace):
        is_kept = await tx.members.has_other_owner(target, member.user_id, by.at.date())
    else:
        is_kept = target.key.partition("/")[0] != member.username.lower()
    if not is_kept:
        raise Refused(Reason.FORBIDDEN, "403 Forbidden - The last owner cannot go.")


async def _write(
    tx: Transaction,
    by: Caller,
    target: Namespace | Project,
    user: User,
    before: Member | None,
    *,
    level: Level,
    expires_at: date | None,
) -> Member:
    member = await tx.members.set_role(target, user, level=level, expires_at=expires_at, at=by.at)
    await record_event(
        tx,
        by,
        "member_added" if before is None else "member_changed",
        target,
        username=user.username,
        level=[None if before is None else before.level, level],
        expires_at=None if expires_at is None else expires_at.isoformat(),
    )
    return member
