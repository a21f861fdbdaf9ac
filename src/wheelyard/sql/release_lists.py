"""Lists of releases, of a project or of many, for the cost of the part that is shown.

There are two ways to a page of a list. What meets the conditions is collected and sorted; or the
releases are gone through in the order of the list, by its index, until the page is full. The first
is good for few, the second for many, and which it is tells their number, which is counted up to
`MAX_COUNTED` anyway. Left to itself, a database without statistics guesses, and guesses badly.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, exists, func, select

from wheelyard.domain.listing import Listing, Window
from wheelyard.domain.releases import ListedRelease, ReleaseFilter
from wheelyard.sql.connection import Connection
from wheelyard.sql.release_filters import Conditions, Place, read_filter, unindexed
from wheelyard.sql.release_rows import listed_releases, to_listed_release
from wheelyard.sql.schema import names, packages, project_totals, projects
from wheelyard.sql.windows import at_most_counted, count_rows, cut_window

_BY_ID = "type"  # they are all of one type
_ORDERS: dict[str, ColumnElement[Any]] = {
    "created_at": packages.c.created_at,
    "name": names.c.normalised,
    "normalised_name": names.c.normalised,
    "version": packages.c.version_key,
    _BY_ID: packages.c.id,
    "project_path": projects.c.path_key,
}
_DEFAULT = "created_at", False


async def list_releases(
    connection: Connection, place: Place, wanted: ReleaseFilter, window: Window
) -> Listing[ListedRelease]:
    """Return what the list of the place's releases shows through the window."""
    conditions = await read_filter(connection, wanted, place)
    found = conditions.found_in(place)
    total = await _count(connection, place, conditions, found)
    order = _order_of(window)
    # Of one project, without conditions, the index of an order holds these releases and no other.
    if total is None or (place.project_id is not None and not conditions):
        statement = _walked(place, conditions, order, window)
        id_column, value = packages.c.id, _ORDERS[order]
    else:
        collected = _collected(found, order)
        statement = select(collected.c.id)
        id_column, value = collected.c.id, collected.c.value
    part = await cut_window(
        connection,
        statement,
        window,
        lambda row: int(row["id"]),
        id_column=id_column,
        orders={order: value},
        default=_DEFAULT,
    )
    items = await _read(connection, part.items)
    return Listing(items, part.has_more, None if window.is_keyset else total, part.next)


async def _count(
    connection: Connection, place: Place, conditions: Conditions, found: Select[Any]
) -> int | None:
    if conditions:
        return await count_rows(connection, found)
    # All that is there: the projects have counted it already.
    its = place.among(project_totals.c.project_id)
    counted = select(func.sum(project_totals.c.packages)).where(its)
    return at_most_counted(int(await connection.scalar(counted) or 0))


def _order_of(window: Window) -> str:
    if window.order_by in _ORDERS:
        return str(window.order_by)
    return _BY_ID if window.is_keyset else _DEFAULT[0]


def _collected(found: Select[Any], order: str) -> Any:
    """Return the ids and the values of the order as a table that the database makes first."""
    value = _ORDERS[order]
    if value is names.c.normalised:
        value = _of_package(value, names.c.id == packages.c.name_id)
    if value is projects.c.path_key:
        value = _of_package(value, projects.c.id == packages.c.project_id)
    return found.add_columns(value.label("value")).cte("collected").prefix_with("MATERIALIZED")


def _of_package(value: ColumnElement[Any], condition: ColumnElement[bool]) -> ColumnElement[Any]:
    return select(value).where(condition).correlate(packages).scalar_subquery()


def _walked(place: Place, conditions: Conditions, order: str, window: Window) -> Select[Any]:
    """Select the ids so that the index of the order comes first, and all else is asked of it."""
    value = _ORDERS[order]
    statement = select(packages.c.id).where(packages.c.deleted_at.is_(None), *conditions.of_package)
    if value is names.c.normalised:
        is_its = packages.c.name_id == unindexed(names.c.id)
        return (
            statement.select_from(names)
            .join(packages, is_its)
            .where(place.holds(names.c.project_id), *conditions.of_name)
        )
    if conditions.of_name:
        is_name = names.c.id == packages.c.name_id
        statement = statement.where(exists().where(is_name, *conditions.of_name))
    if value is projects.c.path_key:
        is_its = packages.c.project_id == unindexed(projects.c.id)
        return statement.join(projects, is_its).where(place.projects)
    if place.project_id is None and value is packages.c.created_at:
        statement = statement.where(_not_before_the_place(place, window))
    return statement.where(place.holds(packages.c.project_id))


def _not_before_the_place(place: Place, window: Window) -> ColumnElement[bool]:
    """Begin where the first release of the place is: a young group's are all at the end."""
    is_descending = window.is_descending is True
    bound = func.max if is_descending else func.min
    first = (
        select(bound(packages.c.created_at))
        .where(packages.c.project_id == projects.c.id, packages.c.deleted_at.is_(None))
        .correlate(projects)
        .scalar_subquery()
    )
    of_all = select(bound(first)).where(place.among(projects.c.id)).scalar_subquery()
    return packages.c.created_at <= of_all if is_descending else packages.c.created_at >= of_all


async def _read(connection: Connection, ids: Sequence[int]) -> list[ListedRelease]:
    rows = await connection.execute(listed_releases().where(packages.c.id.in_(ids)))
    found = {row["id"]: to_listed_release(row) for row in rows.mappings()}
    return [found[id_] for id_ in ids]
