"""Sessions of browsers."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert, or_, select

from wheelyard.domain.models.sessions import Session
from wheelyard.domain.models.users import User
from wheelyard.sql.connection import Connection
from wheelyard.sql.schema import sessions

_COLUMNS = [column for column in sessions.c if column.name != "secret_sha256"]


class SqlSessions:
    """`wheelyard.ports.Sessions` on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def create(
        self,
        *,
        user: User,
        secret_sha256: str,
        expires_at: datetime,
        at: datetime,
        address: str,
        user_agent: str,
    ) -> Session:
        """Add a session, which is used for the first time now."""
        result = await self._connection.execute(
            insert(sessions)
            .values(
                user_id=user.id,
                secret_sha256=secret_sha256,
                created_at=at,
                expires_at=expires_at,
                last_used_at=at,
                address=address,
                user_agent=user_agent,
            )
            .returning(*_COLUMNS)
        )
        return Session(**result.mappings().one())

    async def by_secret(self, secret_sha256: str) -> Session | None:
        """Return the session whose secret has this digest, be it alive or not."""
        result = await self._connection.execute(
            select(*_COLUMNS).where(sessions.c.secret_sha256 == secret_sha256)
        )
        row = result.mappings().one_or_none()
        return None if row is None else Session(**row)

    async def of_user(self, user_id: int) -> Sequence[Session]:
        """Return a user's sessions, the newest first."""
        result = await self._connection.execute(
            select(*_COLUMNS).where(sessions.c.user_id == user_id).order_by(sessions.c.id.desc())
        )
        return [Session(**row) for row in result.mappings()]

    async def delete(self, session_id: int) -> None:
        """End a session; it is no error when there is none."""
        await self._remove(sessions.c.id == session_id)

    async def delete_of_user(self, user_id: int) -> int:
        """End all sessions of a user, and return how many there were."""
        return await self._remove(sessions.c.user_id == user_id)

    async def purge(self, expired_before: datetime, unused_since: datetime) -> int:
        """Remove those that expired before, or were last used before, and return how many."""
        return await self._remove(
            or_(
                sessions.c.expires_at < expired_before,
                sessions.c.last_used_at < unused_since,
            )
        )

    async def _remove(self, condition: Any) -> int:
        return (await self._connection.execute(delete(sessions).where(condition))).rowcount
