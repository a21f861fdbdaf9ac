"""When a chore was done last."""

from datetime import datetime

from sqlalchemy import insert, select, update

from wheelyard.sql.connection import Connection
from wheelyard.sql.schema import chores


class SqlChores:
    """`wheelyard.ports.Chores` on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def done_at(self, chore: str) -> datetime | None:
        """Return when a chore was done last; None if never."""
        at: datetime | None = await self._connection.scalar(
            select(chores.c.done_at).where(chores.c.name == chore)
        )
        return at

    async def note_done(self, chore: str, at: datetime) -> None:
        """Note that a chore has been done."""
        changed = await self._connection.execute(
            update(chores).where(chores.c.name == chore).values(done_at=at)
        )
        if changed.rowcount == 0:
            await self._connection.execute(insert(chores).values(name=chore, done_at=at))
