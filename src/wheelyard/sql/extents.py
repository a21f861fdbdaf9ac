"""Extents and reaches as conditions on `projects`: no list of project ids is ever sent.

A list of ids would be as long as there are projects; these conditions are as long as the
caller's own roles.
"""

from typing import Any

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    FromClause,
    String,
    and_,
    column,
    false,
    or_,
    select,
    true,
    union_all,
    values,
)

from wheelyard.domain.access import Target
from wheelyard.domain.extent import Extent
from wheelyard.domain.reach import Reach
from wheelyard.sql.routes import is_at_or_below, is_below
from wheelyard.sql.schema import projects

_FEW_ROLES = 12
"""Up to so many are compared one by one: SQLAlchemy keeps such a statement, and would make one
with a table of paths anew each time, which takes ten times as long as to run it."""

_AFTER_SLASH = "0"  # the character after "/": what is below a path sorts before it


def within(extent: Extent) -> ColumnElement[bool]:
    """Say that a project belongs to the extent."""
    if extent.path_key is None:
        return true()
    if not extent.has_subgroups:
        return projects.c.namespace_id == extent.group_id
    return is_below(projects.c.path_key, extent.path_key)


def reachable(reach: Reach, label: str = "roles") -> ColumnElement[bool]:
    """Say that a project is within somebody's reach.

    `label` tells the tables of paths of several reaches in one statement apart.
    """
    paths: dict[frozenset[Target], list[str]] = {}
    for path_key, targets in reach.below:
        paths.setdefault(targets, []).append(path_key)
    below: list[ColumnElement[bool]] = []
    for number, (targets, keys) in enumerate(paths.items()):
        if len(keys) <= _FEW_ROLES:
            places = (is_at_or_below(projects.c.path_key, key) for key in keys)
            below.append(and_(or_(*places), _is_one_of(projects, targets)))
        else:
            below.append(projects.c.id.in_(_ids_below(keys, targets, f"{label}_{number}")))
    return or_(false(), _is_one_of(projects, reach.anywhere), *below)


def _ids_below(keys: list[str], targets: frozenset[Target], label: str) -> CompoundSelect[Any]:
    """Select the projects of these kinds at or below one of the paths.

    The paths are a table, from which the projects are looked up: a chain of ORs is too much
    for SQLite from some hundreds of roles on, and comparing each project with each role is slow.
    """
    columns = (column(name, String) for name in ("path_key", "first_below", "after_below"))
    rows = [(key, key + "/", key + _AFTER_SLASH) for key in keys]
    roles = values(*columns, name=label).data(rows).cte(label)
    at = projects.alias(f"{label}_at")
    below = projects.alias(f"{label}_below")
    key = below.c.path_key
    is_below_role = (key >= roles.c.first_below) & (key < roles.c.after_below)
    return union_all(
        select(at.c.id)
        .join(roles, at.c.path_key == roles.c.path_key)
        .where(_is_one_of(at, targets)),
        select(below.c.id).join(roles, is_below_role).where(_is_one_of(below, targets)),
    )


def _is_one_of(table: FromClause, targets: frozenset[Target]) -> ColumnElement[bool]:
    accesses: dict[str, list[str]] = {}
    for target in sorted(targets):
        accesses.setdefault(target.visibility, []).append(target.registry_access)
    kinds = (
        and_(table.c.visibility == visibility, table.c.registry_access.in_(allowed))
        for visibility, allowed in accesses.items()
    )
    return or_(false(), *kinds)
