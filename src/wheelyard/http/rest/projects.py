"""Projects: list, show, create, change, transfer and delete.

Besides GitLab's attributes a project has `duplicates` (`allow`, `deny`) and `validation`
(`strict`, `warn`, `off`); null takes what the groups above hand down.
"""

from typing import Any, cast

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from wheelyard.actions.projects import (
    ProjectChange,
    change_project,
    create_project,
    delete_project,
)
from wheelyard.actions.transfers import transfer_project
from wheelyard.actions.users import require_user_by_id
from wheelyard.domain.access import Action, Level, RegistryAccess, Visibility
from wheelyard.domain.authorise import may
from wheelyard.domain.errors import Problem, invalid, not_found
from wheelyard.domain.filters import ProjectFilter
from wheelyard.domain.models.places import Namespace, ProjectChoices
from wheelyard.domain.names import check_path, path_of_name
from wheelyard.domain.reach import reach
from wheelyard.http.paths import find_group
from wheelyard.http.rest.calls import AdminCall, AnyCall, Call, SignedInCall
from wheelyard.http.rest.choices import AccessChoice, DuplicatesChoice, ValidationChoice
from wheelyard.http.rest.project_lists import (
    AnyProject,
    ProjectPaging,
    ProjectParameters,
    show_project,
    show_projects,
)
from wheelyard.http.rest.row_ids import MAX_ROW_ID, RowId
from wheelyard.http.rest.shapes.answers import ACCEPTED, MessageJson
from wheelyard.ports.database import Transaction

router = APIRouter(tags=["Projects"])


class ProjectSettings(BaseModel):
    """What can be set of a project; what is absent stays as it is."""

    name: str | None = None
    path: str | None = None
    description: str | None = None
    visibility: Visibility | None = None
    packages_enabled: bool | None = None
    package_registry_access_level: AccessChoice = None
    duplicates: DuplicatesChoice = None
    validation: ValidationChoice = None


class NewProject(ProjectSettings):
    """A project to create: by its name or its path, or both."""

    model_config = ConfigDict(
        json_schema_extra={"anyOf": [{"required": ["name"]}, {"required": ["path"]}]}
    )

    namespace_id: int | None = Field(None, ge=1, le=MAX_ROW_ID)


class Transfer(BaseModel):
    """Where to transfer a project to: the id or the path of a namespace."""

    namespace: int | str


@router.get("/projects")
async def list_projects(
    call: AnyCall, paging: ProjectPaging, asked: ProjectParameters
) -> list[AnyProject]:
    """List the projects that the caller may see, the newest first."""
    wanted = ProjectFilter(reach(call.actor, call.today, Action.READ_PROJECT))
    async with call.services.db.read() as tx:
        return await show_projects(call, tx, paging, asked.narrow(wanted, call), asked)


@router.post("/projects", status_code=201)
async def post_project(body: NewProject, call: SignedInCall) -> AnyProject:
    """Create a project, in the caller's own namespace unless one is named."""
    async with call.services.db.read() as tx:
        namespace = await _namespace(call, tx, body.namespace_id)
    return await _create(call, namespace, body)


@router.post("/projects/user/{user_id}", status_code=201)
async def post_user_project(user_id: RowId, body: NewProject, call: AdminCall) -> AnyProject:
    """Create a project in a user's own namespace, as an administrator."""
    async with call.services.db.read() as tx:
        user = await require_user_by_id(tx, user_id)
        namespace = await tx.namespaces.by_path(user.username)
    if namespace is None:  # a bot has none
        raise not_found("404 Namespace")
    return await _create(call, namespace, body)


async def _create(call: Call, namespace: Namespace, body: NewProject) -> AnyProject:
    if not body.name and not body.path:
        message = "name, path are missing, at least one parameter must be provided"
        raise invalid(Problem("no-name", message))
    path = check_path(body.path or path_of_name(body.name or ""))
    project = await create_project(
        call.services.db,
        call.by,
        full_path=f"{namespace.full_path}/{path}",
        name=body.name,
        visibility=body.visibility,
        description=body.description or "",
        own=_choices(body),
    )
    async with call.services.db.read() as tx:
        return await show_project(await call.renewed(tx), tx, project)


