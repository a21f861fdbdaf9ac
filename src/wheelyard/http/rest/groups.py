"""Groups: list, show, create, change and delete; what is in them.

Besides GitLab's attributes a group has package settings of ours, which it hands down to the
projects below: `packages_enabled`, `duplicates` (`allow`, `deny`) and `validation` (`strict`,
`warn`, `off`), each null to leave it open; `locked_settings`, the names of those that nothing
below may change; and `merge`, whether its index shows the files of all projects of one name.
"""

from collections.abc import Iterable
from dataclasses import replace
from typing import Annotated, Any, cast

from fastapi import APIRouter
from pydantic import BaseModel, BeforeValidator, Field

from wheelyard.actions.groups import GroupChange, change_group, create_group, delete_group
from wheelyard.actions.inheritance import inherited_from_above
from wheelyard.actions.transfers import transfer_group, transfer_project
from wheelyard.domain.access import Action, Visibility
from wheelyard.domain.authorise import may
from wheelyard.domain.errors import Problem, Reason, Refused, invalid
from wheelyard.domain.filters import ProjectFilter
from wheelyard.domain.models.places import Namespace
from wheelyard.domain.names import check_path
from wheelyard.domain.reach import reach
from wheelyard.http.rest.calls import AdminCall, AnyCall, Call, SignedInCall
from wheelyard.http.rest.choices import DuplicatesChoice, SwitchChoice, ValidationChoice
from wheelyard.http.rest.group_lists import GroupPaging, GroupParameters, show_group, show_groups
from wheelyard.http.rest.project_lists import (
    AnyProject,
    ProjectPaging,
    ProjectParameters,
    show_projects,
)
from wheelyard.http.rest.row_ids import MAX_ROW_ID
from wheelyard.http.rest.shapes.answers import ACCEPTED, MessageJson
from wheelyard.http.rest.shapes.groups import GroupDetailJson, GroupJson, inherited_json

router = APIRouter(tags=["Groups"])


class GroupSettings(BaseModel):
    """What can be set of a group; what is absent stays as it is."""

    name: str | None = None
    path: str | None = None
    description: str | None = None
    visibility: Visibility | None = None
    packages_enabled: SwitchChoice = None
    duplicates: DuplicatesChoice = None
    validation: ValidationChoice = None
    locked_settings: list[str] | None = None
    merge: bool | None = None


class NewGroup(GroupSettings):
    """A group to create: a subgroup when it names its parent."""

    name: str
    path: str
    parent_id: int | None = Field(None, ge=1, le=MAX_ROW_ID)


class GroupTransfer(BaseModel):
    """Where to transfer a group to: the id of another one; to the top without."""

    group_id: Annotated[int | None, BeforeValidator(lambda value: value or None)] = Field(
        None, ge=1, le=MAX_ROW_ID
    )


@router.get("/groups")
async def list_groups(
    call: AnyCall, paging: GroupPaging, asked: GroupParameters
) -> list[GroupJson]:
    """List groups by name: those the caller is a member of, or all that the caller may see.

    `all_available` is true for administrators and anonymous callers, and false for others.
    """
    async with call.services.db.read() as tx:
        return await show_groups(call, tx, paging, asked.wanted(call))


@router.post("/groups", status_code=201)
async def post_group(body: NewGroup, call: SignedInCall) -> GroupDetailJson:
    """Create a group; any signed-in user may create one at the top, an access token may not."""
    if call.actor.is_bot and body.parent_id is None:
        message = "403 Forbidden - An access token cannot create a group at the top."
        raise Refused(Reason.FORBIDDEN, message)
    full_path = check_path(body.path, top_level=body.parent_id is None)
    async with call.services.db.read() as tx:
        if body.parent_id is not None:
            parent = await call.group(tx, str(body.parent_id), Action.CREATE_SUBGROUP)
            full_path = f"{parent.full_path}/{full_path}"
    group = await create_group(
        call.services.db,
        call.by,
        full_path=full_path,
        name=body.name,
        visibility=body.visibility,
        description=body.description or "",
        choices=_change(body, _CHOICES),
    )
    return await _show(call, group)


@router.get("/groups/{id}")
async def get_group(id: str, call: AnyCall) -> GroupDetailJson:
    """Show a group; `inherited_settings` are the package settings that reach it from above."""
    async with call.services.db.read() as tx:
        group = await call.group(tx, id, Action.READ_GROUP)
    return await _show(call, group)


@router.put("/groups/{id}")
async def put_group(id: str, body: GroupSettings, call: SignedInCall) -> GroupDetailJson:
    """Change a group. Another path changes the addresses of everything below it."""
    change = _change(body, GroupSettings.model_fields)
    if not change:
        names = ", ".join(GroupSettings.model_fields)
        raise invalid(
            Problem("nothing", f"{names} are missing, at least one parameter must be provided")
        )
    async with call.services.db.read() as tx:
        group = await call.group(tx, id, Action.ADMIN_GROUP)
    return await _show(call, await change_group(call.services.db, call.by, group.id, change))


