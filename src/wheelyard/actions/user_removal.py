"""Deleting an account, and what becomes of the user's groups and projects.

As in GitLab, groups that the user alone owns stand in the way, unless they are to be deleted as
well. So do projects in the user's own namespace, which GitLab deletes unasked: what people
install from must not vanish with somebody's account.
"""

from wheelyard.actions.auditing import record_event
from wheelyard.actions.bots import remove_bots
from wheelyard.actions.groups import remove_group
from wheelyard.actions.users import check_not_last_admin, require_user_by_id
from wheelyard.domain.errors import Reason, Refused
from wheelyard.domain.models.callers import Caller
from wheelyard.domain.models.places import Namespace, NamespaceKind
from wheelyard.domain.models.users import User
from wheelyard.ports.database import Database, Transaction


async def delete_user(db: Database, by: Caller, user_id: int, *, is_hard: bool = False) -> None:
    """Delete an account with its roles and tokens; what it published stays.

    is_hard: delete the groups that the user alone owns, and the user's own projects, as well.

    Raises Refused: not found; conflict (there are such groups or projects); forbidden (oneself,
    the last administrator).
    """
    async with db.write() as tx:
        user = await require_user_by_id(tx, user_id)
        if user.id == by.actor.user_id:
            raise Refused(Reason.FORBIDDEN, "403 Forbidden - One cannot delete oneself.")
        await check_not_last_admin(tx, user)
        for group in await _solely_owned(tx, user, by):
            if not is_hard:
                message = "User cannot be removed while is the sole-owner of a group"
                raise Refused(Reason.CONFLICT, f"{message}: {group.full_path}")
            await remove_group(tx, by, group)
        await _delete_own(tx, by, user, is_hard=is_hard)
        await tx.users.delete(user)
        await record_event(tx, by, "user_deleted", user)


async def _delete_own(tx: Transaction, by: Caller, user: User, *, is_hard: bool) -> None:
    """Delete the user's namespace with what is in it; a bot has none."""
    namespace = await tx.namespaces.by_path(user.username)
    if namespace is None or namespace.kind is not NamespaceKind.USER:
        await tx.users.free_name(user)
        return
    for project in await tx.projects.below(namespace.key):
        if not is_hard:
            message = "User cannot be removed while owning projects"
            raise Refused(Reason.CONFLICT, f"{message}: {project.full_path}")
        await record_event(tx, by, "project_deleted", project)
    await remove_bots(tx, by, namespace)
    await tx.namespaces.delete(namespace)


async def _solely_owned(tx: Transaction, user: User, by: Caller) -> list[Namespace]:
    """Return the groups, the topmost ones, that only this user owns."""
    found: list[Namespace] = []
    for key in sorted(await tx.members.owned_keys(user.id)):
        group = await tx.namespaces.by_path(key)
        if group is None or any(key.startswith(above.key + "/") for above in found):
            continue
        if not await tx.members.has_other_owner(group, user.id, by.at.date()):
            found.append(group)
    return found
