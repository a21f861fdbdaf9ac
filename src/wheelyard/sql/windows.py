"""Reading a window of a listing: by number with one bounded count, or on after a position."""

import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Select, and_, func, or_, select

from wheelyard.domain.errors import Problem, invalid
from wheelyard.domain.filters import Span
from wheelyard.domain.listing import MAX_COUNTED, Listing, Position, Window
from wheelyard.sql.connection import Connection
from wheelyard.sql.types import Instant

T = TypeVar("T")

_ID, _VALUE = "position_id", "position_value"


async def read_window(
    connection: Connection,
    statement: Select[Any],
    window: Window,
    read: Callable[[Any], T],
    *,
    id_column: ColumnElement[Any],
    orders: Mapping[str, ColumnElement[Any]],
    default: tuple[str, bool],
) -> Listing[T]:
    """Return what `statement`, which has no order yet, shows through `window`, and count it.

    orders: `order_by` to the column it means; an unknown name means the default.
    default: the name of the default order, and whether it descends.
    read: makes a value of a row's mapping.
    """
    part = await cut_window(
        connection, statement, window, read, id_column=id_column, orders=orders, default=default
    )
    if window.is_keyset:
        return part
    return replace(part, total=await count_rows(connection, statement.with_only_columns(id_column)))


async def cut_window(
    connection: Connection,
    statement: Select[Any],
    window: Window,
    read: Callable[[Any], T],
    *,
    id_column: ColumnElement[Any],
    orders: Mapping[str, ColumnElement[Any]],
    default: tuple[str, bool],
) -> Listing[T]:
    """Do as `read_window`, without counting."""
    limit = window.limit + 1  # one more tells whether there is more
    if window.is_keyset:
        name = window.order_by or ""
        is_descending = window.is_descending
        if is_descending is None:  # GitLab's default, where the listing has no order of its own
            is_descending = default[1] if name == default[0] else True
        order = orders.get(name, id_column)
        cut = _cut(statement, id_column, order, window, is_descending=is_descending)
        return await _read_keyset(connection, cut, window, read)
    cut = _ordered(statement, id_column, window, orders, default).limit(limit)
    rows = (await connection.execute(cut.offset(window.offset))).mappings().all()
    items = [read(row) for row in rows[: window.limit]]
    return Listing(items, has_more=len(rows) > window.limit)


def inside(column: ColumnElement[Any], span: Span[Any]) -> Sequence[ColumnElement[bool]]:
    """Return the conditions that keep a column inside a span: none where it has no ends."""
    ends = [] if span.after is None else [column > span.after]
    return ends if span.before is None else [*ends, column < span.before]


async def count_rows(connection: Connection, statement: Select[Any]) -> int | None:
    """Count what a statement selects; None when there are more than `MAX_COUNTED`."""
    rows = statement.limit(MAX_COUNTED + 1).subquery()
    return at_most_counted(await connection.scalar(select(func.count()).select_from(rows)) or 0)


def at_most_counted(total: int) -> int | None:
    """Return the total, or None when it is more than `MAX_COUNTED`."""
    return None if total > MAX_COUNTED else total


async def _read_keyset(
    connection: Connection, cut: Select[Any], window: Window, read: Callable[[Any], T]
) -> Listing[T]:
    rows = (await connection.execute(cut.limit(window.limit + 1))).mappings().all()
    page = [dict(row) for row in rows[: window.limit]]
    positions = [_position(row.pop(_ID), row.pop(_VALUE)) for row in page]
    return Listing(
        [read(row) for row in page],
        has_more=len(rows) > window.limit,
        next=positions[-1] if positions else None,
    )


def _cut(
    statement: Select[Any],
    id_column: ColumnElement[Any],
    order: ColumnElement[Any],
    window: Window,
    *,
    is_descending: bool,
) -> Select[Any]:
    """Go on after a position, whose value is compared as the database orders it."""
    if window.after is not None:
        is_after = _is_after(order, id_column, window.after, is_descending=is_descending)
        statement = statement.where(is_after)
    columns = (id_column,) if order is id_column else (order, id_column)
    return statement.add_columns(order.label(_VALUE), id_column.label(_ID)).order_by(
        *(column.desc() if is_descending else column.asc() for column in columns)
    )


def _is_after(
    order: ColumnElement[Any],
    id_column: ColumnElement[Any],
    after: Position,
    *,
    is_descending: bool,
) -> ColumnElement[bool]:
    is_beyond = operator.lt if is_descending else operator.gt
    by_id: ColumnElement[bool] = is_beyond(id_column, after.id)
    if order is id_column:
        return by_id
    value = _bound(order, after.value)
    # With a bound by itself, so that an index on the order finds where to go on.
    bound: ColumnElement[bool] = order <= value if is_descending else order >= value
    return and_(bound, or_(is_beyond(order, value), by_id))


def _bound(order: ColumnElement[Any], value: str | int | None) -> str | int | datetime:
    """Return a position's value as the column has it. Raises Refused (invalid)."""
    try:
        if isinstance(order.type, Instant):
            return datetime.fromisoformat(str(value)).astimezone(UTC)
        if value is not None and isinstance(value, order.type.python_type):
            return value
    except (ValueError, OverflowError):
        pass
    raise invalid(Problem("invalid-cursor", "cursor is invalid"))


def _position(id_: int, value: Any) -> Position:
    return Position(id_, value.isoformat() if isinstance(value, datetime) else value)


def _ordered(
    statement: Select[Any],
    id_column: ColumnElement[Any],
    window: Window,
    orders: Mapping[str, ColumnElement[Any]],
    default: tuple[str, bool],
) -> Select[Any]:
    name, is_descending = default
    if window.order_by is not None and window.order_by in orders:
        name = window.order_by
    if window.is_descending is not None:
        is_descending = window.is_descending
    column = orders[name]
    # Ids make the order total, so that no row is on two pages.
    if is_descending:
        return statement.order_by(column.desc(), id_column.desc())
    return statement.order_by(column, id_column)
