"""Conditions on path keys against many paths at once."""

from collections.abc import Sequence

from sqlalchemy import Column, ColumnElement, String, column, exists, false, values

_AFTER_SLASH = "0"  # the character after "/"


def covered_by(
    path_keys: Column[str], covering: Sequence[str], label: str, *, exactly: bool = False
) -> ColumnElement[bool]:
    """Say that a path key is one of `covering` or (unless `exactly`) below one of them.

    The paths are a table named `label`: as a chain of ORs, some hundreds of roles are too much
    for SQLite.
    """
    if not covering:
        return false()
    names = ("path_key", "first_below", "after_below")
    paths = (
        values(*(column(name, String) for name in names), name=label)
        .data([(key, key + "/", key + _AFTER_SLASH) for key in covering])
        .cte(label)
    )
    at = path_keys == paths.c.path_key
    if exactly:
        return exists().where(at)
    below = (path_keys >= paths.c.first_below) & (path_keys < paths.c.after_below)
    return exists().where(at | below)
