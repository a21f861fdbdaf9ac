"""The statements of the index: whose a name is, and which names there are."""

from typing import Any

from sqlalchemy import CompoundSelect, Select, exists, func, select, union_all

from wheelyard.domain.access import RegistryAccess, Target, Visibility
from wheelyard.domain.extent import Extent
from wheelyard.domain.reach import Reach
from wheelyard.ports.packages import NameHolder
from wheelyard.sql.extents import reachable, within
from wheelyard.sql.schema import files, name_owners, names, projects

HAS_FILES = exists().where(files.c.name_id == names.c.id, ~files.c.is_superseded)
"""Says that a name has a listed file."""

HOLDER_COLUMNS = (
    projects.c.id.label("project_id"),
    projects.c.path_key,
    projects.c.visibility,
    projects.c.registry_access,
)
"""What to select for `to_holder`."""


def to_holder(row: Any) -> NameHolder:
    """Make the value from a row's mapping."""
    target = Target(Visibility(row["visibility"]), RegistryAccess(row["registry_access"]))
    return NameHolder(row["project_id"], row["path_key"], target)


def by_ownership(statement: Select[Any], extent: Extent) -> Select[Any]:
    """Select from the names of the extent's projects, those of owners before all others."""
    return _names_of(statement, extent).order_by(*_OWNER_FIRST)


def owned_names(extent: Extent, reach: Reach) -> CompoundSelect[Any]:
    """Select the names whose owner, among all projects of the extent, is within reach.

    Each once, in no order. Nearly every name is one project's alone, so there is nobody else to
    ask about; only the shared ones are grouped to find their owners.
    """
    return _owned(_listed(extent, reach), extent)


def owned_serials(extent: Extent, reach: Reach) -> CompoundSelect[Any]:
    """Select the same names, each with the serial of its latest change."""
    return _owned(_listed(extent, reach).add_columns(names.c.serial), extent)


def merged_names(extent: Extent, reach: Reach) -> Select[Any]:
    """Select the names that some project of the extent and within reach has; in no order."""
    return _listed(extent, reach).distinct()


def merged_serials(extent: Extent, reach: Reach) -> Select[Any]:
    """Select the same names, each with the serial of its latest change in any of them."""
    latest = _listed(extent, reach).add_columns(func.max(names.c.serial))
    return latest.group_by(names.c.normalised)


# The chosen owner (its row in `name_owners` was joined), then the first to publish.
_OWNER_FIRST = (name_owners.c.id.is_(None), names.c.id)


def _names_of(statement: Select[Any], extent: Extent) -> Select[Any]:
    chosen = (
        (name_owners.c.project_id == names.c.project_id)
        & (name_owners.c.normalised == names.c.normalised)
        & (name_owners.c.namespace_id.is_not_distinct_from(extent.group_id))
    )
    return (
        statement.select_from(names)
        .join(projects, projects.c.id == names.c.project_id)
        .outerjoin(name_owners, chosen)
        .where(within(extent))
    )


def _owners(extent: Extent) -> CompoundSelect[Any]:
    """Select the id of every shared name's owner: what `by_ownership` puts first."""
    chosen = (
        select(names.c.id, names.c.normalised)
        .join(projects, projects.c.id == names.c.project_id)
        .join(
            name_owners,
            (name_owners.c.project_id == names.c.project_id)
            & (name_owners.c.normalised == names.c.normalised),
        )
        .where(
            names.c.is_shared,
            name_owners.c.namespace_id.is_not_distinct_from(extent.group_id),
            within(extent),
        )
        .subquery()
    )
    first = select(func.min(names.c.id)).where(
        names.c.is_shared, names.c.normalised.not_in(select(chosen.c.normalised))
    )
    if extent.path_key is not None:
        first = first.join(projects, projects.c.id == names.c.project_id).where(within(extent))
    return union_all(first.group_by(names.c.normalised), select(chosen.c.id))


def _owned(listed: Select[Any], extent: Extent) -> CompoundSelect[Any]:
    return union_all(
        listed.where(~names.c.is_shared),
        listed.where(names.c.is_shared, names.c.id.in_(_owners(extent))),
    )


def _listed(extent: Extent, reach: Reach) -> Select[Any]:
    there = select(projects.c.id).where(within(extent), reachable(reach))
    return select(names.c.normalised).where(names.c.has_files, names.c.project_id.in_(there))
