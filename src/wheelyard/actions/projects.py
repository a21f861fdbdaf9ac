"""Projects: create, change and delete."""

from dataclasses import replace
from typing import Any, TypedDict

from wheelyard.actions.auditing import record_event
from wheelyard.actions.bots import remove_bots
from wheelyard.actions.inheritance import inherited_by, settle_project
from wheelyard.actions.places import require_namespace
from wheelyard.domain.access import Level, RegistryAccess, Visibility
from wheelyard.domain.errors import Problem, invalid, not_found
from wheelyard.domain.findings import Strictness
from wheelyard.domain.inheritance import check_choices
from wheelyard.domain.models.callers import Caller
from wheelyard.domain.models.places import (
    Duplicates,
    Namespace,
    NamespaceKind,
    Project,
    ProjectChoices,
)
from wheelyard.domain.names import check_display_name, check_full_path, check_path
from wheelyard.domain.visibility import check_visibility, closest_allowed
from wheelyard.ports.database import Database, Transaction

_CHOICES = ("registry_access", "duplicates", "validation")


class ProjectChange(TypedDict, total=False):
    """What of a project is to change.

    registry_access, duplicates, validation: None takes what the groups above hand down.
    packages_enabled: GitLab's older switch; on leaves an access level that is on as it is.
    """

    name: str
    path: str
    description: str
    visibility: Visibility
    packages_enabled: bool
    registry_access: RegistryAccess | None
    duplicates: Duplicates | None
    validation: Strictness | None


async def create_project(
    db: Database,
    by: Caller,
    *,
    full_path: str,
    visibility: Visibility | None = None,
    description: str = "",
    name: str | None = None,
    own: ProjectChoices | None = None,
) -> Project:
    """Add the project at `NAMESPACE/NAME`, where the namespace is a group or a user.

    Without a visibility it has the instance's default, or the group's where that is less.

    Raises Refused: invalid (path, name, or more visible than its group), not found (namespace),
    conflict (the path is taken).
    """
    namespace_path, _, path = full_path.rpartition("/")
    if not namespace_path:
        raise invalid(
            Problem("no-namespace", f"'{full_path}' needs a namespace: NAMESPACE/NAME.", "path")
        )
    check_path(path)
    check_full_path(full_path)
    if name is not None:
        check_display_name(name)
    async with db.write() as tx:
        namespace = await require_namespace(tx, namespace_path)
        own = own or ProjectChoices()
        check_choices(ProjectChoices(), own, await inherited_by(tx, namespace))
        project = await tx.projects.create(
            namespace=namespace,
            path=path,
            name=name or path,
            visibility=await _visibility(tx, by, visibility, namespace),
            description=description,
            creator_id=by.actor.user_id,
            at=by.at,
        )
        project = await settle_project(tx, project, namespace, own)
        await record_event(tx, by, "project_created", project, visibility=project.visibility)
        await _give_to_owner(tx, by, project, namespace)
    return project


async def change_project(
    db: Database, by: Caller, project_id: int, change: ProjectChange
) -> Project:
    """Change a project.

    Raises Refused: not found; invalid (a value, or a setting that is locked above); conflict
    (the path is taken).
    """
    async with db.write() as tx:
        before = await require_project_by_id(tx, project_id)
        namespace = await _namespace_of(tx, before)
        _check(by, before, namespace, change)
        own = replace(before.own, **_chosen(before, change))
        if own != before.own:
            check_choices(before.own, own, await inherited_by(tx, namespace))
        after = before
        if change.get("path", before.path) != before.path:
            after = await tx.projects.move(before, namespace, change["path"])
        after = await tx.projects.update(
            after.id,
            name=change.get("name"),
            description=change.get("description"),
            visibility=change.get("visibility"),
        )
        if own != before.own:
            after = await settle_project(tx, after, namespace, own)
        if after != before:
            await record_event(tx, by, "project_changed", after, **differences(before, after))
    return after


async def delete_project(db: Database, by: Caller, project_id: int) -> None:
    """Delete a project with its packages, roles and tokens, and the bots behind some.

    Raises Refused (not found).
    """
    async with db.write() as tx:
        project = await require_project_by_id(tx, project_id)
        await remove_bots(tx, by, project)
        await tx.projects.delete(project)
        await record_event(tx, by, "project_deleted", project)


async def require_project_by_id(tx: Transaction, project_id: int) -> Project:
    """Return the project with this id. Raises Refused (not found)."""
    project = await tx.projects.get(project_id)
    if project is None:
        raise not_found("404 Project")
    return project


async def _namespace_of(tx: Transaction, project: Project) -> Namespace:
    namespace = await tx.namespaces.get(project.namespace_id)
    if namespace is None:
        raise LookupError("unreachable: a project is in a namespace")
    return namespace


async def _visibility(
    tx: Transaction, by: Caller, wanted: Visibility | None, namespace: Namespace
) -> Visibility:
    if wanted is None:
        default = (await tx.settings.load()).default_project_visibility
        return closest_allowed(default, namespace.visibility)
    if not by.actor.is_operator:
        check_visibility(wanted, namespace.visibility)
    return wanted


async def _give_to_owner(
    tx: Transaction, by: Caller, project: Project, namespace: Namespace
) -> None:
    """Make the user in whose namespace the project is its owner, where members are listed."""
    if namespace.kind is not NamespaceKind.USER:
        return
    owner = await tx.users.by_username(namespace.path)
    if owner is not None:
        await tx.members.set_role(project, owner, level=Level.OWNER, expires_at=None, at=by.at)


def _check(by: Caller, project: Project, namespace: Namespace, change: ProjectChange) -> None:
    """Refuse (invalid) what cannot be, before anything is written."""
    if "name" in change:
        check_display_name(change["name"])
    if "path" in change:
        check_full_path(f"{namespace.full_path}/{check_path(change['path'])}")
    wanted = change.get("visibility", project.visibility)
    if wanted is not project.visibility and not by.actor.is_operator:
        check_visibility(wanted, namespace.visibility)


def _chosen(project: Project, change: ProjectChange) -> dict[str, Any]:
    chosen: dict[str, Any] = {key: value for key, value in change.items() if key in _CHOICES}
    if "packages_enabled" in change and "registry_access" not in change:
        is_on = project.registry_access is not RegistryAccess.DISABLED
        if not change["packages_enabled"]:
            chosen["registry_access"] = RegistryAccess.DISABLED
        elif not is_on:
            chosen["registry_access"] = RegistryAccess.ENABLED
    return chosen


def differences(before: Project, after: Project) -> dict[str, object]:
    """Return what changed of a project, each old and new."""
    fields = ("name", "full_path", "description", "visibility", *_CHOICES)
    pairs = {field: [getattr(before, field), getattr(after, field)] for field in fields}
    return {field: pair for field, pair in pairs.items() if pair[0] != pair[1]}
