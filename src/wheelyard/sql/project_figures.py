"""What a project stores and hands out in all, counted when it changes.

Adding it up from its files takes seconds for a project of a million; of these rows it has as many
as any other.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from sqlalchemy import bindparam, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from wheelyard.domain.figures import Figures
from wheelyard.sql.connection import Connection
from wheelyard.sql.instance_figures import add_to_day
from wheelyard.sql.prepared import prepared
from wheelyard.sql.schema import files, project_downloads, project_totals

_UPSERT: Any = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}
_IDS_PER_QUERY = 500
_ADD = prepared(
    update(project_totals)
    .where(project_totals.c.project_id == bindparam("of_project"))
    .values(
        packages=project_totals.c.packages + bindparam("more_packages"),
        files=project_totals.c.files + bindparam("more_files"),
        size_bytes=project_totals.c.size_bytes + bindparam("more_bytes"),
    )
)


async def begin_totals(connection: Connection, project_id: int) -> None:
    """Make the rows of a new project."""
    none = {"packages": 0, "files": 0, "size_bytes": 0}
    await connection.execute(insert(project_totals), {"project_id": project_id, **none})


async def add_stored(
    connection: Connection, project_id: int, *, packages: int = 0, files: int, size_bytes: int
) -> None:
    """Count what a project stores more, or with negative numbers less, than before."""
    more = {"more_packages": packages, "more_files": files, "more_bytes": size_bytes}
    await connection.execute(_ADD, {"of_project": project_id, **more})


async def read_stored_bytes(
    connection: Connection, project_ids: Iterable[int]
) -> Mapping[int, int]:
    """Return the bytes that each of these projects stores."""
    wanted = select(project_totals.c.project_id, project_totals.c.size_bytes)
    result = await connection.execute(
        wanted.where(project_totals.c.project_id.in_(list(project_ids)))
    )
    return dict(tuple(row) for row in result)


async def add_downloads(connection: Connection, times: Mapping[tuple[int, date], int]) -> None:
    """Count downloads, by the file's id and the day; those of unknown files are left out."""
    projects = await _projects_of(connection, sorted({file_id for file_id, _ in times}))
    by_project: Counter[tuple[int, date]] = Counter()
    for (file_id, day), count in times.items():
        if file_id in projects:
            by_project[projects[file_id], day] += count
    if not by_project:
        return
    new = _UPSERT[connection.dialect.name](project_downloads)
    await connection.execute(
        new.on_conflict_do_update(
            index_elements=[project_downloads.c.project_id, project_downloads.c.day],
            set_={"count": project_downloads.c.count + new.excluded["count"]},
        ),
        [
            {"project_id": project_id, "day": day, "count": count}
            for (project_id, day), count in sorted(by_project.items())
        ],
    )
    by_day: Counter[date] = Counter()
    for (_, day), count in by_project.items():
        by_day[day] += count
    for day, count in sorted(by_day.items()):
        await add_to_day(connection, day, downloads=count)


async def read_figures(connection: Connection, project_id: int, since: date) -> Figures:
    """Return the figures of a project, with its downloads by day from `since` on."""
    its = project_downloads.c.project_id == project_id
    totals = (
        await connection.execute(
            select(project_totals).where(project_totals.c.project_id == project_id)
        )
    ).one()
    days = await connection.execute(
        select(project_downloads.c.day, project_downloads.c.count)
        .where(its, project_downloads.c.day >= since)
        .order_by(project_downloads.c.day)
    )
    downloads = await connection.scalar(select(func.sum(project_downloads.c.count)).where(its))
    return Figures(
        packages=totals.packages,
        files=totals.files,
        size_bytes=totals.size_bytes,
        downloads=int(downloads or 0),
        by_day={row.day: row[1] for row in days},
    )


async def _projects_of(connection: Connection, file_ids: list[int]) -> dict[int, int]:
    found: dict[int, int] = {}
    for first in range(0, len(file_ids), _IDS_PER_QUERY):
        ids = file_ids[first : first + _IDS_PER_QUERY]
        rows = await connection.execute(
            select(files.c.id, files.c.project_id).where(files.c.id.in_(ids))
        )
        found.update((row.id, row.project_id) for row in rows)
    return found
