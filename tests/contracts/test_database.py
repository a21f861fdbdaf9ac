"""What every database does, whatever is behind it: the contract of `ports.Database`.

A backend joins by one line in `BACKENDS`. What only one backend can do, or suffer, is tested in
`tests/sql`.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from typing import TypeVar

import pytest

from databases import database_of, forget
from distributions import compute_digests
from wheelyard.domain.access import (
    Action,
    Level,
    RegistryAccess,
    Scope,
    Visibility,
)
from wheelyard.domain.audit import GENESIS_HASH, chain_hash
from wheelyard.domain.errors import Reason, Refused
from wheelyard.domain.extent import INSTANCE, Extent
from wheelyard.domain.figures import Contents, ReleaseDownloads
from wheelyard.domain.keys import BlobKey, core_metadata_key, distribution_key
from wheelyard.domain.listing import Window
from wheelyard.domain.models.callers import Actor
from wheelyard.domain.models.events import AuditEvent
from wheelyard.domain.models.members import Grant
from wheelyard.domain.models.packages import DistributionKind, ListedFile, NewFile, PackageFile
from wheelyard.domain.models.places import Duplicates, Namespace, Project
from wheelyard.domain.models.sessions import Session
from wheelyard.domain.models.tokens import TokenKind
from wheelyard.domain.models.users import User
from wheelyard.domain.names import NormalisedName
from wheelyard.domain.reach import reach
from wheelyard.domain.releases import Publisher, ReleaseFilter
from wheelyard.domain.usage import Usage
from wheelyard.ports.database import Database, Transaction
from wheelyard.ports.packages import Recorded
from wheelyard.sql.database import SqlDatabase
from wheelyard.sql.engine import make_engine, sqlite_url
from wheelyard.sql.migrate import migrate

T = TypeVar("T")


URLS: dict[str, Callable[[Path], str]] = {
    "sqlite": lambda folder: sqlite_url(folder / "contract.db"),
    "postgresql": database_of,
}
"""Each names the database of a folder."""

Backend = Callable[[Path], AbstractAsyncContextManager[Database]]
"""Opens the database of a folder; opening it twice is like two processes of one server."""


@pytest.fixture(params=URLS)
def backend(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Backend]:
    @asynccontextmanager
    async def opened(folder: Path) -> AsyncIterator[Database]:
        engine = make_engine(URLS[request.param](folder))
        await migrate(engine)
        db = SqlDatabase(engine)
        try:
            yield db
        finally:
            await db.close()

    yield opened
    if request.param == "postgresql":
        forget(tmp_path)


@pytest.fixture
async def db(backend: Backend, tmp_path: Path) -> AsyncIterator[Database]:
    async with backend(tmp_path) as opened:
        yield opened


AT = datetime(2026, 2, 3, 4, 5, 6, 789, tzinfo=UTC)
LATER = AT + timedelta(hours=1)
NAME = NormalisedName("some-pkg")
EVERYTHING = reach(Actor(username="root", is_admin=True), AT.date(), Action.READ_PACKAGE)


def new_file(content: bytes = b"first", *, name: str = "Some.Pkg", version: str = "1.0") -> NewFile:
    """Return a wheel that is about to be recorded."""
    normalised = NormalisedName(name.lower().replace(".", "-"))
    return NewFile(
        filename=f"{normalised.replace('-', '_')}-{version}-py3-none-any.whl",
        kind=DistributionKind.WHEEL,
        name=name,
        normalised_name=normalised,
        version=version,
        digests=compute_digests(content),
        size_bytes=len(content),
        requires_python=">=3.9",
        metadata_sha256=compute_digests(b"METADATA of " + content).sha256,
        form={"classifiers": ["A", "B"], "name": [name]},
    )


def as_listed(file: PackageFile) -> ListedFile:
    """Return what a page lists of a file."""
    return ListedFile(
        filename=file.filename,
        id=file.id,
        version=file.version,
        kind=file.kind,
        sha256=file.digests.sha256,
        size_bytes=file.size_bytes,
        requires_python=file.requires_python,
        metadata_sha256=file.metadata_sha256,
        uploaded_at=f"{file.uploaded_at:%Y-%m-%dT%H:%M:%S.%f}Z",
        yanked_reason=file.yanked_reason,
        md5=file.digests.md5,
        blake2_256=file.digests.blake2_256,
    )


def event(target: str = "x", **details: object) -> AuditEvent:
    """Return something to be audited."""
    return AuditEvent(AT, "ann", 1, 2, "192.0.2.1", "tested", target, details)


async def add_user(tx: Transaction, username: str = "ann") -> User:
    return await tx.users.create(
        username=username, name="A", email=None, password_hash=None, is_admin=False, at=AT
    )


async def add_group(
    tx: Transaction, path: str = "group", parent: Namespace | None = None
) -> Namespace:
    return await tx.namespaces.create_group(
        parent=parent, path=path, name=path, visibility=Visibility.PRIVATE, description="", at=AT
    )


async def add_project(tx: Transaction, group: Namespace, path: str = "project") -> Project:
    return await tx.projects.create(
        namespace=group,
        path=path,
        name=path,
        visibility=Visibility.PRIVATE,
        description="",
        creator_id=None,
        at=AT,
    )


@dataclass(frozen=True)
class Place:
    """A group with a project."""

    db: Database
    group: Namespace
    project: Project

    async def record(
        self, file: NewFile, at: datetime = AT, project: Project | None = None
    ) -> Recorded:
        """Record in a transaction of its own."""
        async with self.db.write() as tx:
            return await tx.packages.record((project or self.project).id, file, None, at)

    async def listed(self, name: NormalisedName = NAME) -> list[str]:
        """Return the digests that the page lists."""
        async with self.db.read() as tx:
            page = await tx.packages.page(self.project.id, name)
        return [] if page is None else [file.sha256 for file in page.files]


@pytest.fixture
async def place(db: Database) -> Place:
    async with db.write() as tx:
        group = await add_group(tx)
        return Place(db, group, await add_project(tx, group))


# --- recording --------------------------------------------------------------------------------


async def test_a_recorded_file_is_listed_with_all_its_facts(place: Place) -> None:
    new = new_file()
    recorded = await place.record(new)
    assert recorded.is_new
    async with place.db.read() as tx:
        page = await tx.packages.page(place.project.id, NAME)
        assert page is not None
        assert list(page.files) == [as_listed(recorded.file)]
        assert (page.name, list(page.versions)) == (NAME, ["1.0"])
        by_digest = await tx.packages.file(
            place.project.id, new.digests.sha256, recorded.file.filename
        )
        assert by_digest == recorded.file
        assert await tx.packages.current_file(place.project.id, new.filename) == recorded.file
    file = recorded.file
    for field in ("filename", "kind", "normalised_name", "version", "digests", "size_bytes"):
        assert getattr(file, field) == getattr(new, field)
    assert (file.requires_python, file.metadata_sha256) == (">=3.9", new.metadata_sha256)
    assert (file.uploaded_at, file.uploaded_at.tzinfo) == (AT, UTC)
    assert (file.project_id, file.yanked_reason, file.is_superseded) == (
        *(place.project.id, None, False),
    )


@pytest.mark.parametrize(
    ("at", "text"),
    [
        (datetime(2026, 1, 2, tzinfo=UTC), "2026-01-02T00:00:00.000000Z"),
        (datetime(987, 1, 2, 3, 4, 5, 999999, UTC), "0987-01-02T03:04:05.999999Z"),
        (datetime(2026, 1, 2, tzinfo=timezone(timedelta(hours=2))), "2026-01-01T22:00:00.000000Z"),
    ],
)
async def test_pep_700_a_page_has_upload_times_in_utc(
    place: Place, at: datetime, text: str
) -> None:
    await place.record(new_file(), at)
    async with place.db.read() as tx:
        page = await tx.packages.page(place.project.id, NAME)
    assert page is not None
    assert [file.uploaded_at for file in page.files] == [text]


async def test_the_same_bytes_again_change_nothing(place: Place) -> None:
    first = await place.record(new_file())
    again = await place.record(new_file(), LATER)
    assert (again.file, again.is_new) == (first.file, False)
    assert await place.listed() == [first.file.digests.sha256]


async def test_other_bytes_supersede_and_stay_to_be_had(place: Place) -> None:
    first, second = new_file(b"first"), new_file(b"second")
    await place.record(first)
    recorded = await place.record(second, LATER)
    assert recorded.is_new
    assert await place.listed() == [second.digests.sha256]
    async with place.db.read() as tx:
        old = await tx.packages.file(place.project.id, first.digests.sha256, first.filename)
    assert old is not None
    assert (old.is_superseded, old.uploaded_at) == (True, AT)


async def test_superseded_bytes_that_come_again_are_listed_with_their_first_time(
    place: Place,
) -> None:
    first = await place.record(new_file(b"first"))
    await place.record(new_file(b"second"), LATER)
    revived = await place.record(new_file(b"first"), LATER + timedelta(hours=1))
    assert revived.is_new
    assert replace(revived.file, is_superseded=False) == first.file
    assert await place.listed() == [first.file.digests.sha256]
    assert not (await place.record(new_file(b"first"), LATER)).is_new


async def test_files_of_several_versions_share_a_page(place: Place) -> None:
    for number, version in enumerate(["1.0", "2.0", "10.0"]):
        await place.record(new_file(b"%d" % number, version=version))
    await place.record(new_file(b"z", name="other"))
    async with place.db.read() as tx:
        page = await tx.packages.page(place.project.id, NAME)
        assert page is not None
        assert {file.version for file in page.files} == set(page.versions) == {"1.0", "2.0", "10.0"}
        # What the page says of versions covers what it says of files (PEP 700).
        assert set(page.versions) >= {file.version for file in page.files}


async def test_absent_things(place: Place) -> None:
    await place.record(new_file())
    digest = new_file().digests.sha256
    async with place.db.read() as tx:
        packages = tx.packages
        assert await packages.page(place.project.id, NormalisedName("absent")) is None
        assert await packages.page(place.project.id + 1, NAME) is None
        assert await packages.file(place.project.id, digest, "other.whl") is None
        assert await packages.file(place.project.id, "0" * 64, new_file().filename) is None
        assert await packages.file(place.project.id + 1, digest, new_file().filename) is None
        assert await packages.current_file(place.project.id + 1, new_file().filename) is None
        assert await tx.projects.get(10**9) is None
        assert await tx.projects.by_path("group") is None
        assert await tx.namespaces.get(10**9) is None
        assert await tx.users.by_username("nobody") is None
        assert await tx.tokens.by_secret("0" * 64) is None


async def test_which_blobs_are_needed(place: Place) -> None:
    first, second = new_file(b"first"), new_file(b"second")
    for file in (first, second):
        await place.record(file)
    needed = {
        key
        for file in (first, second)  # the superseded one as well
        for key in (
            distribution_key(file.digests.sha256),
            core_metadata_key(file.metadata_sha256),
        )
    }
    orphans = {
        distribution_key("0" * 64),
        core_metadata_key(first.digests.sha256),
        distribution_key(first.metadata_sha256),
        BlobKey("unknown/kind"),
    }
    async with place.db.read() as tx:
        assert await tx.packages.referenced_blobs(sorted(needed | orphans)) == needed
        assert await tx.packages.referenced_blobs([]) == set()


# --- whose a name is --------------------------------------------------------------------------


async def test_names_are_those_with_files_sorted_and_each_once(place: Place) -> None:
    for name in ("zeta", "Alpha", "beta"):
        for version in ("1.0", "2.0"):
            await place.record(new_file(f"{name}{version}".encode(), name=name, version=version))
    async with place.db.read() as tx:
        expected = ["alpha", "beta", "zeta"]
        assert list(await tx.packages.project_names(place.project.id)) == expected
        assert list(await tx.packages.project_names(place.project.id + 1)) == []
        of_group = Extent(place.group.id, place.group.key)
        for extent in (of_group, INSTANCE):
            assert list(await tx.packages.names(extent, EVERYTHING)) == expected


async def test_a_name_is_listed_while_one_of_its_files_is(place: Place) -> None:
    extents = (Extent(place.group.id, place.group.key), INSTANCE)

    async def is_listed() -> bool:
        async with place.db.read() as tx:
            listings = [await tx.packages.project_names(place.project.id)]
            listings += [await tx.packages.names(extent, EVERYTHING) for extent in extents]
        assert len({tuple(names) for names in listings}) == 1
        return NAME in listings[0]

    first, second = await place.record(new_file(b"1")), await place.record(new_file(b"2"))
    assert await is_listed()
    async with place.db.write() as tx:
        await tx.releases.delete_file(second.file)  # the older one takes its place
    assert await is_listed()
    async with place.db.write() as tx:
        await tx.releases.mark_lost(first.file, AT)
    assert not await is_listed()
    async with place.db.write() as tx:
        await tx.releases.mark_found(first.file)
    assert await is_listed()
    async with place.db.write() as tx:
        await tx.releases.delete_file(first.file)
    assert not await is_listed()
    await place.record(new_file(b"1"))
    assert await is_listed()
    async with place.db.write() as tx:
        release = await tx.releases.find(place.project.id, NAME, "1.0")
        assert release is not None
        await tx.releases.delete(release, AT)
    assert not await is_listed()


async def test_of_several_projects_the_first_to_publish_owns_the_name(place: Place) -> None:
    async with place.db.write() as tx:
        below = await add_group(tx, "below", place.group)
        second = await add_project(tx, below, "second")
        outside = await add_project(tx, await add_group(tx, "group-2"), "outside")
    await place.record(new_file(b"0"), project=outside)
    await place.record(new_file(b"2"), project=second)
    await place.record(new_file(b"1"))
    extents = {
        "group": (Extent(place.group.id, place.group.key), [second.id, place.project.id]),
        "below": (Extent(below.id, below.key), [second.id]),
        "instance": (INSTANCE, [outside.id, second.id, place.project.id]),
    }
    async with place.db.read() as tx:
        for extent, expected in extents.values():
            holders = await tx.packages.holders(extent, NAME)
            assert [holder.project_id for holder in holders] == expected
            [owner] = await tx.packages.holders(extent, NAME, 1)
            assert owner == holders[0]
        assert list(await tx.packages.holders(INSTANCE, NormalisedName("absent"))) == []


async def test_a_name_whose_owner_is_out_of_reach_is_left_out(place: Place) -> None:
    async with place.db.write() as tx:
        visible = await add_project(tx, place.group, "visible")
        await tx.projects.update(visible.id, visibility=Visibility.PUBLIC)
    await place.record(new_file(b"1"))
    await place.record(new_file(b"2"), project=visible)
    await place.record(new_file(b"3", name="own"), project=visible)
    anybody = reach(Actor(), AT.date(), Action.READ_PACKAGE)
    group = Extent(place.group.id, place.group.key)
    async with place.db.read() as tx:
        assert list(await tx.packages.names(group, anybody)) == ["own"]
        assert list(await tx.packages.names(group, EVERYTHING)) == ["own", NAME]
        merged = replace(group, merges_names=True)
        assert list(await tx.packages.names(merged, anybody)) == ["own", NAME]


# --- places, people and roles -----------------------------------------------------------------


async def test_everything_is_found_again_in_any_case(db: Database) -> None:
    async with db.write() as tx:
        user = await add_user(tx, "Ann")
        group = await add_group(tx, "Group")
        project = await add_project(tx, group, "Project")
    async with db.read() as tx:
        for spelling in ("Ann", "ann", "ANN"):
            assert await tx.users.by_username(spelling) == user
        assert await tx.users.get(user.id) == user
        assert await tx.users.count() == 1
        own = await tx.namespaces.by_path("ann")
        assert own is not None
        assert (own.full_path, own.kind) == ("Ann", "user")
        assert await tx.namespaces.by_path("gROUP") == group
        assert await tx.namespaces.get(group.id) == group
        assert await tx.projects.by_path("group/PROJECT") == project
        assert await tx.projects.get(project.id) == project
    assert (project.full_path, project.registry_access) == ("Group/Project", "enabled")
    assert (user.created_at, group.created_at, project.created_at) == (AT, AT, AT)


async def take(db: Database, kind: str, path: str, group: Namespace | None = None) -> None:
    """Add a user, group or project at this address, in a transaction of its own."""
    async with db.write() as tx:
        if kind == "user":
            await add_user(tx, path)
        elif kind == "group" or group is None:
            await add_group(tx, path, group)
        else:
            await add_project(tx, group, path)


@pytest.mark.parametrize("second", ["user", "group"])
@pytest.mark.parametrize("first", ["user", "group"])
async def test_an_address_is_taken_once(db: Database, first: str, second: str) -> None:
    await take(db, first, "Taken")
    with pytest.raises(Refused) as refusal:
        await take(db, second, "tAKEN")
    assert refusal.value.reason is Reason.CONFLICT
    assert "has already been taken" in refusal.value.detail


@pytest.mark.parametrize("kind", ["project", "group"])
async def test_a_project_and_a_subgroup_share_the_addresses_too(place: Place, kind: str) -> None:
    with pytest.raises(Refused, match="already been taken"):
        await take(place.db, kind, "PROJECT", place.group)


async def test_projects_below_a_group(db: Database) -> None:
    async with db.write() as tx:
        top = await add_group(tx, "top")
        other = await add_group(tx, "top-2")
        below = await add_group(tx, "below", top)
        inside = [await add_project(tx, group, "p") for group in (top, below)]
        await add_project(tx, other, "p")
    async with db.read() as tx:
        assert list(await tx.projects.below(top.key)) == inside
        assert list(await tx.projects.below(below.key)) == inside[1:]
        assert list(await tx.projects.below("to")) == []


async def test_a_project_changes_in_what_is_named_only(place: Place) -> None:
    async with place.db.write() as tx:
        changed = await tx.projects.update(place.project.id, visibility=Visibility.PUBLIC)
        assert changed == replace(place.project, visibility=Visibility.PUBLIC)
        both = await tx.projects.update(
            place.project.id, registry_access=RegistryAccess.PRIVATE, duplicates=Duplicates.DENY
        )
        assert both == replace(
            changed, registry_access=RegistryAccess.PRIVATE, duplicates=Duplicates.DENY
        )
    async with place.db.read() as tx:
        assert await tx.projects.get(place.project.id) == both


async def test_the_grants_of_a_user(place: Place) -> None:
    end = date(2026, 3, 1)
    async with place.db.write() as tx:
        user, other = await add_user(tx, "Ann"), await add_user(tx, "ben")
        for target, level, until in (
            (place.group, Level.GUEST, None),
            (place.project, Level.OWNER, None),
            (place.project, Level.MAINTAINER, end),  # in place of the one before
        ):
            member = await tx.members.set_role(target, user, level=level, expires_at=until, at=AT)
            assert (member.level, member.full_path) == (level, target.full_path)
        await tx.members.set_role(place.group, other, level=Level.OWNER, expires_at=None, at=AT)
    async with place.db.read() as tx:
        assert set(await tx.users.grants(user)) == {
            Grant("ann", Level.OWNER),
            Grant("group", Level.GUEST),
            Grant("group/project", Level.MAINTAINER, end),
        }
        assert await tx.members.get(place.project, user) == member
        assert await tx.members.get(place.project, other) is None


# --- credentials and settings -----------------------------------------------------------------


async def test_tokens(place: Place) -> None:
    async with place.db.write() as tx:
        user = await add_user(tx)
        personal = await tx.tokens.create(
            kind=TokenKind.PERSONAL,
            name="laptop",
            secret_sha256="1" * 64,
            scopes=frozenset({Scope.API, Scope.READ_USER}),
            user=user,
            target=None,
            username=None,
            expires_at=date(2026, 3, 1),
            at=AT,
        )
        deploy = [
            await tx.tokens.create(
                kind=TokenKind.DEPLOY,
                name="ci",
                secret_sha256=digit * 64,
                scopes=frozenset({Scope.READ_PACKAGE_REGISTRY}),
                user=None,
                target=place.project,
                username=username,
                expires_at=None,
                at=AT,
            )
            for digit, username in (("2", None), ("3", "robot"))
        ]
    assert [token.username for token in deploy] == [f"gitlab+deploy-token-{deploy[0].id}", "robot"]
    assert (deploy[0].path_key, personal.user_id) == ("group/project", user.id)
    async with place.db.read() as tx:
        assert await tx.tokens.by_secret("1" * 64) == personal
        assert await tx.tokens.get(deploy[0].id) == deploy[0]
        assert await tx.tokens.by_secret("2" * 63) is None
    for moment in (LATER, LATER + timedelta(days=1)):  # an earlier end stays
        async with place.db.write() as tx:
            await tx.tokens.revoke(personal.id, moment)
    async with place.db.read() as tx:
        revoked = await tx.tokens.by_secret("1" * 64)
    assert revoked == replace(personal, revoked_at=LATER)


async def test_settings(db: Database) -> None:
    async with db.write() as tx:
        defaults = await tx.settings.load()
        await tx.settings.store("max_file_size_bytes", 5)
        await tx.settings.store("packages_enabled", value=False)
        await tx.settings.store("max_file_size_bytes", 7)
        await tx.settings.store("of_another_version", "x")
        assert await tx.settings.claim_once("done")
    async with db.write() as tx:
        assert not await tx.settings.claim_once("done")
        assert await tx.settings.claim_once("other")
        assert await tx.settings.load() == replace(
            defaults, max_file_size_bytes=7, packages_enabled=False
        )


# --- all or nothing ---------------------------------------------------------------------------


class StopError(Exception):
    """What goes wrong in the middle."""


async def _count(db: Database) -> tuple[int, int]:
    async with db.read() as tx:
        return await tx.users.count(), len([event async for event in tx.audit.events()])


async def test_an_error_takes_everything_back(place: Place) -> None:
    before = await _count(place.db)

    async def write_and_fail() -> None:
        async with place.db.write() as tx:
            await add_user(tx, "gone")
            await tx.packages.record(place.project.id, new_file(), None, AT)
            await tx.settings.store("max_file_size_bytes", 1)
            await tx.audit.append(event())
            raise StopError

    with pytest.raises(StopError):
        await write_and_fail()
    assert await _count(place.db) == before
    assert await place.listed() == []
    async with place.db.write() as tx:  # the address is free again, and the lock too
        await add_user(tx, "gone")
        assert (await tx.settings.load()).max_file_size_bytes > 1


async def test_a_cancelled_writer_takes_everything_back(place: Place) -> None:
    begun = asyncio.Event()

    async def write() -> None:
        async with place.db.write() as tx:
            await add_user(tx, "gone")
            begun.set()
            await asyncio.sleep(60)

    writing = asyncio.create_task(write())
    await begun.wait()
    writing.cancel()
    await asyncio.wait([writing])
    async with place.db.write() as tx:
        await add_user(tx, "gone")


async def test_a_reader_keeps_one_view_and_does_not_wait_for_a_writer(place: Place) -> None:
    await place.record(new_file(b"first"))
    async with place.db.read() as tx:
        before = await tx.packages.page(place.project.id, NAME)
        async with place.db.write() as writing:
            await writing.packages.record(place.project.id, new_file(b"second"), None, AT)
            assert await tx.packages.page(place.project.id, NAME) == before
        assert await tx.packages.page(place.project.id, NAME) == before
    assert await place.listed() == [new_file(b"second").digests.sha256]


# --- many at once -----------------------------------------------------------------------------

WRITERS = 20


async def test_many_writers_of_one_file_name_leave_one_listed(
    place: Place, backend: Backend, tmp_path: Path
) -> None:
    files = [new_file(b"%d" % number) for number in range(WRITERS)]

    async def publish(db: Database, file: NewFile) -> None:
        async with db.write() as tx:
            await tx.packages.record(place.project.id, file, None, AT)
            await tx.audit.append(event(file.digests.sha256))

    async with backend(tmp_path) as other:  # as if another process wrote too
        await asyncio.gather(
            *(publish(other if number % 2 else place.db, file) for number, file in enumerate(files))
        )
    async with place.db.read() as tx:
        events = [stored.target async for stored, _ in tx.audit.events()]
        assert sorted(events) == sorted(file.digests.sha256 for file in files)
        for file in files:
            found = await tx.packages.file(place.project.id, file.digests.sha256, file.filename)
            assert found is not None
            assert found.is_superseded is (file.digests.sha256 != events[-1])
    assert await place.listed() == [events[-1]]
    await check_chain(place.db, WRITERS)


async def test_many_writers_of_the_same_bytes_make_one_file(place: Place) -> None:
    recorded = await asyncio.gather(*(place.record(new_file()) for _ in range(WRITERS)))
    assert sum(each.is_new for each in recorded) == 1
    assert len({each.file.id for each in recorded}) == 1
    assert len(await place.listed()) == 1


async def test_of_many_who_want_an_address_one_gets_it(
    db: Database, backend: Backend, tmp_path: Path
) -> None:
    async def claim(db: Database) -> bool:
        try:
            async with db.write() as tx:
                await add_group(tx, "wanted")
        except Refused as refused:
            assert refused.reason is Reason.CONFLICT  # noqa: PT017  the reason is what is tested
            return False
        return True

    async with backend(tmp_path) as other:
        won = await asyncio.gather(*(claim(one) for one in [db, other] * (WRITERS // 2)))
    assert won.count(True) == 1


async def test_something_done_once_is_done_by_one(
    db: Database, backend: Backend, tmp_path: Path
) -> None:
    async def claim(db: Database) -> bool:
        async with db.write() as tx:
            return await tx.settings.claim_once("root_created")

    async with backend(tmp_path) as other:
        won = await asyncio.gather(*(claim(one) for one in [db, other] * (WRITERS // 2)))
    assert won.count(True) == 1


# --- the audit chain --------------------------------------------------------------------------


async def check_chain(db: Database, count: int) -> None:
    """Compute every hash again, from what was read back."""
    previous, seen = GENESIS_HASH, 0
    async with db.read() as tx:
        async for stored, stored_hash in tx.audit.events():
            previous = chain_hash(previous, stored)
            assert stored_hash == previous
            seen += 1
    assert seen == count


async def test_events_come_back_as_they_were_and_chained(db: Database) -> None:
    events = [
        event("a", level=[None, 30], reason="ü \u2028 \U0001f4a9 '\""),
        replace(event(), user_id=None, token_id=None, at=AT.replace(microsecond=0)),
        replace(event(), at=datetime.max.replace(tzinfo=UTC)),
        event("x" * 1000, nested={"b": 1, "a": [True, None, 1.5]}),
    ]
    for one in events:
        async with db.write() as tx:
            await tx.audit.append(one)
    async with db.read() as tx:
        assert [stored async for stored, _ in tx.audit.events()] == events
    await check_chain(db, len(events))


async def test_events_of_one_transaction_are_chained_too(db: Database) -> None:
    async with db.write() as tx:
        for number in range(3):
            await tx.audit.append(event(str(number)))
    await check_chain(db, 3)


# --- lists and figures of releases ------------------------------------------------------------


async def release_names(place: Place, wanted: ReleaseFilter, window: Window) -> list[str]:
    async with place.db.read() as tx:
        listing = await tx.releases.of_project(place.project.id, wanted, window)
    return [f"{item.release.normalised_name} {item.release.version}" for item in listing.items]


async def test_releases_in_the_order_of_their_versions(place: Place) -> None:
    for version in ("1.10", "1.9", "1.9rc1", "1!0.1", "1.9.post1", "1.9+local.10"):
        await place.record(new_file(version.encode(), version=version))
    await place.record(new_file(b"z", name="Zoo", version="0.1"))
    some = ReleaseFilter(name=NAME)
    window = Window(order_by="version", is_descending=True)
    versions = [name.split()[1] for name in await release_names(place, some, window)]
    assert versions == ["1!0.1", "1.10", "1.9.post1", "1.9+local.10", "1.9", "1.9rc1"]
    await place.record(new_file(b"a", name="abc", version="3"))
    by_name = Window(order_by="normalised_name")
    names = [name.split()[0] for name in await release_names(place, ReleaseFilter(), by_name)]
    assert names == ["abc", *[str(NAME)] * 6, "zoo"]


@pytest.mark.parametrize("part", ["some.pk", "SOME-P", "me_pkg", "e._-p"])
async def test_a_part_of_a_name_however_it_is_spelled(place: Place, part: str) -> None:
    await place.record(new_file())
    await place.record(new_file(b"other", name="other"))
    found = await release_names(place, ReleaseFilter(name_part=part), Window())
    assert found == [f"{NAME} 1.0"]
    assert await release_names(place, ReleaseFilter(name_part="%"), Window()) == []


async def test_what_is_yanked_as_a_whole(place: Place) -> None:
    one = (await place.record(new_file(b"one", version="1.0"))).file
    two = (await place.record(new_file(b"two", version="2.0"))).file
    other = replace(new_file(b"three", version="2.0"), filename="other-2.0-py3-none-any.whl")
    await place.record(other)
    async with place.db.write() as tx:
        await tx.releases.yank([one.id], "broken")
        await tx.releases.yank([two.id], "")
    yanked, rest = ReleaseFilter(is_yanked=True), ReleaseFilter(is_yanked=False)
    assert await release_names(place, yanked, Window()) == [f"{NAME} 1.0"]
    assert await release_names(place, rest, Window()) == [f"{NAME} 2.0"]
    async with place.db.read() as tx:
        found = await tx.downloads.contents([one.package_id, two.package_id, 10**6])
        assert await tx.downloads.contents([]) == {}
    assert found == {one.package_id: Contents(1, 3, 1), two.package_id: Contents(2, 8, 1)}
    assert (found[one.package_id].is_yanked, found[two.package_id].is_yanked) == (True, False)
    assert not Contents().is_yanked


async def test_superseded_files_are_no_part_of_what_is_listed(place: Place) -> None:
    file = (await place.record(new_file(b"first"))).file
    await place.record(new_file(b"second!"))
    async with place.db.read() as tx:
        assert await tx.downloads.contents([file.package_id]) == {file.package_id: Contents(1, 7)}


async def test_who_published(place: Place) -> None:
    async with place.db.write() as tx:
        ann = await add_user(tx)
        await tx.packages.record(place.project.id, new_file(), ann.id, AT)
    await place.record(new_file(b"by a deploy token", version="2.0"))
    async with place.db.read() as tx:
        listing = await tx.releases.of_project(place.project.id, ReleaseFilter(), Window())
    assert [item.publisher for item in listing.items] == [Publisher("ann", "A", is_bot=False), None]


async def test_downloads_of_files_and_of_releases(place: Place) -> None:
    one = (await place.record(new_file(b"one", version="1.0"))).file
    two = (await place.record(new_file(b"two", version="2.0"))).file
    other = (await place.record(new_file(b"other", name="other"))).file
    old, day = date(2026, 1, 1), date(2026, 2, 1)
    served = {(one.id, old): 9, (one.id, day): 2, (two.id, day): 3, (other.id, day): 50}
    async with place.db.write() as tx:
        await tx.usage.add(Usage({}, {}, served, {}))
    async with place.db.read() as tx:
        assert await tx.downloads.by_file(one.package_id) == {one.id: 11}
        assert await tx.downloads.by_file(10**6) == {}
        recent = await tx.downloads.by_release(place.project.id, NAME, day, 10)
        ever = await tx.downloads.by_release(place.project.id, NAME, old, 1)
        nothing = await tx.downloads.by_release(place.project.id, NAME, date(2026, 3, 1), 10)
    assert recent == [
        ReleaseDownloads(two.package_id, "2.0", 3),
        ReleaseDownloads(one.package_id, "1.0", 2),
    ]
    assert ever == [ReleaseDownloads(one.package_id, "1.0", 11)]
    assert nothing == []


# --- sessions -----------------------------------------------------------------------------------


async def add_session(tx: Transaction, user: User, digest: str, at: datetime = AT) -> Session:
    return await tx.sessions.create(
        user=user,
        secret_sha256=digest,
        expires_at=AT + timedelta(days=9),
        at=at,
        address="192.0.2.1",
        user_agent="a browser",
    )


async def test_sessions_are_found_by_digest_and_ended(db: Database) -> None:
    async with db.write() as tx:
        ann, bob = await add_user(tx), await add_user(tx, "bob")
        first, second = await add_session(tx, ann, "a" * 64), await add_session(tx, ann, "b" * 64)
        other = await add_session(tx, bob, "c" * 64)
    async with db.read() as tx:
        assert await tx.sessions.by_secret("a" * 64) == first
        assert await tx.sessions.by_secret("A" * 64) is None
        assert await tx.sessions.of_user(ann.id) == [second, first]
    assert (first.created_at, first.last_used_at) == (AT, AT)
    async with db.write() as tx:
        await tx.sessions.delete(first.id)
        await tx.sessions.delete(first.id)
        assert await tx.sessions.of_user(ann.id) == [second]
        assert await tx.sessions.delete_of_user(ann.id) == 1
        assert await tx.sessions.of_user(bob.id) == [other]
        await tx.users.delete(bob)
        assert await tx.sessions.by_secret("c" * 64) is None


async def test_sessions_end_by_themselves(db: Database) -> None:
    async with db.write() as tx:
        user = await add_user(tx)
        old, used = await add_session(tx, user, "a" * 64), await add_session(tx, user, "b" * 64)
        missing = old.id + 999
        await tx.usage.add(Usage({}, {}, {}, {used.id: LATER, missing: LATER}))
        await tx.usage.add(Usage({}, {}, {}, {used.id: AT}))
        assert await tx.sessions.purge(AT, AT) == 0
        assert await tx.sessions.purge(AT, LATER) == 1
        assert await tx.sessions.of_user(user.id) == [replace(used, last_used_at=LATER)]
        assert await tx.sessions.purge(AT + timedelta(days=10), AT) == 1


# --- jobs for one process ---------------------------------------------------------------------


async def test_a_job_is_for_one_at_a_time(db: Database, backend: Backend, tmp_path: Path) -> None:
    async with backend(tmp_path) as other:
        async with db.alone("job") as is_first, other.alone("job") as is_second:
            assert (is_first, is_second) == (True, False)
            async with other.alone("another-job") as is_alone, db.alone("job") as is_again:
                assert (is_alone, is_again) == (True, False)
            async with db.write() as tx:  # others write meanwhile
                assert await tx.settings.claim_once("done")
        async with other.alone("job") as is_alone:
            assert is_alone


async def test_a_job_that_fails_is_free_again(db: Database) -> None:
    async def fail() -> None:
        async with db.alone("job"):
            raise StopError

    with pytest.raises(StopError):
        await fail()
    async with db.alone("job") as is_alone:
        assert is_alone


async def test_when_a_chore_was_done(db: Database) -> None:
    async with db.read() as tx:
        assert await tx.chores.done_at("sweeping") is None
    for at in (AT, LATER):
        async with db.write() as tx:
            await tx.chores.note_done("sweeping", at)
        async with db.read() as tx:
            assert await tx.chores.done_at("sweeping") == at
            assert await tx.chores.done_at("dusting") is None
