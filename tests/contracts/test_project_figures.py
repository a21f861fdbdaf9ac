"""The figures of a project are what its rows add up to, after every kind of change."""

from collections.abc import AsyncIterator, Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from sqlalchemy import func, select

from databases import database_of, forget
from distributions import compute_digests
from wheelyard.domain.access import Visibility
from wheelyard.domain.models.packages import DistributionKind, NewFile, PackageFile
from wheelyard.domain.models.places import Project
from wheelyard.domain.names import NormalisedName
from wheelyard.domain.usage import Usage
from wheelyard.ports.database import Transaction
from wheelyard.sql.database import SqlDatabase
from wheelyard.sql.engine import Engine, make_engine, sqlite_url
from wheelyard.sql.migrate import migrate
from wheelyard.sql.schema import files, packages

AT = datetime(2026, 1, 1, tzinfo=UTC)
FIRST, SECOND = date(2026, 1, 1), date(2026, 1, 2)


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "sqlite":
        yield sqlite_url(tmp_path / "figures.db")
        return
    yield database_of(tmp_path)
    forget(tmp_path)


@pytest.fixture
async def engine(url: str) -> AsyncIterator[Engine]:
    engine = make_engine(url)
    await migrate(engine)
    yield engine
    await engine.close()


async def make_project(tx: Transaction, path: str) -> Project:
    group = await tx.namespaces.create_group(
        parent=None,
        path=path,
        name=path,
        visibility=Visibility.PRIVATE,
        description="",
        at=AT,
    )
    return await tx.projects.create(
        namespace=group,
        path="p",
        name="p",
        visibility=Visibility.PRIVATE,
        description="",
        creator_id=None,
        at=AT,
    )


def new_file(version: str, content: bytes) -> NewFile:
    return NewFile(
        filename=f"pkg-{version}-py3-none-any.whl",
        kind=DistributionKind.WHEEL,
        name="pkg",
        normalised_name=NormalisedName("pkg"),
        version=version,
        digests=compute_digests(content),
        size_bytes=len(content),
        requires_python=None,
        metadata_sha256=compute_digests(content + b"!").sha256,
        form={},
    )


async def record(tx: Transaction, project: Project, version: str, content: bytes) -> PackageFile:
    recorded = await tx.packages.record(project.id, new_file(version, content), None, AT)
    return recorded.file


async def check_stored(engine: Engine, db: SqlDatabase, project: Project) -> tuple[int, int, int]:
    """Return the figures of what is stored, which the rows must add up to."""
    async with db.read() as tx:
        figures = await tx.downloads.of_project(project.id, FIRST)
    async with engine.reading() as connection:
        count, size_bytes = (
            await connection.execute(
                select(func.count(), func.coalesce(func.sum(files.c.size_bytes), 0)).where(
                    files.c.project_id == project.id
                )
            )
        ).one()
        live = await connection.scalar(
            select(func.count()).where(
                packages.c.project_id == project.id, packages.c.deleted_at.is_(None)
            )
        )
    counted = figures.packages, figures.files, figures.size_bytes
    assert counted == (live, count, int(size_bytes))
    return counted


async def test_what_is_stored_is_counted_with_each_change(engine: Engine) -> None:
    db = SqlDatabase(engine)
    async with db.write() as tx:
        project, other = await make_project(tx, "one"), await make_project(tx, "other")
        await record(tx, other, "1.0", b"other")
    assert await check_stored(engine, db, project) == (0, 0, 0)
    async with db.write() as tx:
        first = await record(tx, project, "1.0", b"first")
        await record(tx, project, "1.0", b"first")  # the same once more
        newer = await record(tx, project, "1.0", b"newer one")
        await record(tx, project, "2.0", b"2")
    assert await check_stored(engine, db, project) == (2, 3, 15)
    async with db.write() as tx:
        await record(tx, project, "1.0", b"first")  # listed again
        await tx.releases.delete_file(newer)
    assert await check_stored(engine, db, project) == (2, 2, 6)
    async with db.write() as tx:
        release = await tx.releases.get(project.id, first.package_id)
        assert release is not None
        await tx.releases.delete(release, AT)
    assert await check_stored(engine, db, project) == (1, 1, 1)
    async with db.write() as tx:
        await record(tx, project, "1.0", b"again")
    assert await check_stored(engine, db, project) == (2, 2, 6)
    assert await check_stored(engine, db, other) == (1, 1, 5)


async def test_downloads_are_counted_by_project_and_day(engine: Engine) -> None:
    db = SqlDatabase(engine)
    async with db.write() as tx:
        project, other = await make_project(tx, "one"), await make_project(tx, "other")
        mine = [await record(tx, project, version, b"x") for version in ("1.0", "2.0")]
        theirs = await record(tx, other, "1.0", b"x")
    served = {(mine[0].id, FIRST): 2, (mine[1].id, FIRST): 3, (theirs.id, SECOND): 5}
    gone = theirs.id + 1000
    async with db.write() as tx:
        await tx.usage.add(Usage({}, {}, {**served, (gone, FIRST): 7}))
        await tx.usage.add(Usage({}, {}, {(mine[0].id, FIRST): 1, (mine[0].id, SECOND): 1}))
        await tx.releases.delete_file(mine[0])  # was handed out all the same
    async with db.read() as tx:
        figures = await tx.downloads.of_project(project.id, FIRST)
        assert (figures.downloads, figures.by_day) == (7, {FIRST: 6, SECOND: 1})
        assert (await tx.downloads.of_project(project.id, SECOND)).by_day == {SECOND: 1}
        assert (await tx.downloads.of_project(other.id, FIRST)).by_day == {SECOND: 5}
        everything = await tx.downloads.of_instance(FIRST)
        assert everything.downloads_by_day == {FIRST: 6, SECOND: 6}
        assert everything.uploads_by_day == {FIRST: 3}
        assert (await tx.downloads.of_instance(SECOND)).uploads_by_day == {}


async def test_the_instance_is_all_of_its_projects(engine: Engine) -> None:
    db = SqlDatabase(engine)
    async with db.write() as tx:
        project, other = await make_project(tx, "one"), await make_project(tx, "other")
        await make_project(tx, "empty")
        await record(tx, project, "1.0", b"first")
        await record(tx, project, "1.0", b"first")  # the same once more
        newer = await record(tx, project, "2.0", b"newer one")
        await record(tx, other, "1.0", b"other one")
        await tx.releases.delete_file(newer)
    async with db.read() as tx:
        figures = await tx.downloads.of_instance(FIRST)
        largest = await tx.downloads.largest_projects(5)
        (largest_one,) = await tx.downloads.largest_projects(1)
    assert (figures.projects, figures.groups, figures.users) == (3, 3, 0)
    assert (figures.packages, figures.files, figures.size_bytes) == (3, 2, 14)
    assert figures.uploads_by_day == {FIRST: 3}  # the deleted one had been uploaded all the same
    shown = [(each.full_path, each.files, each.size_bytes) for each in largest]
    assert shown == [("other/p", 1, 9), ("one/p", 1, 5)]
    assert largest_one == largest[0]
