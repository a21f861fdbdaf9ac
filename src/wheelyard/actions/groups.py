"""Groups: create, change, rename and delete."""

from dataclasses import replace
from typing import Any, TypedDict

from wheelyard.actions.auditing import record_event
from wheelyard.actions.bots import remove_bots
from wheelyard.actions.inheritance import inherited_from_above, settle_below
from wheelyard.actions.places import check_fits, require_namespace
from wheelyard.domain.access import Level, Visibility
from wheelyard.domain.errors import Problem, invalid, not_found
from wheelyard.domain.findings import Strictness
from wheelyard.domain.inheritance import INHERITED_SETTINGS, check_unlocked
from wheelyard.domain.models.callers import Caller
from wheelyard.domain.models.places import Duplicates, Namespace, NamespaceKind
from wheelyard.domain.names import check_display_name, check_group_path, check_path
from wheelyard.domain.visibility import check_covers, check_visibility, closest_allowed
from wheelyard.ports.database import Database, Transaction


class GroupChange(TypedDict, total=False):
    """What of a group is to change.

    packages_enabled, duplicates, validation: handed down to the projects below; None leaves it
        to them, or to the group above. locked: those of the three that nothing below may change.
    merges_names: whether the group's index shows the files of all projects with one name.
    """

    name: str
    path: str
    description: str
    visibility: Visibility
    packages_enabled: bool | None
    duplicates: Duplicates | None
    validation: Strictness | None
    locked: frozenset[str]
    merges_names: bool


async def create_group(
    db: Database,
    by: Caller,
    *,
    full_path: str,
    visibility: Visibility | None = None,
    description: str = "",
    name: str | None = None,
    choices: GroupChange | None = None,
) -> Namespace:
    """Add the group at `full_path`; its parent groups must exist. The creator becomes its owner.

    Without a visibility it has the instance's default, or the parent's where that is less.

    Raises Refused: invalid (path, name, or more visible than its parent), not found (parent),
    conflict (the path is taken).
    """
    parent_path, _, path = full_path.rpartition("/")
    check_path(path, top_level=not parent_path)
    if name is not None:
        check_display_name(name)
    check_group_path(full_path)
    async with db.write() as tx:
        parent = await _parent(tx, parent_path)
        group = await tx.namespaces.create_group(
            parent=parent,
            path=path,
            name=name or path,
            visibility=await _visibility(tx, by, visibility, parent),
            description=description,
            at=by.at,
        )
        await record_event(tx, by, "group_created", group, visibility=group.visibility)
        creator = await tx.users.get(by.actor.user_id) if by.actor.user_id is not None else None
        if creator is not None and not creator.is_bot:  # a bot has its role from above
            await tx.members.set_role(group, creator, level=Level.OWNER, expires_at=None, at=by.at)
        return await _change(tx, by, group, choices) if choices else group


async def change_group(db: Database, by: Caller, group_id: int, change: GroupChange) -> Namespace:
    """Change a group, with what follows from it for everything below.

    Raises Refused: not found; invalid (a value, or a setting that is locked above); conflict
    (the path is taken).
    """
    async with db.write() as tx:
        return await _change(tx, by, await require_group(tx, group_id), change)


async def delete_group(db: Database, by: Caller, group_id: int) -> None:
    """Delete a group with everything in it. Raises Refused (not found)."""
    async with db.write() as tx:
        await remove_group(tx, by, await require_group(tx, group_id))


async def remove_group(tx: Transaction, by: Caller, group: Namespace) -> None:
    """Delete a group with everything in it, and an event for each project of it."""
    await remove_bots(tx, by, group)
    for project in await tx.projects.below(group.key):
        await record_event(tx, by, "project_deleted", project)
    await tx.namespaces.delete(group)
    await record_event(tx, by, "group_deleted", group)


async def require_group(tx: Transaction, group_id: int) -> Namespace:
    """Return the group with this id. Raises Refused (not found)."""
    group = await tx.namespaces.get(group_id)
    if group is None or group.kind is not NamespaceKind.GROUP:
        raise not_found("404 Group")
    return group


async def _change(tx: Transaction, by: Caller, before: Namespace, change: GroupChange) -> Namespace:
    await _check(tx, before, change)
    after = before
    if change.get("path", before.path) != before.path:
        after = await tx.namespaces.rename(before, change["path"])
    choices = replace(before.choices, **_choices(change))
    after = await tx.namespaces.update(
        after.id,
        name=change.get("name"),
        description=change.get("description"),
        visibility=change.get("visibility"),
        choices=choices,
        merges_names=change.get("merges_names"),
    )
    if choices != before.choices:
        await settle_below(tx, after)
    if after != before:
        await record_event(tx, by, "group_changed", after, **_differences(before, after))
    return after


async def _parent(tx: Transaction, full_path: str) -> Namespace | None:
    if not full_path:
        return None
    parent = await require_namespace(tx, full_path)
    if parent.kind is not NamespaceKind.GROUP:
        raise invalid(Problem("not-a-group", f"'{full_path}' is not a group.", "parent_id"))
    return parent


async def _visibility(
    tx: Transaction, by: Caller, wanted: Visibility | None, parent: Namespace | None
) -> Visibility:
    above = None if parent is None else parent.visibility
    if wanted is None:
        return closest_allowed((await tx.settings.load()).default_group_visibility, above)
    if not by.actor.is_operator:
        check_visibility(wanted, above)
    return wanted


async def _check(tx: Transaction, group: Namespace, change: GroupChange) -> None:
    """Refuse (invalid) what cannot be, before anything is written."""
    if "name" in change:
        check_display_name(change["name"])
    if "path" in change:
        check_path(change["path"], top_level=group.parent_id is None)
        parent_path, slash, _ = group.full_path.rpartition("/")
        await check_fits(tx, group, f"{parent_path}{slash}{change['path']}")
    if "visibility" in change and change["visibility"] is not group.visibility:
        parent = None if group.parent_id is None else await tx.namespaces.get(group.parent_id)
        check_visibility(change["visibility"], None if parent is None else parent.visibility)
        check_covers(change["visibility"], await tx.namespaces.visibilities_below(group))
    if unknown := sorted(change.get("locked", frozenset()) - set(INHERITED_SETTINGS)):
        message = f"{', '.join(unknown)}: only {', '.join(INHERITED_SETTINGS)} can be locked."
        raise invalid(Problem("unknown-setting", message, "locked_settings"))
    if choices := _choices(change):
        above = await inherited_from_above(tx, group)
        changed = [key for key, value in choices.items() if value != getattr(group.choices, key)]
        check_unlocked(changed, above.locked)


def _choices(change: GroupChange) -> dict[str, Any]:
    return {key: value for key, value in change.items() if key in (*INHERITED_SETTINGS, "locked")}


def _differences(before: Namespace, after: Namespace) -> dict[str, object]:
    """Return what changed, each old and new."""
    fields = ("name", "full_path", "description", "visibility", "merges_names")
    pairs: dict[str, list[Any]] = {
        field: [getattr(before, field), getattr(after, field)] for field in fields
    }
    for key in INHERITED_SETTINGS:
        pairs[key] = [getattr(before.choices, key), getattr(after.choices, key)]
    pairs["locked"] = [sorted(before.choices.locked), sorted(after.choices.locked)]
    return {key: pair for key, pair in pairs.items() if pair[0] != pair[1]}
