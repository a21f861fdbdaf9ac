"""The instance's settings, one row a key; what is not stored has its default."""

from sqlalchemy import insert, select, update

from wheelyard.domain.settings import InstanceSettings
from wheelyard.sql.connection import Connection
from wheelyard.sql.prepared import prepared
from wheelyard.sql.schema import settings

_ALL = prepared(select(settings.c.key, settings.c.value))


class SqlSettings:
    """`wheelyard.ports.Settings` on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def load(self) -> InstanceSettings:
        """Return the settings in force."""
        rows = await self._connection.execute(_ALL)
        return InstanceSettings.from_stored({row.key: row.value for row in rows})

    async def store(self, key: str, value: bool | int | str) -> None:
        """Set one value."""
        changed = await self._connection.execute(
            update(settings).where(settings.c.key == key).values(value=value)
        )
        if changed.rowcount == 0:
            await self._connection.execute(insert(settings).values(key=key, value=value))

    async def claim_once(self, key: str) -> bool:
        """Return True the first time this is called with `key` on this database, else False."""
        done = await self._connection.scalar(select(settings.c.key).where(settings.c.key == key))
        if done is not None:
            return False
        await self._connection.execute(insert(settings).values(key=key, value=True))
        return True
