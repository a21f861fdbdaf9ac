"""The one space of addresses that users, groups and projects share: taking, moving, freeing."""

from sqlalchemy import Column, ColumnElement, Table, delete, func, insert, or_, select, update

from wheelyard.domain.errors import Problem, Reason, Refused
from wheelyard.domain.names import path_key
from wheelyard.sql.connection import Connection
from wheelyard.sql.schema import members, namespaces, projects, routes, tokens

_AFTER_SLASH = "0"
"""The character after "/": what is below a path sorts from `path/` up to before `path0`."""


async def claim(connection: Connection, full_path: str) -> str:
    """Take `full_path` for a new user, group or project, and return its path key.

    Raises Refused (conflict) when it is taken. The writing transaction holds the lock, or the
    primary key decides the race.
    """
    key = path_key(full_path)
    taken = await connection.scalar(select(routes.c.path_key).where(routes.c.path_key == key))
    if taken is not None:
        message = f"'{full_path}' has already been taken."
        raise Refused(Reason.CONFLICT, message, problems=(Problem("path-taken", message, "path"),))
    await connection.execute(insert(routes).values(path_key=key))
    return key


def is_below(column: Column[str], key: str | Column[str]) -> ColumnElement[bool]:
    """Say that the path key in `column` is below `key`."""
    return (column >= key + "/") & (column < key + _AFTER_SLASH)


def is_at_or_below(column: Column[str], key: str | Column[str]) -> ColumnElement[bool]:
    """Say that the path key in `column` is `key`, or below it."""
    return or_(column == key, is_below(column, key))


async def move(connection: Connection, old_path: str, new_path: str) -> None:
    """Give what is at `old_path`, and all below it, the address `new_path`: roles and tokens too.

    Raises Refused (conflict) when the new address is taken.
    """
    old_key, new_key = path_key(old_path), path_key(new_path)
    if old_key != new_key:
        await claim(connection, new_path)
        below = select(_moved(routes.c.path_key, old_key, new_key)).where(
            is_below(routes.c.path_key, old_key)
        )
        await connection.execute(insert(routes).from_select(["path_key"], below))
        for table in (members, tokens):
            await _move_keys(connection, table, old_key, new_key)
    for table in (namespaces, projects):
        await connection.execute(
            update(table)
            .where(is_at_or_below(table.c.path_key, old_key))
            .values(
                full_path=_moved(table.c.full_path, old_path, new_path),
                path_key=_moved(table.c.path_key, old_key, new_key),
            )
        )
    if old_key != new_key:
        await free(connection, old_key)


async def free(connection: Connection, key: str) -> None:
    """Give back the address `key` and all below it; the roles and tokens there go with them."""
    await connection.execute(delete(routes).where(is_at_or_below(routes.c.path_key, key)))


async def _move_keys(connection: Connection, table: Table, old: str, new: str) -> None:
    await connection.execute(
        update(table)
        .where(is_at_or_below(table.c.path_key, old))
        .values(path_key=_moved(table.c.path_key, old, new))
    )


def _moved(column: Column[str], old: str, new: str) -> ColumnElement[str]:
    rest: ColumnElement[str] = func.substr(column, len(old) + 1)
    return new + rest
