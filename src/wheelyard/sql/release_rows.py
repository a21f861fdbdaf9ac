"""From rows of `packages`, joined with their names, to releases."""

from typing import Any

from sqlalchemy import Select, select

from wheelyard.domain.access import RegistryAccess, Target, Visibility
from wheelyard.domain.models.packages import Release
from wheelyard.domain.releases import ListedRelease, Publisher
from wheelyard.domain.status import ProjectStatus
from wheelyard.sql.schema import names, packages, projects, users

RELEASE_COLUMNS = (
    packages.c.id,
    packages.c.project_id,
    packages.c.name,
    names.c.normalised.label("normalised_name"),
    packages.c.version,
    packages.c.creator_id,
    packages.c.created_at,
    packages.c.last_downloaded_at,
    names.c.status,
)
"""What to select for `to_release`."""

_LISTED_COLUMNS = (
    *RELEASE_COLUMNS,
    projects.c.full_path,
    projects.c.visibility,
    projects.c.registry_access,
    users.c.username,
    users.c.name.label("publisher_name"),
    users.c.is_bot,
)


def live_releases(*columns: Any) -> Select[Any]:
    """Select from the releases that have not been deleted."""
    return (
        select(*columns)
        .select_from(packages)
        .join(names, names.c.id == packages.c.name_id)
        .where(packages.c.deleted_at.is_(None))
    )


def listed_releases() -> Select[Any]:
    """Select what `to_listed_release` needs."""
    return (
        live_releases(*_LISTED_COLUMNS)
        .join(projects, projects.c.id == packages.c.project_id)
        .outerjoin(users, users.c.id == packages.c.creator_id)
    )


def to_release(row: Any) -> Release:
    """Make the value from a row's mapping."""
    values = {column.name: row[column.name] for column in RELEASE_COLUMNS}
    return Release(**{**values, "status": ProjectStatus(row["status"])})


def to_listed_release(row: Any) -> ListedRelease:
    """Make the value from a row's mapping."""
    target = Target(Visibility(row["visibility"]), RegistryAccess(row["registry_access"]))
    return ListedRelease(to_release(row), row["full_path"], target, _publisher(row))


def _publisher(row: Any) -> Publisher | None:
    if row["username"] is None:
        return None
    return Publisher(row["username"], row["publisher_name"], row["is_bot"])
