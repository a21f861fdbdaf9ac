"""The JSON of projects.

`duplicates` and `validation` are ours, as is `own_settings`: what the project itself chose of
its package settings, where the others say what holds in the end (null: as the groups above).
"""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType

from typing_extensions import TypedDict

from wheelyard.domain.access import RegistryAccess, Visibility
from wheelyard.domain.findings import Strictness
from wheelyard.domain.models.places import Duplicates, Namespace, Project
from wheelyard.domain.names import ancestor_keys
from wheelyard.http.rest.shapes.answers import Nothing
from wheelyard.http.rest.shapes.groups import NamespaceJson, namespace_json
from wheelyard.http.rest.shapes.moments import Moment, moment

NOWHERE: Mapping[str, Namespace] = MappingProxyType({})


class SimpleProjectJson(TypedDict):
    """A project in short."""

    id: int
    description: str
    name: str
    name_with_namespace: str
    path: str
    path_with_namespace: str
    created_at: Moment
    default_branch: str | None
    tag_list: Nothing
    topics: Nothing
    web_url: str
    avatar_url: str | None
    star_count: int
    forks_count: int
    last_activity_at: Moment
    visibility: Visibility
    namespace: NamespaceJson | None


class OwnSettingsJson(TypedDict):
    """What a project chose itself; null is no choice."""

    package_registry_access_level: RegistryAccess | None
    duplicates: Duplicates | None
    validation: Strictness | None


class ProjectLinksJson(TypedDict):
    """Addresses of a project in this API."""

    self: str
    members: str


class AccessJson(TypedDict):
    """A role of the caller."""

    access_level: int
    notification_level: int


class PermissionsJson(TypedDict):
    """What the caller is in the project itself, and by way of its groups."""

    project_access: AccessJson | None
    group_access: AccessJson | None


class ProjectJson(SimpleProjectJson):
    """A project, with its package settings."""

    _links: ProjectLinksJson
    packages_enabled: bool
    package_registry_access_level: RegistryAccess
    empty_repo: bool
    archived: bool
    creator_id: int | None
    duplicates: Duplicates
    validation: Strictness | None
    own_settings: OwnSettingsJson


class ProjectStatisticsJson(TypedDict):
    """How much a project stores, in bytes: of GitLab's figures a package index has two."""

    storage_size: int
    packages_size: int


class ProjectForCallerJson(ProjectJson):
    """A project, and what its reader may do there."""

    permissions: PermissionsJson


class ProjectWithStatisticsJson(ProjectForCallerJson):
    """The same with what was asked for beside it."""

    statistics: ProjectStatisticsJson


def simple_project_json(
    project: Project,
    base_url: str = "",
    namespaces: Mapping[str, Namespace] = NOWHERE,
    published_at: datetime | None = None,
) -> SimpleProjectJson:
    """Show a project in short. `namespaces` holds those above it by their path keys.

    published_at: when its newest package was published.
    """
    above = [namespaces[key] for key in ancestor_keys(project.key) if key in namespaces]
    return {
        "id": project.id,
        "description": project.description,
        "name": project.name,
        "name_with_namespace": name_with_namespace(project, namespaces),
        "path": project.path,
        "path_with_namespace": project.full_path,
        "created_at": moment(project.created_at),
        "default_branch": None,
        "tag_list": [],
        "topics": [],
        "web_url": f"{base_url}/{project.full_path}",
        "avatar_url": None,
        "star_count": 0,
        "forks_count": 0,
        "last_activity_at": moment(published_at or project.created_at),
        "visibility": project.visibility,
        "namespace": namespace_json(above[-1], base_url) if above else None,
    }


def project_json(
    project: Project,
    base_url: str = "",
    namespaces: Mapping[str, Namespace] = NOWHERE,
    published_at: datetime | None = None,
) -> ProjectJson:
    """Show a project, with its package settings."""
    own, api = project.own, f"{base_url}/api/v4/projects/{project.id}"
    return {
        **simple_project_json(project, base_url, namespaces, published_at),
        "_links": {"self": api, "members": f"{api}/members"},
        "packages_enabled": project.registry_access is not RegistryAccess.DISABLED,
        "package_registry_access_level": project.registry_access,
        "empty_repo": True,
        "archived": False,
        "creator_id": project.creator_id,
        "duplicates": project.duplicates,
        "validation": project.validation,
        "own_settings": {
            "package_registry_access_level": own.registry_access,
            "duplicates": own.duplicates,
            "validation": own.validation,
        },
    }


def name_with_namespace(project: Project, namespaces: Mapping[str, Namespace] = NOWHERE) -> str:
    """Return the names of what is above a project, and its own: `Team / Backend / Billing`."""
    above = [namespaces[key] for key in ancestor_keys(project.key) if key in namespaces]
    names = [namespace.name for namespace in above] or project.full_path.split("/")[:-1]
    return " / ".join([*names, project.name])
