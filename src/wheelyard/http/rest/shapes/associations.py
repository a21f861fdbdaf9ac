"""The JSON of what a token reaches."""

from collections.abc import Mapping
from datetime import date

from typing_extensions import TypedDict

from wheelyard.domain.access import Visibility
from wheelyard.domain.models.callers import Actor
from wheelyard.domain.models.places import Namespace, Project
from wheelyard.domain.names import ancestor_keys, path_key
from wheelyard.http.rest.shapes.groups import NamespaceJson, namespace_json
from wheelyard.http.rest.shapes.moments import Moment, moment
from wheelyard.http.rest.shapes.projects import name_with_namespace


class AssociatedGroupJson(TypedDict):
    """A group, and the role that the token's user has in it, if any."""

    id: int
    web_url: str
    name: str
    full_path: str
    parent_id: int | None
    access_levels: int | None
    visibility: Visibility


class AccessLevelsJson(TypedDict):
    """The roles that the token's user has in a project itself, and by way of its groups."""

    project_access_level: int | None
    group_access_level: int | None


class AssociatedProjectJson(TypedDict):
    """A project, and the roles that the token's user has there, if any."""

    id: int
    description: str
    name: str
    name_with_namespace: str
    path: str
    path_with_namespace: str
    created_at: Moment
    access_levels: AccessLevelsJson
    visibility: Visibility
    web_url: str
    namespace: NamespaceJson | None


class AssociationsJson(TypedDict):
    """A page of groups and a page of projects."""

    groups: list[AssociatedGroupJson]
    projects: list[AssociatedProjectJson]


def associated_group_json(
    group: Namespace, actor: Actor, today: date, base_url: str
) -> AssociatedGroupJson:
    """Show a group that the actor sees."""
    return {
        "id": group.id,
        "web_url": f"{base_url}/groups/{group.full_path}",
        "name": group.name,
        "full_path": group.full_path,
        "parent_id": group.parent_id,
        "access_levels": _role(actor, today, *ancestor_keys(group.key), group.key),
        "visibility": group.visibility,
    }


def associated_project_json(
    project: Project,
    actor: Actor,
    today: date,
    base_url: str,
    namespaces: Mapping[str, Namespace],
) -> AssociatedProjectJson:
    """Show a project that the actor sees. `namespaces` holds those above it by path keys."""
    above = ancestor_keys(project.key)
    groups = [key for key in above if key != path_key(actor.username)]
    namespace = namespaces.get(above[-1])
    return {
        "id": project.id,
        "description": project.description,
        "name": project.name,
        "name_with_namespace": name_with_namespace(project, namespaces),
        "path": project.path,
        "path_with_namespace": project.full_path,
        "created_at": moment(project.created_at),
        "access_levels": {
            "project_access_level": _role(actor, today, project.key),
            "group_access_level": _role(actor, today, *groups),
        },
        "visibility": project.visibility,
        "web_url": f"{base_url}/{project.full_path}",
        "namespace": None if namespace is None else namespace_json(namespace, base_url),
    }


def _role(actor: Actor, today: date, *keys: str) -> int | None:
    level = actor.role_at(keys, today)
    return None if level is None else int(level)
