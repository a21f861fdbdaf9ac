"""Writing a corpus into the database of a data folder: rows only, and as fast as SQLite takes them.

The people and the project that the requests need are made by the real actions first. The indexes
are put aside while rows are written and made again afterwards, by the statements that made them.
"""

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from registry import Registry
from scaling import rows
from scaling.corpus import Corpus
from visiting import open_for
from wheelyard.domain.models.places import Namespace, Project

_USERS_PER_PROJECT = 5
_FILES_PER_DOWNLOAD = 10
# A crash would ruin the file, so it is made for the benchmark and thrown away after it.
_FAST = ("journal_mode=OFF", "synchronous=OFF", "cache_size=-2000000", "temp_store=MEMORY")


@dataclass(frozen=True, slots=True)
class Seeded:
    """A registry that requests can be sent to: the project with all names, its group, secrets."""

    data: Path
    corpus: Corpus
    project: Project
    group: Namespace
    member_secret: str
    admin_secret: str
    admin_session: str


def seed(data: Path, corpus: Corpus) -> Seeded:
    """Fill the data folder, which must not exist yet."""
    registry = Registry(data)
    group = registry.group("scale")
    project = registry.project("scale/mirror")
    member, admin = registry.user("publisher"), registry.user("operator", is_admin=True)
    registry.member(project, member, "maintainer")
    secrets = registry.token(member), registry.token(admin), open_for(registry, admin)
    connection = sqlite3.connect(data / "wheelyard.db", isolation_level=None)
    try:
        _write(connection, corpus, project.id, group.id)
    finally:
        connection.close()
    return Seeded(data, corpus, project, group, *secrets)


def _write(connection: sqlite3.Connection, corpus: Corpus, mirror_id: int, group_id: int) -> None:
    for pragma in _FAST:
        connection.execute(f"PRAGMA {pragma}")
    connection.execute("BEGIN")
    indexes = connection.execute(
        "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
    ).fetchall()
    for name, _ in indexes:
        connection.execute(f'DROP INDEX "{name}"')
    project_ids = [mirror_id, *_write_projects(connection, corpus.projects - 1, group_id)]
    _write_people(connection, _USERS_PER_PROJECT * (corpus.projects - 1))
    _write_packages(connection, corpus, project_ids)
    for _, sql in indexes:
        connection.execute(sql)
    connection.execute("COMMIT")
    connection.execute("PRAGMA journal_mode=WAL")


def _write_projects(connection: sqlite3.Connection, count: int, group_id: int) -> range:
    made = list(rows.project_rows(group_id, range(1, count + 1)))
    _insert(connection, "routes", ({"path_key": row["path_key"]} for row in made))
    return _insert(connection, "projects", made)


def _write_people(connection: sqlite3.Connection, count: int) -> None:
    made = list(rows.user_rows(range(1, count + 1)))
    _insert(connection, "routes", ({"path_key": row["username_key"]} for row in made))
    user_ids = _insert(connection, "users", made)
    _insert(connection, "tokens", rows.token_rows(user_ids))
    found = connection.execute("SELECT path_key FROM projects ORDER BY id").fetchall()
    path_keys = [path_key for (path_key,) in found]
    _insert(connection, "members", rows.member_rows(user_ids, path_keys))


def _write_packages(connection: sqlite3.Connection, corpus: Corpus, project_ids: list[int]) -> None:
    _insert(connection, "names", rows.name_rows(corpus.names, project_ids))
    _insert(connection, "name_grams", rows.gram_rows(corpus.names))
    _insert(connection, "packages", rows.package_rows(corpus, project_ids))
    file_ids = _insert(connection, "files", rows.file_rows(corpus, project_ids))
    _insert(connection, "file_forms", rows.form_rows(file_ids))
    _insert(connection, "downloads", rows.download_rows(file_ids[::_FILES_PER_DOWNLOAD]))
    _count(connection)
    last = connection.execute("SELECT hash FROM audit_events ORDER BY id DESC LIMIT 1").fetchone()
    _insert(connection, "audit_events", rows.event_rows(corpus, project_ids, last[0]))


def _count(connection: sqlite3.Connection) -> None:
    """Write the rows that count other rows."""
    connection.execute("DELETE FROM project_totals")
    connection.execute(
        "INSERT INTO project_totals"
        " SELECT projects.id, coalesce(p.packages, 0), coalesce(f.files, 0), coalesce(f.bytes, 0)"
        " FROM projects"
        " LEFT JOIN (SELECT project_id, count(*) AS packages FROM packages"
        " GROUP BY project_id) AS p ON p.project_id = projects.id"
        " LEFT JOIN (SELECT project_id, count(*) AS files, sum(size_bytes) AS bytes FROM files"
        " GROUP BY project_id) AS f ON f.project_id = projects.id"
    )
    connection.execute(
        "INSERT INTO project_downloads SELECT project_id, day, sum(count) FROM downloads"
        " JOIN files ON files.id = downloads.file_id GROUP BY project_id, day"
    )
    connection.execute("DELETE FROM daily_totals")
    connection.execute(
        "INSERT INTO daily_totals SELECT day, sum(uploads), sum(downloads) FROM"
        " (SELECT date(uploaded_at) AS day, count(*) AS uploads, 0 AS downloads FROM files"
        " GROUP BY 1 UNION ALL"
        " SELECT day, 0, sum(count) FROM project_downloads GROUP BY day) GROUP BY day"
    )


def _insert(connection: sqlite3.Connection, table: str, made: Iterable[dict[str, Any]]) -> range:
    """Write the rows, which have equal keys, and return the numbers they got."""
    iterator = iter(made)
    first = next(iterator)
    columns = ", ".join(f'"{column}"' for column in first)
    marks = ", ".join("?" * len(first))
    statement = f"INSERT INTO {table} ({columns}) VALUES ({marks})"  # noqa: S608  our own names
    begin = connection.execute(statement, tuple(first.values())).lastrowid or 1
    written = connection.executemany(statement, (tuple(row.values()) for row in iterator)).rowcount
    return range(begin, begin + 1 + max(written, 0))
