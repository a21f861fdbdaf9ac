"""Last uses and download counts, as batches bring them."""

from typing import Any

from sqlalchemy import BigInteger, Date, bindparam, case, select, update
from sqlalchemy.dialects import postgresql, sqlite

from wheelyard.domain.usage import Usage
from wheelyard.sql.connection import Connection
from wheelyard.sql.project_figures import add_downloads
from wheelyard.sql.schema import downloads, files, packages, sessions, tokens

_INSERT: Any = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


class SqlUsage:
    """`wheelyard.ports.UsageRecords` on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def add(self, usage: Usage) -> None:
        """Add a batch; what has been deleted meanwhile is left out."""
        await self._tokens(usage)
        await self._packages(usage)
        await self._downloads(usage)
        await self._sessions(usage)

    async def _downloads(self, usage: Usage) -> None:
        if not usage.downloads:
            return
        await add_downloads(self._connection, usage.downloads)
        # Only for files that are still there.
        row = select(
            files.c.id, bindparam("day", type_=Date), bindparam("times", type_=BigInteger)
        ).where(files.c.id == bindparam("file_id"))
        new = _INSERT[self._connection.dialect.name](downloads).from_select(
            ["file_id", "day", "count"], row
        )
        await self._connection.execute(
            new.on_conflict_do_update(
                index_elements=[downloads.c.file_id, downloads.c.day],
                set_={"count": downloads.c.count + new.excluded["count"]},
            ),
            [
                {"file_id": file_id, "day": day, "times": times}
                for (file_id, day), times in sorted(usage.downloads.items())
            ],
        )

    async def _tokens(self, usage: Usage) -> None:
        if not usage.tokens_used_at:
            return
        used_at = bindparam("used_at", type_=tokens.c.last_used_at.type)
        await self._connection.execute(
            update(tokens)
            .where(tokens.c.id == bindparam("token_id"))
            .values(last_used_at=_later(tokens.c.last_used_at, used_at)),
            [
                {"token_id": token_id, "used_at": at}
                for token_id, at in sorted(usage.tokens_used_at.items())
            ],
        )

    async def _sessions(self, usage: Usage) -> None:
        if not usage.sessions_used_at:
            return
        used_at = bindparam("used_at", type_=sessions.c.last_used_at.type)
        await self._connection.execute(
            update(sessions)
            .where(sessions.c.id == bindparam("session_id"))
            .values(last_used_at=_later(sessions.c.last_used_at, used_at)),
            [
                {"session_id": session_id, "used_at": at}
                for session_id, at in sorted(usage.sessions_used_at.items())
            ],
        )

    async def _packages(self, usage: Usage) -> None:
        if not usage.files_served_at:
            return
        served_at = bindparam("served_at", type_=packages.c.last_downloaded_at.type)
        of_file = select(files.c.package_id).where(files.c.id == bindparam("file_id"))
        await self._connection.execute(
            update(packages)
            .where(packages.c.id == of_file.scalar_subquery())
            .values(last_downloaded_at=_later(packages.c.last_downloaded_at, served_at)),
            [
                {"file_id": file_id, "served_at": at}
                for file_id, at in sorted(usage.files_served_at.items())
            ],
        )


def _later(column: Any, moment: Any) -> Any:
    """Of a stored moment and a new one: other workers write as well, in any order."""
    return case((column > moment, column), else_=moment)