@router.post("/groups/{id}/transfer", status_code=201)
async def post_transfer(id: str, body: GroupTransfer, call: SignedInCall) -> GroupDetailJson:
    """Move a group into another one, or to the top, as its owner; with everything in it.

    Nothing of it is more visible then than the new parent; a package name stays with the project
    that has it there already.
    """
    async with call.services.db.read() as tx:
        group = await call.group(tx, id, Action.ADMIN_GROUP)
        if body.group_id is None:
            is_allowed = not call.actor.is_bot
        else:
            parent = await call.group(tx, str(body.group_id), Action.READ_GROUP)
            is_allowed = may(call.actor, Action.CREATE_SUBGROUP, parent, call.today)
    if not is_allowed:
        message = "Transfer failed: You don't have enough permissions."
        raise invalid(Problem("cannot-transfer", message))
    moved = await transfer_group(call.services.db, call.by, group.id, body.group_id)
    async with call.services.db.read() as tx:
        call = await call.renewed(tx)
    return await _show(call, moved)


@router.post("/groups/{id}/projects/{project_id}", status_code=201)
async def post_group_project(id: str, project_id: str, call: AdminCall) -> GroupDetailJson:
    """Move a project to a group, as an administrator."""
    async with call.services.db.read() as tx:
        group = await call.group(tx, id, Action.RECEIVE_PROJECT)
        project = await call.project(tx, project_id, Action.REMOVE_PROJECT)
    await transfer_project(call.services.db, call.by, project.id, group.id)
    return await _show(call, group)


@router.delete("/groups/{id}", status_code=202)
async def remove_group(id: str, call: SignedInCall) -> MessageJson:
    """Delete a group with everything in it, at once."""
    async with call.services.db.read() as tx:
        group = await call.group(tx, id, Action.ADMIN_GROUP)
    await delete_group(call.services.db, call.by, group.id)
    return ACCEPTED


@router.get("/groups/{id}/projects")
async def list_group_projects(
    id: str,
    call: AnyCall,
    paging: ProjectPaging,
    asked: ProjectParameters,
    *,
    include_subgroups: bool = False,
) -> list[AnyProject]:
    """List the projects of a group that the caller may see."""
    async with call.services.db.read() as tx:
        group = await call.group(tx, id, Action.READ_GROUP)
        wanted = ProjectFilter(reach(call.actor, call.today, Action.READ_PROJECT))
        if include_subgroups:
            wanted = replace(wanted, below_key=group.key)
        else:
            wanted = replace(wanted, namespace_id=group.id)
        return await show_projects(call, tx, paging, asked.narrow(wanted, call), asked)


@router.get("/groups/{id}/subgroups")
async def list_subgroups(
    id: str, call: AnyCall, paging: GroupPaging, asked: GroupParameters
) -> list[GroupJson]:
    """List the groups right in a group that the caller may see."""
    async with call.services.db.read() as tx:
        group = await call.group(tx, id, Action.READ_GROUP)
        wanted = replace(asked.wanted(call, all_available=True), parent_id=group.id)
        return await show_groups(call, tx, paging, wanted)


@router.get("/groups/{id}/descendant_groups")
async def list_descendant_groups(
    id: str, call: AnyCall, paging: GroupPaging, asked: GroupParameters
) -> list[GroupJson]:
    """List all groups below a group that the caller may see."""
    async with call.services.db.read() as tx:
        group = await call.group(tx, id, Action.READ_GROUP)
        wanted = replace(asked.wanted(call, all_available=True), below_key=group.key)
        return await show_groups(call, tx, paging, wanted)


async def _show(call: Call, group: Namespace) -> GroupDetailJson:
    async with call.services.db.read() as tx:
        shown = await show_group(call, tx, group)
        inherited = await inherited_from_above(tx, group)
    return {**shown, "inherited_settings": inherited_json(inherited)}


_FIELDS = {"locked_settings": "locked", "merge": "merges_names"}
_CHOICES = ("packages_enabled", "duplicates", "validation", "locked_settings", "merge")
_MAY_BE_NULL = frozenset({"packages_enabled", "duplicates", "validation"})


def _change(body: GroupSettings, names: Iterable[str]) -> GroupChange:
    sent: dict[str, Any] = body.model_dump(exclude_unset=True, include=set(names))
    change = {
        _FIELDS.get(name, name): frozenset(value) if name == "locked_settings" else value
        for name, value in sent.items()
        if value is not None or name in _MAY_BE_NULL
    }
    return cast("GroupChange", change)  # the model has checked it
