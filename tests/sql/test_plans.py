"""What is asked often is answered by an index, on both databases, in a registry with many rows."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import NoReturn

import pytest
from sqlalchemy import insert, text, update

from databases import database_of, forget
from distributions import compute_digests
from filling import AT, fill_name
from sql.plans import Planning
from wheelyard.domain.access import Action, Level, Visibility
from wheelyard.domain.audit import EventFilter
from wheelyard.domain.extent import INSTANCE, Extent
from wheelyard.domain.listing import Window
from wheelyard.domain.models.callers import Actor
from wheelyard.domain.models.members import Grant
from wheelyard.domain.models.packages import DistributionKind, NewFile
from wheelyard.domain.names import NormalisedName
from wheelyard.domain.reach import reach
from wheelyard.domain.releases import ReleaseFilter
from wheelyard.domain.status import ProjectStatus
from wheelyard.domain.usage import Usage
from wheelyard.sql.audit import SqlAudit
from wheelyard.sql.connection import Connection
from wheelyard.sql.database import SqlDatabase
from wheelyard.sql.downloads import SqlDownloads
from wheelyard.sql.engine import Engine, make_engine, sqlite_url
from wheelyard.sql.inventory import SqlInventory
from wheelyard.sql.migrate import migrate
from wheelyard.sql.ownership import SqlOwnership
from wheelyard.sql.packages import SqlPackages
from wheelyard.sql.releases import SqlReleases
from wheelyard.sql.schema import downloads, files, names
from wheelyard.sql.usage import SqlUsage

MANY = 10_500
"""Versions of the largest name: more than are ever collected and sorted."""
LARGEST, OTHER, NEW = map(NormalisedName, ("largest", "other-3", "brand-new"))
BIG, SMALL = 1, 2
"""The ids of the two projects."""
DAY = date(2026, 1, 2)
EVERYTHING = reach(Actor(username="root", is_admin=True), DAY, Action.READ_PACKAGE)
MEMBERS = reach(
    Actor(user_id=1, grants=(Grant("group/small", Level.GUEST),)), DAY, Action.READ_PACKAGE
)
GROUP = Extent(1, "group")

Work = Callable[[Connection], Awaitable[object]]


def new_file(name: NormalisedName, version: str) -> NewFile:
    return NewFile(
        filename=f"{name}-{version}-py3-none-any.whl",
        kind=DistributionKind.WHEEL,
        name=name,
        normalised_name=name,
        version=version,
        digests=compute_digests(f"{name} {version}".encode()),
        size_bytes=1,
        requires_python=None,
        metadata_sha256=compute_digests(version.encode()).sha256,
        form={},
    )


def lists(wanted: ReleaseFilter, window: Window) -> Iterator[Work]:
    """Ask for one list of releases of each kind of place."""
    yield lambda c: SqlReleases(c).of_project(BIG, wanted, window)
    yield lambda c: SqlReleases(c).of_project(SMALL, wanted, window)
    yield lambda c: SqlReleases(c).of_extent(INSTANCE, EVERYTHING, wanted, window)
    yield lambda c: SqlReleases(c).of_extent(GROUP, MEMBERS, wanted, window)


def walks() -> Iterator[tuple[str, Work]]:
    """Name what goes through rows in their order, until it has enough."""
    for order in ("created_at", "name", "version", "type", "project_path"):
        for is_descending in (False, True):
            for is_keyset in (False, True):
                window = Window(20, 0, order, is_descending, is_keyset)
                for number, work in enumerate(lists(ReleaseFilter(), window)):
                    kind = "keyset" if is_keyset else "offset"
                    yield f"list {number} by {order}, {kind}, descending {is_descending}", work
    for about, wanted in {
        "the rarest threes": ReleaseFilter(name_part="ther-3"),
        "nothing": ReleaseFilter(name_part="xyzzy"),
        "one name": ReleaseFilter(name=OTHER),
        "one version": ReleaseFilter(version="1.77"),
        "what is yanked": ReleaseFilter(is_yanked=True),
        "what is not": ReleaseFilter(is_yanked=False),
        "what is marked": ReleaseFilter(statuses=frozenset({ProjectStatus.DEPRECATED})),
    }.items():
        for number, work in enumerate(lists(wanted, Window())):
            yield f"list {number} of {about}", work
    yield "audit", lambda c: SqlAudit(c).find(EventFilter(), Window())


LOOK_UPS: dict[str, Work] = {
    "page": lambda c: SqlPackages(c).page(BIG, LARGEST),
    "pages": lambda c: SqlPackages(c).pages([BIG, SMALL], LARGEST),
    "holders": lambda c: SqlPackages(c).holders(INSTANCE, LARGEST, 1),
    "holders in a group": lambda c: SqlPackages(c).holders(GROUP, LARGEST, 1),
    "file": lambda c: SqlPackages(c).file(BIG, "0" * 64, "other.whl"),
    "files": lambda c: SqlPackages(c).files(GROUP, "0" * 64, "other.whl"),
    "serial": lambda c: SqlPackages(c).serial(BIG, LARGEST),
    "current file": lambda c: SqlPackages(c).current_file(BIG, "other.whl"),
    "names of a project": lambda c: SqlPackages(c).project_names(BIG),
    "serials of a project": lambda c: SqlPackages(c).project_serials(BIG),
    "referenced blobs": lambda c: SqlPackages(c).referenced_blobs([]),
    "upload": lambda c: SqlPackages(c).record(BIG, new_file(LARGEST, "9.0"), None, AT),
    "upload of a new name": lambda c: SqlPackages(c).record(BIG, new_file(NEW, "1"), None, AT),
    "release": lambda c: SqlReleases(c).get(BIG, 5),
    "release by version": lambda c: SqlReleases(c).find(BIG, LARGEST, "1.7"),
    "files of a release": lambda c: SqlReleases(c).files(5),
    "status": lambda c: SqlReleases(c).status(BIG, LARGEST),
    "yank": lambda c: SqlReleases(c).yank([5], "broken"),
    "mark": lambda c: SqlReleases(c).set_status(BIG, OTHER, ProjectStatus.DEPRECATED, None),
    "without metadata": lambda c: SqlReleases(c).without_metadata(0, 100),
    "figures of a project": lambda c: SqlDownloads(c).of_project(BIG, DAY),
    "figures of a release": lambda c: SqlDownloads(c).of_release(5, DAY),
    "downloads by file": lambda c: SqlDownloads(c).by_file(5),
    "contents": lambda c: SqlDownloads(c).contents([5, 6]),
    "usage": lambda c: SqlUsage(c).add(Usage({}, {5: AT}, {(5, DAY): 1})),
    "needed": lambda c: SqlInventory(c).needed("00"),
    "chosen owner": lambda c: SqlOwnership(c).chosen(1, LARGEST),
    "collisions": lambda c: SqlOwnership(c).collisions(GROUP, Window()),
}


@dataclass(frozen=True)
class Filled:
    """A registry with many rows."""

    engine: Engine

    async def plan(self, work: Work, *, walks: bool = False) -> Planning:
        """Do the work in a transaction that is taken back, and return what was wrong with it."""
        planning: list[Planning] = []
        with contextlib.suppress(_TakeBackError):
            async with self.engine.writing() as connection:
                if connection.dialect.name == "postgresql":
                    # A table of this size may be as quick to read as an index.
                    await connection.execute(text("SET LOCAL enable_seqscan = off"))
                planning.append(Planning(connection, walks))
                await work(planning[0])
                take_back()
        return planning[0]


class _TakeBackError(Exception):
    """Ends a transaction."""


def take_back() -> NoReturn:
    """Undo what the present transaction did."""
    raise _TakeBackError


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder: Path = tmp_path_factory.mktemp("plans")
    url = sqlite_url(folder / "p.db") if request.param == "sqlite" else database_of(folder)
    asyncio.run(fill(url))
    yield url
    if request.param == "postgresql":
        forget(folder)


@pytest.fixture
async def filled(url: str) -> AsyncIterator[Filled]:
    engine = make_engine(url)
    yield Filled(engine)
    await engine.close()


async def fill(url: str) -> None:
    engine = make_engine(url)
    await migrate(engine)
    async with SqlDatabase(engine).write() as tx:
        group = await tx.namespaces.create_group(
            parent=None,
            path="group",
            name="group",
            visibility=Visibility.PRIVATE,
            description="",
            at=AT,
        )
        for number, path in enumerate(("big", "small"), start=1):
            project = await tx.projects.create(
                namespace=group,
                path=path,
                name=path,
                visibility=Visibility.PRIVATE,
                description="",
                creator_id=None,
                at=AT,
            )
            assert project.id == number
    async with engine.writing() as connection:
        for number in range(200):
            await fill_name(connection, BIG, f"other-{number}", 2, 2)
        await fill_name(connection, BIG, LARGEST, MANY, 1)
        await fill_name(connection, SMALL, LARGEST, 3, 1)
        await connection.execute(
            update(names).where(names.c.normalised == LARGEST).values(is_shared=True)
        )
        yanked = update(files).where(files.c.id.in_([9, 10])).values(yanked_reason="")
        await connection.execute(yanked)
        served = [{"file_id": number, "day": DAY, "count": 1} for number in range(1, 5000)]
        await connection.execute(insert(downloads), served)
        if connection.dialect.name == "postgresql":
            await connection.execute(text("ANALYZE"))
    await engine.close()


@pytest.mark.parametrize("about", LOOK_UPS)
async def test_what_is_looked_up_is_looked_up_by_an_index(filled: Filled, about: str) -> None:
    planning = await filled.plan(LOOK_UPS[about])
    assert planning.planned or about == "referenced blobs"
    assert planning.wrong == []


async def test_lists_are_read_in_the_order_of_an_index(filled: Filled) -> None:
    wrong = []
    for about, work in walks():
        planning = await filled.plan(work, walks=True)
        assert planning.planned, about
        wrong += [f"{about} {each}" for each in planning.wrong]
    assert wrong == []


@pytest.mark.parametrize(
    ("index", "about"),
    [
        ("ix_files_name_id_is_superseded", "page"),
        ("ix_packages_name_id_version_key", "upload"),
        ("ix_files_package_id", "files of a release"),
    ],
)
async def test_an_index_that_is_missing_is_found_out(
    filled: Filled, index: str, about: str
) -> None:
    async def without_it(connection: Connection) -> None:
        assert isinstance(connection, Planning)
        await connection.connection.execute(text(f"DROP INDEX {index}"))
        await LOOK_UPS[about](connection)

    assert (await filled.plan(without_it)).wrong != []


async def test_an_order_without_an_index_is_found_out(filled: Filled) -> None:
    async def without_it(connection: Connection) -> None:
        assert isinstance(connection, Planning)
        for index in ("project_id_version_key", "version_key"):
            await connection.connection.execute(text(f"DROP INDEX ix_packages_{index}"))
        window = Window(order_by="version")
        await SqlReleases(connection).of_project(BIG, ReleaseFilter(), window)

    assert (await filled.plan(without_it, walks=True)).wrong != []
