"""The JSON of groups and other namespaces.

The package settings are ours: `packages_enabled`, `duplicates` and `validation` (null: left to
the group above, or to the projects), `locked_settings` (which of the three nothing below may
change), and `merge` (the group's index shows the files of all projects with one name).
"""

from typing import Literal, NotRequired

from typing_extensions import TypedDict

from wheelyard.domain.access import Visibility
from wheelyard.domain.findings import Strictness
from wheelyard.domain.inheritance import Inherited
from wheelyard.domain.models.places import Duplicates, Namespace, NamespaceKind
from wheelyard.http.rest.shapes.moments import Moment, moment


class GroupJson(TypedDict):
    """A group."""

    id: int
    web_url: str
    name: str
    path: str
    description: str
    visibility: Visibility
    project_creation_level: str
    subgroup_creation_level: str
    request_access_enabled: bool
    avatar_url: str | None
    full_name: str
    full_path: str
    created_at: Moment
    parent_id: int | None
    packages_enabled: bool | None
    duplicates: Duplicates | None
    validation: Strictness | None
    locked_settings: list[str]
    merge: bool


class InheritedJson(TypedDict):
    """The package settings that reach a group from above."""

    packages_enabled: bool
    duplicates: Duplicates
    validation: Strictness | None
    locked_settings: list[str]


class GroupDetailJson(GroupJson):
    """A group, with what reaches it from above."""

    inherited_settings: InheritedJson


class NamespaceJson(TypedDict):
    """A namespace: a group, or a user's own."""

    id: int
    name: str
    path: str
    kind: Literal["user", "group"]
    full_path: str
    parent_id: int | None
    avatar_url: str | None
    web_url: str
    members_count_with_descendants: NotRequired[int]


class ExistenceJson(TypedDict):
    """Whether a path is taken, and one that is not."""

    exists: bool
    suggests: list[str]


def group_json(group: Namespace, base_url: str = "", full_name: str | None = None) -> GroupJson:
    """Show a group. `full_name` is made of the names of the groups above it, too."""
    choices = group.choices
    return {
        "id": group.id,
        "web_url": f"{base_url}/groups/{group.full_path}",
        "name": group.name,
        "path": group.path,
        "description": group.description,
        "visibility": group.visibility,
        "project_creation_level": "developer",
        "subgroup_creation_level": "maintainer",
        "request_access_enabled": False,
        "avatar_url": None,
        "full_name": full_name or group.full_path.replace("/", " / "),
        "full_path": group.full_path,
        "created_at": moment(group.created_at),
        "parent_id": group.parent_id,
        "packages_enabled": choices.packages_enabled,
        "duplicates": choices.duplicates,
        "validation": choices.validation,
        "locked_settings": sorted(choices.locked),
        "merge": group.merges_names,
    }


def inherited_json(inherited: Inherited) -> InheritedJson:
    """Show the package settings that reach a place from above."""
    return {
        "packages_enabled": inherited.packages_enabled,
        "duplicates": inherited.duplicates,
        "validation": inherited.validation,
        "locked_settings": sorted(inherited.locked),
    }


def namespace_json(
    namespace: Namespace, base_url: str = "", members_count: int | None = None
) -> NamespaceJson:
    """Show a namespace: a group, or a user's own. Members are counted for a group's owner only."""
    is_group = namespace.kind is NamespaceKind.GROUP
    shown: NamespaceJson = {
        "id": namespace.id,
        "name": namespace.name,
        "path": namespace.path,
        "kind": "group" if is_group else "user",
        "full_path": namespace.full_path,
        "parent_id": namespace.parent_id,
        "avatar_url": None,
        "web_url": f"{base_url}/{'groups/' if is_group else ''}{namespace.full_path}",
    }
    if members_count is not None:
        shown["members_count_with_descendants"] = members_count
    return shown
