"""Lists of releases hold what was asked for, in order, whichever way the database is asked.

A list is collected and sorted, or gone through by an index, depending on how long it is; here the
length that decides is lowered, so that short lists are read in every way. What is expected is
worked out in Python from what was recorded.
"""

import random
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from packaging.version import Version

from databases import database_of, forget
from distributions import compute_digests
from wheelyard.domain.access import Action, Level, Visibility
from wheelyard.domain.extent import INSTANCE, Extent
from wheelyard.domain.listing import Window
from wheelyard.domain.models.callers import Actor
from wheelyard.domain.models.members import Grant
from wheelyard.domain.models.packages import DistributionKind, NewFile
from wheelyard.domain.models.places import Namespace, Project
from wheelyard.domain.names import NormalisedName
from wheelyard.domain.reach import Reach, reach
from wheelyard.domain.releases import ListedRelease, ReleaseFilter
from wheelyard.domain.status import ProjectStatus
from wheelyard.ports.database import Transaction
from wheelyard.sql import windows
from wheelyard.sql.database import SqlDatabase
from wheelyard.sql.engine import make_engine, sqlite_url
from wheelyard.sql.migrate import migrate

AT = datetime(2026, 1, 1, tzinfo=UTC)
EVERYTHING = reach(Actor(username="root", is_admin=True), AT.date(), Action.READ_PACKAGE)
NAMES = ("Alpha", "alpha-two", "beta", "Some_Pkg", "some.other", "zz")
VERSIONS = ("1.0", "1.10", "1.9", "2.0rc1", "2.0")
PROJECTS = ("group/first", "group/second", "group/below/third", "elsewhere/fourth")
ORDERS: dict[str, Callable[[ListedRelease], Any]] = {
    "created_at": lambda each: each.release.created_at,
    "name": lambda each: each.release.normalised_name,
    "normalised_name": lambda each: each.release.normalised_name,
    "version": lambda each: Version(each.release.version),
    "type": lambda each: each.id,
    "project_path": lambda each: each.project_path,
}
DEPRECATED = frozenset({ProjectStatus.DEPRECATED})
FILTERS = (
    ReleaseFilter(),
    ReleaseFilter(name_part="pha"),
    ReleaseFilter(name_part="A"),
    ReleaseFilter(name_part="e.p"),
    ReleaseFilter(name_part="nowhere"),
    ReleaseFilter(name=NormalisedName("alpha")),
    ReleaseFilter(version="1.9"),
    ReleaseFilter(version="1.9", name_part="some"),
    ReleaseFilter(statuses=DEPRECATED),
    ReleaseFilter(statuses=frozenset(ProjectStatus) - DEPRECATED),
    ReleaseFilter(statuses=frozenset()),
    ReleaseFilter(is_yanked=True),
    ReleaseFilter(is_yanked=False),
    ReleaseFilter(is_yanked=True, name_part="alpha"),
)


@dataclass(frozen=True)
class Shelf:
    """What was recorded, in all projects, and which of it is yanked."""

    db: SqlDatabase
    projects: dict[str, Project]
    releases: list[ListedRelease]
    yanked: frozenset[int]

    def expected(
        self, is_there: Callable[[ListedRelease], bool], wanted: ReleaseFilter
    ) -> list[ListedRelease]:
        """Return the releases that a list should have, in no order."""
        return [each for each in self.releases if is_there(each) and self._is_wanted(each, wanted)]

    def _is_wanted(self, each: ListedRelease, wanted: ReleaseFilter) -> bool:
        release = each.release
        part = (wanted.name_part or "").lower().replace(".", "-").replace("_", "-")
        return (
            part in release.normalised_name
            and wanted.name in {None, release.normalised_name}
            and wanted.version in {None, release.version}
            and release.status in wanted.statuses
            and wanted.is_yanked in {None, each.id in self.yanked}
        )


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "sqlite":
        yield sqlite_url(tmp_path / "lists.db")
        return
    yield database_of(tmp_path)
    forget(tmp_path)


@pytest.fixture
async def shelf(url: str) -> AsyncIterator[Shelf]:
    engine = make_engine(url)
    await migrate(engine)
    db = SqlDatabase(engine)
    async with db.write() as tx:
        projects = await make_projects(tx)
        yanked = await publish_all(tx, projects)
        listing = await tx.releases.of_extent(
            INSTANCE, EVERYTHING, ReleaseFilter(), Window(limit=1000)
        )
    yield Shelf(db, projects, list(listing.items), yanked)
    await db.close()


async def make_projects(tx: Transaction) -> dict[str, Project]:
    about: dict[str, Any] = {"visibility": Visibility.PRIVATE, "description": "", "at": AT}
    groups: dict[str, Namespace] = {}
    for path in ("group", "group/below", "elsewhere"):
        above, _, last = path.rpartition("/")
        groups[path] = await tx.namespaces.create_group(
            parent=groups.get(above), path=last, name=last, **about
        )
    return {
        path: await tx.projects.create(
            namespace=groups[path.rpartition("/")[0]],
            path=path.rpartition("/")[2],
            name="p",
            creator_id=None,
            **about,
        )
        for path in PROJECTS
    }