@router.get("/projects/{id}")
async def get_project(id: str, call: AnyCall, *, statistics: bool = False) -> AnyProject:
    """Show a project."""
    async with call.services.db.read() as tx:
        project = await call.project(tx, id, Action.READ_PROJECT)
        return await show_project(call, tx, project, has_statistics=statistics)


@router.put("/projects/{id}")
async def put_project(id: str, body: ProjectSettings, call: SignedInCall) -> AnyProject:
    """Change a project. Its visibility is for owners to change."""
    change = _change(body)
    async with call.services.db.read() as tx:
        project = await call.project(tx, id, Action.ADMIN_PROJECT)
        if change.get("visibility", project.visibility) is not project.visibility:
            call.allow(Action.CHANGE_VISIBILITY, project)
    project = await change_project(call.services.db, call.by, project.id, change)
    async with call.services.db.read() as tx:
        return await show_project(await call.renewed(tx), tx, project)


@router.put("/projects/{id}/transfer")
async def put_transfer(id: str, body: Transfer, call: SignedInCall) -> AnyProject:
    """Move a project to another namespace, as its owner and a maintainer there.

    It becomes no more visible than the namespace; a package name stays with the project that has
    it there already.
    """
    async with call.services.db.read() as tx:
        project = await call.project(tx, id, Action.REMOVE_PROJECT)
        namespace = await find_group(tx, str(body.namespace))
        if namespace is None or call.actor.level_at(namespace.key, call.today) < Level.GUEST:
            raise not_found("404 Namespace")
        if not may(call.actor, Action.RECEIVE_PROJECT, namespace, call.today):
            message = "Transfer failed: You don't have permission to transfer projects there."
            raise invalid(Problem("cannot-transfer", message))
    moved = await transfer_project(call.services.db, call.by, project.id, namespace.id)
    async with call.services.db.read() as tx:
        return await show_project(await call.renewed(tx), tx, moved)


@router.delete("/projects/{id}", status_code=202)
async def remove_project(id: str, call: SignedInCall) -> MessageJson:
    """Delete a project with its packages, at once."""
    async with call.services.db.read() as tx:
        project = await call.project(tx, id, Action.REMOVE_PROJECT)
    await delete_project(call.services.db, call.by, project.id)
    return ACCEPTED


async def _namespace(call: Call, tx: Transaction, namespace_id: int | None) -> Namespace:
    """Return where the caller may create a project. Raises Refused (invalid), as GitLab."""
    if namespace_id is None:
        namespace = await tx.namespaces.by_path(call.actor.username)
    else:
        namespace = await tx.namespaces.get(namespace_id)
    if namespace is None or not may(call.actor, Action.CREATE_PROJECT, namespace, call.today):
        message = "is not valid: it does not exist, or you may not create projects there"
        raise invalid(Problem("invalid-namespace", message, "namespace"))
    return namespace


def _choices(body: ProjectSettings) -> ProjectChoices:
    access = body.package_registry_access_level
    if access is None and body.packages_enabled is not None:
        access = RegistryAccess.ENABLED if body.packages_enabled else RegistryAccess.DISABLED
    return ProjectChoices(access, body.duplicates, body.validation)


_FIELDS = {"package_registry_access_level": "registry_access"}
_MAY_BE_NULL = frozenset({"package_registry_access_level", "duplicates", "validation"})


def _change(body: ProjectSettings) -> ProjectChange:
    sent: dict[str, Any] = body.model_dump(exclude_unset=True)
    change = {
        _FIELDS.get(name, name): value
        for name, value in sent.items()
        if value is not None or name in _MAY_BE_NULL
    }
    if not change:
        names = ", ".join(ProjectSettings.model_fields)
        raise invalid(
            Problem("nothing", f"{names} are missing, at least one parameter must be provided")
        )
    return cast("ProjectChange", change)  # the model has checked it
