"""The JSON of package names: their status, and whose they are."""

from typing_extensions import TypedDict

from wheelyard.domain.models.packages import NameStatus
from wheelyard.domain.names import NormalisedName
from wheelyard.domain.ownership import Collision, ProjectRef
from wheelyard.domain.status import ProjectStatus


class NameStatusJson(TypedDict):
    """The status marker of a package name (PEP 792)."""

    name: str
    status: ProjectStatus
    reason: str | None


class ProjectRefJson(TypedDict):
    """Which project is meant."""

    id: int
    path_with_namespace: str


class CollisionJson(TypedDict):
    """A name that several projects have published, and whose it is."""

    name: str
    owner: ProjectRefJson
    others: list[ProjectRefJson]


class NameOwnerJson(TypedDict):
    """Whose a name is."""

    name: str
    owner: ProjectRefJson


def name_status_json(marked: NameStatus) -> NameStatusJson:
    """Show the status marker of a package name (PEP 792)."""
    return {"name": marked.normalised_name, "status": marked.status, "reason": marked.reason}


def collision_json(collision: Collision) -> CollisionJson:
    """Show a name that several projects have published, and whose it is."""
    return {
        "name": collision.normalised_name,
        "owner": _project_ref_json(collision.owner),
        "others": [_project_ref_json(project) for project in collision.others],
    }


def name_owner_json(name: NormalisedName, owner: ProjectRef) -> NameOwnerJson:
    """Show whose a name is."""
    return {"name": name, "owner": _project_ref_json(owner)}


def _project_ref_json(project: ProjectRef) -> ProjectRefJson:
    return {"id": project.id, "path_with_namespace": project.full_path}