async def publish_all(tx: Transaction, projects: dict[str, Project]) -> frozenset[int]:
    """Publish in a mixed order, several at one moment; yank, mark and delete some."""
    chance, yanked = random.Random(7), set()  # noqa: S311  the same in each run
    wanted = [(path, name, version) for path in PROJECTS for name in NAMES for version in VERSIONS]
    chance.shuffle(wanted)
    for number, (path, name, version) in enumerate(wanted[: len(wanted) * 3 // 4]):
        project, at = projects[path], AT + timedelta(hours=number // 3)
        files = [
            (await tx.packages.record(project.id, new_file(name, version, build), None, at)).file
            for build in range(2)
        ]
        fate = chance.random()
        if fate < 0.1:
            release = await tx.releases.get(project.id, files[0].package_id)
            assert release is not None
            await tx.releases.delete(release, at)
        elif fate < 0.4:
            gone = files if fate < 0.25 else files[:1]
            await tx.releases.yank([file.id for file in gone], "")
            if len(gone) == len(files):
                yanked.add(files[0].package_id)
    for name in ("beta", "zz"):
        await tx.releases.set_status(
            projects["group/first"].id, NormalisedName(name), ProjectStatus.DEPRECATED, None
        )
    return frozenset(yanked)


def new_file(name: str, version: str, build: int) -> NewFile:
    content = f"{name} {version} {build}".encode()
    normalised = name.lower().replace(".", "-").replace("_", "-")
    return NewFile(
        filename=f"{normalised.replace('-', '_')}-{version}-{build}-py3-none-any.whl",
        kind=DistributionKind.WHEEL,
        name=name,
        normalised_name=NormalisedName(normalised),
        version=version,
        digests=compute_digests(content),
        size_bytes=len(content),
        requires_python=None,
        metadata_sha256=compute_digests(content + b"!").sha256,
        form={},
    )


@dataclass(frozen=True)
class Listed:
    """A place that can be listed: how the database is asked, and what is there."""

    project: Project | None
    extent: Extent
    reach: Reach

    def holds(self, each: ListedRelease) -> bool:
        if self.project is not None:
            return each.release.project_id == self.project.id
        path = self.extent.path_key
        is_below = path is None or each.project_path.startswith(f"{path}/")
        return is_below and self.reach.holds(each.project_key, each.target)

    async def read(self, tx: Transaction, wanted: ReleaseFilter, window: Window) -> Any:
        if self.project is not None:
            return await tx.releases.of_project(self.project.id, wanted, window)
        return await tx.releases.of_extent(self.extent, self.reach, wanted, window)


def places(shelf: Shelf) -> list[Listed]:
    group = Extent(path_key="group")
    roles = tuple(Grant(path, Level.GUEST) for path in ("group/below", PROJECTS[3]))
    others = tuple(Grant(f"other-{number}", Level.GUEST) for number in range(50))
    members = [Actor(user_id=1, grants=grants) for grants in (roles, roles + others)]
    reaches = [reach(member, AT.date(), Action.READ_PACKAGE) for member in members]
    return [
        *(Listed(project, INSTANCE, EVERYTHING) for project in shelf.projects.values()),
        *(Listed(None, extent, EVERYTHING) for extent in (INSTANCE, group)),
        *(Listed(None, extent, each) for extent in (INSTANCE, group) for each in reaches),
    ]


@pytest.mark.parametrize("counted", [0, 20, 10_000])
async def test_every_list_holds_what_is_expected_in_order(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch, counted: int
) -> None:
    monkeypatch.setattr(windows, "MAX_COUNTED", counted)
    chance = random.Random(counted)  # noqa: S311  the same in each run
    async with shelf.db.read() as tx:
        for place in places(shelf):
            for wanted in chance.sample(FILTERS, 6):
                order = chance.choice([*ORDERS])
                is_descending = chance.choice([False, True])
                expected = shelf.expected(place.holds, wanted)
                expected.sort(key=lambda each: (ORDERS[order](each), each.id))
                ids = [each.id for each in (expected[::-1] if is_descending else expected)]
                window = Window(limit=7, order_by=order, is_descending=is_descending)
                assert await by_number(tx, place, wanted, window, counted) == ids
                assert await by_position(tx, place, wanted, window) == ids


async def by_number(
    tx: Transaction, place: Listed, wanted: ReleaseFilter, window: Window, counted: int
) -> list[int]:
    """Read a list by offset pagination."""
    found: list[int] = []
    has_more = True
    while has_more:
        part = await place.read(tx, wanted, replace(window, offset=len(found)))
        found += [each.id for each in part.items]
        has_more = part.has_more
        assert part.total is None or part.total <= counted
    assert part.total in {None, len(found)}
    assert (part.total is None) == (len(found) > counted)
    return found


async def by_position(
    tx: Transaction, place: Listed, wanted: ReleaseFilter, window: Window
) -> list[int]:
    """Read a list by keyset pagination."""
    found: list[int] = []
    keyset = replace(window, is_keyset=True)
    while True:
        part = await place.read(tx, wanted, keyset)
        found += [each.id for each in part.items]
        assert part.total is None
        if not part.has_more:
            return found
        keyset = replace(keyset, after=part.next)
