"""The counters: numbers that grow with every change, so a reader can tell old from new."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Update, update

from wheelyard.ports.freshness import Stamps
from wheelyard.sql.connection import Connection
from wheelyard.sql.prepared import prepared
from wheelyard.sql.schema import counters

SERIAL = "serial"
"""Grows with every change of anything that an audit event tells of."""

ACCESS = "access"
"""Grows with every change of who may do what where: all of them but those to packages."""

LISTING = "listing"
"""Grows whenever a package name comes to have listed files, or may have lost them."""


def _next(name: str) -> Update:
    return update(counters).where(counters.c.name == name).values(value=counters.c.value + 1)


_NEXT_SERIAL = prepared(_next(SERIAL).returning(counters.c.value))
_NEXT_ACCESS = prepared(_next(ACCESS))
_NEXT_LISTING = prepared(_next(LISTING))


async def next_serial(connection: Connection) -> int:
    """Return the number of the change that this transaction makes."""
    result = await connection.execute(_NEXT_SERIAL)
    serial: int = result.scalar_one()
    return serial


async def note_access_change(connection: Connection) -> None:
    """Make every cached decision about access old."""
    await connection.execute(_NEXT_ACCESS)


async def note_listing_change(connection: Connection) -> None:
    """Make every cached list of names old."""
    await connection.execute(_NEXT_LISTING)


def to_stamps(rows: Iterable[Any]) -> Stamps:
    """Make the stamps from the rows (or pairs) of the counters' names and values."""
    values = dict(tuple(rows))  # a result of SQLAlchemy looks like a mapping
    return Stamps(values[SERIAL], values[ACCESS], values[LISTING])
