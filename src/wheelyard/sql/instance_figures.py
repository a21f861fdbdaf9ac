"""What the whole instance stores, takes in and hands out, from rows that are counted as it does so.

There is a row for each project and one for each day, so that reading them takes the same time
whether there are a thousand files or a million.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import bindparam, func, select
from sqlalchemy.dialects import postgresql, sqlite

from wheelyard.domain.figures import InstanceFigures, ProjectStorage
from wheelyard.domain.models.places import NamespaceKind
from wheelyard.sql.connection import Connection
from wheelyard.sql.prepared import prepared
from wheelyard.sql.schema import daily_totals, namespaces, project_totals, projects, users


def _make_adding(dialect: Any) -> Any:
    new = dialect.insert(daily_totals).values(
        day=bindparam("day"), uploads=bindparam("uploads"), downloads=bindparam("downloads")
    )
    return prepared(
        new.on_conflict_do_update(
            index_elements=[daily_totals.c.day],
            set_={
                "uploads": daily_totals.c.uploads + new.excluded.uploads,
                "downloads": daily_totals.c.downloads + new.excluded.downloads,
            },
        )
    )


_ADD: Mapping[str, Any] = {
    "sqlite": _make_adding(sqlite),
    "postgresql": _make_adding(postgresql),
}


async def add_to_day(
    connection: Connection, day: date, *, uploads: int = 0, downloads: int = 0
) -> None:
    """Count what happened on a day (UTC)."""
    counted = {"day": day, "uploads": uploads, "downloads": downloads}
    await connection.execute(_ADD[connection.dialect.name], counted)


async def read_instance_figures(connection: Connection, since: date) -> InstanceFigures:
    """Return the figures, with uploads and downloads by day from `since` on."""
    stored = (
        await connection.execute(
            select(
                func.count().label("projects"),
                func.coalesce(func.sum(project_totals.c.packages), 0).label("packages"),
                func.coalesce(func.sum(project_totals.c.files), 0).label("files"),
                func.coalesce(func.sum(project_totals.c.size_bytes), 0).label("size_bytes"),
            )
        )
    ).one()
    is_group = namespaces.c.kind == NamespaceKind.GROUP.value
    days = (
        await connection.execute(
            select(daily_totals).where(daily_totals.c.day >= since).order_by(daily_totals.c.day)
        )
    ).all()
    return InstanceFigures(
        users=await _count(connection, users.c.id, ~users.c.is_bot),
        groups=await _count(connection, namespaces.c.id, is_group),
        projects=stored.projects,
        packages=int(stored.packages),
        files=int(stored.files),
        size_bytes=int(stored.size_bytes),
        uploads_by_day={row.day: row.uploads for row in days if row.uploads},
        downloads_by_day={row.day: row.downloads for row in days if row.downloads},
    )


async def read_largest_projects(connection: Connection, limit: int) -> Sequence[ProjectStorage]:
    """Return the projects that store most, the largest first; empty ones are left out."""
    rows = await connection.execute(
        select(projects.c.full_path, project_totals.c.files, project_totals.c.size_bytes)
        .join(project_totals, project_totals.c.project_id == projects.c.id)
        .where(project_totals.c.size_bytes > 0)
        .order_by(project_totals.c.size_bytes.desc(), projects.c.id)
        .limit(limit)
    )
    return [ProjectStorage(row.full_path, row.files, row.size_bytes) for row in rows]


async def _count(connection: Connection, column: Any, where: Any) -> int:
    return int(await connection.scalar(select(func.count(column)).where(where)) or 0)
