"""Storage and download figures, added up by the database."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, func, select

from wheelyard.domain.figures import (
    Contents,
    Figures,
    InstanceFigures,
    ProjectStorage,
    ReleaseDownloads,
)
from wheelyard.domain.names import NormalisedName
from wheelyard.sql.connection import Connection
from wheelyard.sql.instance_figures import read_instance_figures, read_largest_projects
from wheelyard.sql.project_figures import read_figures, read_stored_bytes
from wheelyard.sql.schema import downloads, files, names, packages


class SqlDownloads:
    """`wheelyard.ports.Downloads` on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def of_project(self, project_id: int, since: date) -> Figures:
        """Return the figures of a project, with its downloads by day from `since` on."""
        return await read_figures(self._connection, project_id, since)

    async def stored_bytes(self, project_ids: Iterable[int]) -> Mapping[int, int]:
        """Return how many bytes each of these projects stores, superseded files included."""
        return await read_stored_bytes(self._connection, project_ids)

    async def of_instance(self, since: date) -> InstanceFigures:
        """Return the figures of everything, with uploads and downloads by day from `since` on."""
        return await read_instance_figures(self._connection, since)

    async def largest_projects(self, limit: int) -> Sequence[ProjectStorage]:
        """Return the projects that store most, the largest first; empty ones are left out."""
        return await read_largest_projects(self._connection, limit)

    async def of_release(self, release_id: int, since: date) -> Figures:
        """Return the figures of one release."""
        which = files.c.package_id == release_id
        stored = await self._connection.execute(
            select(func.count(), func.coalesce(func.sum(files.c.size_bytes), 0)).where(which)
        )
        count, size_bytes = stored.one()
        served = select(func.coalesce(func.sum(downloads.c.count), 0)).join(files).where(which)
        rows = await self._connection.execute(_by_day(which, since))
        return Figures(
            packages=min(count, 1),
            files=count,
            size_bytes=int(size_bytes),
            downloads=int(await self._connection.scalar(served) or 0),
            by_day={row.day: int(row.times) for row in rows},
        )

    async def by_file(self, release_id: int) -> Mapping[int, int]:
        """Return all downloads there ever were of each file of a release, by the file's id."""
        rows = await self._connection.execute(
            select(downloads.c.file_id, func.sum(downloads.c.count).label("times"))
            .join(files)
            .where(files.c.package_id == release_id)
            .group_by(downloads.c.file_id)
        )
        return {row.file_id: int(row.times) for row in rows}

    async def by_release(
        self, project_id: int, name: NormalisedName, since: date, limit: int
    ) -> Sequence[ReleaseDownloads]:
        """Return the releases of a name that were downloaded most from `since` on, most first."""
        times = func.sum(downloads.c.count)
        rows = await self._connection.execute(
            select(packages.c.id, packages.c.version, times.label("times"))
            .select_from(names)
            .join(files, files.c.name_id == names.c.id)
            .join(packages, packages.c.id == files.c.package_id)
            .join(downloads, downloads.c.file_id == files.c.id)
            .where(
                names.c.project_id == project_id,
                names.c.normalised == name,
                downloads.c.day >= since,
            )
            .group_by(packages.c.id, packages.c.version)
            .order_by(times.desc(), packages.c.id.desc())
            .limit(limit)
        )
        return [ReleaseDownloads(row.id, row.version, int(row.times)) for row in rows]

    async def contents(self, release_ids: Sequence[int]) -> Mapping[int, Contents]:
        """Return what the index lists of each of some releases, in one query."""
        rows = await self._connection.execute(
            select(
                files.c.package_id,
                func.count().label("count"),
                func.sum(files.c.size_bytes).label("size_bytes"),
                func.count(files.c.yanked_reason).label("yanked"),
            )
            .where(files.c.package_id.in_(release_ids), ~files.c.is_superseded)
            .group_by(files.c.package_id)
        )
        return {
            row.package_id: Contents(row[1], int(row.size_bytes), int(row.yanked)) for row in rows
        }


def _by_day(which: ColumnElement[bool], since: date) -> Any:
    return (
        select(downloads.c.day, func.sum(downloads.c.count).label("times"))
        .join(files)
        .where(which, downloads.c.day >= since)
        .group_by(downloads.c.day)
        .order_by(downloads.c.day)
    )
