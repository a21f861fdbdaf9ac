"""`wheelyard group …`, `wheelyard project …` and `wheelyard member …`."""

from collections.abc import Awaitable, Mapping
from enum import StrEnum
from typing import Annotated

import typer

from wheelyard.actions.groups import create_group
from wheelyard.actions.members import set_member
from wheelyard.actions.project_settings import set_project_setting
from wheelyard.actions.projects import create_project
from wheelyard.app import Machinery
from wheelyard.cli.common import parse_date, run, show
from wheelyard.domain.access import ROLES, Visibility
from wheelyard.domain.models.places import Namespace, Project
from wheelyard.domain.names import ancestor_keys
from wheelyard.http.rest.shapes.groups import group_json
from wheelyard.http.rest.shapes.members import member_json
from wheelyard.http.rest.shapes.projects import project_json

groups = typer.Typer(no_args_is_help=True)
projects = typer.Typer(no_args_is_help=True)
members = typer.Typer(no_args_is_help=True)


class Role(StrEnum):
    """The roles by their names on the command line."""

    GUEST = "guest"
    PLANNER = "planner"
    REPORTER = "reporter"
    DEVELOPER = "developer"
    MAINTAINER = "maintainer"
    OWNER = "owner"


VisibilityOption = Annotated[Visibility, typer.Option(help="Who may see it.")]


@groups.callback()
def _groups() -> None:
    """Make groups."""


@groups.command("create")
def group_create(full_path: str, visibility: VisibilityOption = Visibility.PRIVATE) -> None:
    """Create the group FULL_PATH; its parent groups must exist."""
    group = run(
        lambda machines, by: create_group(
            machines.db, by, full_path=full_path, visibility=visibility
        )
    )
    show(group_json(group), f"Created the group {group.full_path} (id {group.id}).")


@projects.command("create")
def project_create(full_path: str, visibility: VisibilityOption = Visibility.PRIVATE) -> None:
    """Create the project NAMESPACE/NAME; the namespace is a group or a user name."""
    project, above = run(
        lambda machines, by: _with_namespaces(
            machines,
            create_project(machines.db, by, full_path=full_path, visibility=visibility),
        )
    )
    told = project_json(project, namespaces=above)
    show(told, f"Created the project {project.full_path} (id {project.id}).")


@projects.command("set")
def project_set(full_path: str, key: str, value: str) -> None:
    """Set KEY of the project FULL_PATH to VALUE.

    Keys: visibility (private, internal, public), packages_enabled (true, false),
    package_registry_access_level (disabled, private, enabled, public), duplicates (allow, deny),
    validation (strict, warn, off). The last three also take inherit: as the group or the instance.
    """
    project, above = run(
        lambda machines, by: _with_namespaces(
            machines,
            set_project_setting(machines.db, by, full_path=full_path, key=key, text=value),
        )
    )
    told = project_json(project, namespaces=above)
    show(told, f"Set {key} of {project.full_path} to {value}.")


async def _with_namespaces(
    machines: Machinery, work: Awaitable[Project]
) -> tuple[Project, Mapping[str, Namespace]]:
    """Return what `work` makes, and the namespaces above it, which REST shows with a project."""
    project = await work
    async with machines.db.read() as tx:
        return project, await tx.namespaces.by_keys(ancestor_keys(project.key))


@members.callback()
def _members() -> None:
    """Roles in groups and projects."""


@members.command("add")
def member_add(
    full_path: str,
    name: str,
    role: Annotated[Role, typer.Option(help="The role there and in everything below.")],
    expires_at: Annotated[str | None, typer.Option(metavar="YYYY-MM-DD")] = None,
) -> None:
    """Give the user NAME a role in the group or project FULL_PATH."""
    member = run(
        lambda machines, by: set_member(
            machines.db,
            by,
            full_path=full_path,
            username=name,
            level=ROLES[role.value],
            expires_at=parse_date(expires_at),
        )
    )
    show(member_json(member), f"{member.username} is {role.value} of {member.full_path}.")
