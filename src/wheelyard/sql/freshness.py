"""How the caches know that nothing has changed: SQLite's own change counter, and the stamps.

These reads take microseconds and touch memory only (the write-ahead log's index is mapped), so
they are made in the event loop: a visit to a thread would cost twenty times as much.
"""

import sqlite3
from pathlib import Path

from wheelyard.domain.names import NormalisedName
from wheelyard.ports.freshness import Stamps
from wheelyard.sql.serial import ACCESS, LISTING, SERIAL


class SqliteFreshness:
    """`wheelyard.ports.freshness.Freshness` on a connection of its own, used by one thread."""

    def __init__(self, file: Path) -> None:
        self._connection = sqlite3.connect(file, isolation_level=None, check_same_thread=False)
        self._execute = self._connection.execute
        self._execute("PRAGMA query_only=ON")
        self._version = -1
        self._stamps = Stamps(-1, -1, -1)

    def present(self) -> Stamps:
        """Return the stamps; they are read only if somebody, in any process, has committed."""
        version: int = self._execute("PRAGMA data_version").fetchone()[0]
        if version != self._version:
            values = dict(self._execute("SELECT name, value FROM counters").fetchall())
            self._stamps = Stamps(values[SERIAL], values[ACCESS], values[LISTING])
            self._version = version
        return self._stamps

    async def stamps(self) -> Stamps:
        """Return the stamps."""
        return self.present()

    async def page_serial(self, project_id: int, name: NormalisedName) -> int | None:
        """Return the serial of a name's latest change, None for an unknown one."""
        row = self._execute(
            "SELECT serial FROM names WHERE project_id = ? AND normalised = ?", (project_id, name)
        ).fetchone()
        return None if row is None else row[0]

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()
