"""A group's index on a real database: merged names, and callers with very many roles."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import TypeVar

import pytest

from registry import Registry
from wheelyard.domain.access import Level
from wheelyard.domain.extent import INSTANCE, Extent
from wheelyard.domain.models.callers import Actor
from wheelyard.domain.models.members import Grant
from wheelyard.domain.models.packages import Digests, DistributionKind, NewFile
from wheelyard.domain.models.places import Project
from wheelyard.domain.names import NormalisedName
from wheelyard.domain.reach import group_reach
from wheelyard.domain.status import ProjectStatus
from wheelyard.index.group import GroupIndex
from wheelyard.ports.database import Transaction

T = TypeVar("T")

NAME = NormalisedName("pkg")
NOW = datetime(2026, 11, 22, tzinfo=UTC)
ADMIN = Actor(user_id=1, username="root", is_admin=True)


def new_file(version: str, content: str, name: str = "pkg") -> NewFile:
    digest = sha256(content.encode()).hexdigest()
    return NewFile(
        filename=f"{name}-{version}-py3-none-any.whl",
        kind=DistributionKind.WHEEL,
        name=name,
        normalised_name=NormalisedName(name),
        version=version,
        digests=Digests(digest, "0" * 32, "0" * 64),
        size_bytes=1,
        requires_python=None,
        metadata_sha256="1" * 64,
        form={},
    )


class Merged:
    """A group with two projects that both have a `pkg`, and its index as anybody sees it."""

    def __init__(self, registry: Registry) -> None:
        self.registry = registry
        self.group = registry.group()
        self.first, self.second = (
            registry.project(f"{self.group.full_path}/{name}") for name in ("first", "second")
        )
        self.extent = Extent(self.group.id, self.group.key, merges_names=True)

    def record(self, project: Project, *files: NewFile) -> None:
        async def work(tx: Transaction) -> None:
            for file in files:
                await tx.packages.record(project.id, file, None, NOW)

        self.write(work)

    def write(self, work: Callable[[Transaction], Awaitable[T]]) -> T:
        async def with_tx(machines: object, _by: object) -> T:
            async with machines.db.write() as tx:  # type: ignore[attr-defined]
                return await work(tx)

        return self.registry.run(with_tx)

    def index(self, tx: Transaction, actor: Actor = ADMIN) -> GroupIndex:
        return GroupIndex(tx.packages, self.extent, group_reach(actor, NOW.date()))

    def contents(self, actor: Actor = ADMIN) -> list[tuple[str, str]]:
        """Return the version and the first digits of the digest of every listed file."""

        async def work(tx: Transaction) -> list[tuple[str, str]]:
            page = await self.index(tx, actor).page(NAME)
            files = [] if page is None else page.files
            return sorted((file.version, file.sha256[:4]) for file in files)

        return self.write(work)


@pytest.fixture
def merged(tmp_path: Path) -> Merged:
    return Merged(Registry(tmp_path / "data"))


def short(content: str) -> str:
    return sha256(content.encode()).hexdigest()[:4]


def guest_of(project: Project) -> Actor:
    return Actor(user_id=2, username="ann", grants=(Grant(project.key, Level.GUEST),))


def test_a_merged_page_has_the_files_of_all_projects(merged: Merged) -> None:
    merged.record(merged.first, new_file("1.0", "a"))
    merged.record(merged.second, new_file("2.0", "b"))
    assert merged.contents() == [("1.0", short("a")), ("2.0", short("b"))]
    assert merged.contents(guest_of(merged.first)) == [("1.0", short("a"))]
    assert merged.contents(guest_of(merged.second)) == [("2.0", short("b"))]
    assert merged.contents(Actor(user_id=3, username="eve")) == []
    merged.extent = replace(merged.extent, merges_names=False)
    assert merged.contents() == [("1.0", short("a"))]
    assert merged.contents(guest_of(merged.second)) == []


def test_a_merged_name_has_the_serial_of_its_latest_change(merged: Merged) -> None:
    merged.record(merged.first, new_file("1.0", "a"))
    merged.record(merged.second, new_file("2.0", "b"))

    async def serials(tx: Transaction, actor: Actor) -> tuple[int, int]:
        index = merged.index(tx, actor)
        page, listing = await index.page(NAME), await index.list(with_serials=True)
        assert page is not None
        assert listing.serials is not None
        assert [*listing.names] == [*listing.serials] == [NAME]
        return listing.serials[NAME], page.serial

    first, second, both = (
        merged.write(partial(serials, actor=actor))
        for actor in (guest_of(merged.first), guest_of(merged.second), ADMIN)
    )
    assert first[0] < second[0] == both[0]
    assert {listed == of_page for listed, of_page in (first, second, both)} == {True}


def test_of_files_with_one_name_the_last_upload_is_listed(merged: Merged) -> None:
    merged.record(merged.second, new_file("1.0", "older"))
    merged.record(merged.first, new_file("1.0", "newer"))
    assert merged.contents() == [("1.0", short("newer"))]


def test_a_merged_listing_has_each_name_once(merged: Merged) -> None:
    merged.record(merged.first, new_file("1.0", "a"), new_file("1.0", "c", "other"))
    merged.record(merged.second, new_file("2.0", "b"))

    async def work(tx: Transaction) -> list[list[str]]:
        actors = ADMIN, guest_of(merged.second)
        return [list((await merged.index(tx, actor).list()).names) for actor in actors]

    assert merged.write(work) == [["other", "pkg"], ["pkg"]]


def test_a_quarantine_withholds_its_own_files_only(merged: Merged) -> None:
    merged.record(merged.first, new_file("1.0", "a"))
    merged.record(merged.second, new_file("2.0", "b"))

    async def work(tx: Transaction) -> tuple[list[str], ProjectStatus | None]:
        await tx.releases.set_status(merged.first.id, NAME, ProjectStatus.QUARANTINED, "bad")
        page = await merged.index(tx).page(NAME)
        assert page is not None
        return [file.version for file in page.files], page.status

    assert merged.write(work) == (["2.0"], ProjectStatus.ACTIVE)


def test_a_caller_with_thousands_of_roles(merged: Merged) -> None:
    merged.record(merged.second, new_file("2.0", "b"))
    roles = [Grant(f"elsewhere/project-{number}", Level.GUEST) for number in range(2000)]
    many = Actor(user_id=2, username="ann", grants=(*roles, *guest_of(merged.second).grants))

    async def names(tx: Transaction, actor: Actor, extent: Extent) -> list[str]:
        return list(await tx.packages.names(extent, group_reach(actor, NOW.date())))

    own = Extent(merged.group.id, merged.group.key)
    for extent in (own, merged.extent, INSTANCE):
        assert merged.write(partial(names, actor=many, extent=extent)) == ["pkg"]
        less = replace(many, grants=many.grants[:-1])
        assert merged.write(partial(names, actor=less, extent=extent)) == []
