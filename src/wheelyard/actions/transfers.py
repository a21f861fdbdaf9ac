"""Transfers: a project to another namespace, a group into another group or to the top.

What is moved keeps its own members, tokens and packages, and gets its roles, its settings and its
limits from where it comes to. A name that is published there already stays with its owner.
"""

import structlog

from wheelyard.actions.auditing import record_event
from wheelyard.actions.groups import require_group
from wheelyard.actions.inheritance import settle_below, settle_project
from wheelyard.actions.places import check_fits
from wheelyard.actions.projects import differences, require_project_by_id
from wheelyard.domain.access import Level
from wheelyard.domain.errors import Problem, Refused, invalid, not_found
from wheelyard.domain.models.callers import Caller
from wheelyard.domain.models.places import Namespace, NamespaceKind, Project
from wheelyard.domain.names import NormalisedName, check_full_path, check_path, covers
from wheelyard.domain.visibility import closest_allowed
from wheelyard.ports.database import Database, Transaction

_log = structlog.get_logger(__name__)


async def transfer_project(db: Database, by: Caller, project_id: int, namespace_id: int) -> Project:
    """Move a project to another namespace; it becomes no more visible than that.

    Raises Refused: not found; invalid (it is there already, the address is too long); conflict
    (the path is taken there).
    """
    async with db.write() as tx:
        before = await require_project_by_id(tx, project_id)
        namespace = await tx.namespaces.get(namespace_id)
        if namespace is None:
            raise not_found("404 Namespace")
        if namespace.id == before.namespace_id:
            raise _failed("Project is already in this namespace.")
        check_full_path(f"{namespace.full_path}/{before.path}")
        kept = await _keep_owners(tx, before, namespace)
        moved = await tx.projects.move(before, namespace, before.path)
        visibility = closest_allowed(moved.visibility, namespace.visibility)
        moved = await tx.projects.update(moved.id, visibility=visibility)
        after = await settle_project(tx, moved, namespace, before.own)
        await tx.ownership.forget_departed()
        changes = differences(before, after)
        await record_event(tx, by, "project_moved", after, **changes, names_kept=kept)
    _report(after, kept)
    return after


async def transfer_group(
    db: Database, by: Caller, group_id: int, parent_id: int | None
) -> Namespace:
    """Move a group, with all below it, into another group, or with None to the top.

    Nothing of it is more visible then than its new parent. At the top it has an owner of its own.

    Raises Refused: not found; invalid (it is there already, or the parent is in it; too long, too
    deep); conflict (the path is taken there).
    """
    async with db.write() as tx:
        before = await require_group(tx, group_id)
        parent = None if parent_id is None else await require_group(tx, parent_id)
        await _check(tx, before, parent)
        kept = [] if parent is None else await _keep_owners(tx, before, parent)
        after = await tx.namespaces.move(before, parent)
        lowered = [] if parent is None else await _lower(tx, after, parent)
        await _keep_an_owner(tx, by, after)
        await settle_below(tx, after)
        await tx.ownership.forget_departed()
        await record_event(
            tx,
            by,
            "group_moved",
            after,
            full_path=[before.full_path, after.full_path],
            parent_id=[before.parent_id, after.parent_id],
            lowered=lowered,
            names_kept=kept,
        )
        after = await require_group(tx, group_id)
    _report(after, kept)
    return after


async def _check(tx: Transaction, group: Namespace, parent: Namespace | None) -> None:
    """Refuse (invalid) a place where the group cannot be."""
    if parent is None and group.parent_id is None:
        raise _failed("Group is already a root group.")
    if parent is not None and parent.id == group.parent_id:
        raise _failed("Group is already associated to the parent group.")
    if parent is not None and covers(group.key, parent.key):
        raise _failed("Cannot transfer group to one of its subgroup.")
    check_path(group.path, top_level=parent is None)
    above = "" if parent is None else f"{parent.full_path}/"
    await check_fits(tx, group, above + group.path)


async def _lower(tx: Transaction, group: Namespace, parent: Namespace) -> list[str]:
    return list(await tx.namespaces.lower_visibility(group, parent.visibility))


async def _keep_an_owner(tx: Transaction, by: Caller, group: Namespace) -> None:
    """Make whoever moved the group its owner, when all its owners were owners of what was above."""
    mover = None if by.actor.user_id is None else await tx.users.get(by.actor.user_id)
    if mover is None or await tx.members.has_other_owner(group, 0, by.at.date()):
        return
    await tx.members.set_role(group, mover, level=Level.OWNER, expires_at=None, at=by.at)


async def _keep_owners(
    tx: Transaction, moved: Project | Namespace, to: Namespace
) -> list[NormalisedName]:
    """Let names that are published in the groups it comes into stay with their owners there.

    Otherwise a name that was published earlier elsewhere, and is moved in, would take the place
    of another project's: it would be the first then.
    """
    if to.kind is not NamespaceKind.GROUP:
        return []
    entered = [
        above for above in await tx.namespaces.ancestry(to) if not covers(above.key, moved.key)
    ]
    kept: set[NormalisedName] = set()
    for group in entered:
        kept |= set(await tx.ownership.keep_owners(group, moved.key))
    return sorted(kept)


def _report(moved: Project | Namespace, kept: list[NormalisedName]) -> None:
    if kept:
        _log.warning(
            "package names stay with projects of the group that has them already",
            names=kept,
            moved=moved.full_path,
        )


def _failed(sentence: str) -> Refused:
    return invalid(Problem("cannot-transfer", f"Transfer failed: {sentence}"))
