"""Publishing and upkeep: bytes before rows, rights asked again, and only rubbish is collected."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import pytest

from distributions import build_wheel, compute_digests
from trails import Trail
from wheelyard.actions.groups import create_group
from wheelyard.actions.project_settings import set_project_setting
from wheelyard.actions.projects import create_project
from wheelyard.actions.publish import Upload, publish
from wheelyard.actions.upkeep import collect_rubbish
from wheelyard.app import Machinery
from wheelyard.domain.access import Level, Visibility
from wheelyard.domain.errors import Reason, Refused
from wheelyard.domain.keys import core_metadata_key, distribution_key
from wheelyard.domain.models.callers import Actor, Caller
from wheelyard.domain.models.members import Grant
from wheelyard.domain.models.packages import DistributionKind, NewFile
from wheelyard.domain.models.places import Project
from wheelyard.domain.names import NormalisedName

FILENAME, CONTENT = build_wheel("pkg", "1.0")
OTHER = build_wheel("pkg", "1.0", files={"pkg/more.py": b""})[1]
METADATA = b"Metadata-Version: 2.1\nName: pkg\nVersion: 1.0\n"
SOON = timedelta(0)


@pytest.fixture
async def project(machines: Machinery, by: Caller) -> Project:
    await create_group(machines.db, by, full_path="group", visibility=Visibility.PRIVATE)
    return await create_project(
        machines.db, by, full_path="group/project", visibility=Visibility.PRIVATE
    )


@asynccontextmanager
async def received(machines: Machinery, content: bytes = CONTENT) -> AsyncIterator[Upload]:
    """Stage an upload that was found good."""
    async with machines.spool.stage() as staging:
        await staging.write(content)
        await staging.finish()
        file = NewFile(
            filename=FILENAME,
            kind=DistributionKind.WHEEL,
            name="pkg",
            normalised_name=NormalisedName("pkg"),
            version="1.0",
            digests=compute_digests(content),
            size_bytes=len(content),
            requires_python=None,
            metadata_sha256=sha256(METADATA).hexdigest(),
            form={"name": ["pkg"]},
        )
        yield Upload(file, staging, METADATA)


async def stored(machines: Machinery) -> set[str]:
    return {info.key async for info in machines.blobs.list()}


async def test_publishing_and_its_event(
    machines: Machinery, by: Caller, trail: Trail, project: Project
) -> None:
    async with received(machines) as upload:
        recorded = await publish(machines.db, machines.blobs, by, project.id, upload)
    assert (recorded.is_new, recorded.file.uploaded_at) == (True, by.at)
    assert await stored(machines) == {
        distribution_key(sha256(CONTENT).hexdigest()),
        core_metadata_key(sha256(METADATA).hexdigest()),
    }
    action, target, details = await trail.last(by)
    assert (action, target) == ("file_published", "group/project")
    assert (details["filename"], details["sha256"]) == (FILENAME, sha256(CONTENT).hexdigest())


async def test_the_same_bytes_leave_no_second_event(
    machines: Machinery, by: Caller, trail: Trail, project: Project
) -> None:
    for _ in range(2):
        async with received(machines) as upload:
            recorded = await publish(machines.db, machines.blobs, by, project.id, upload)
    assert not recorded.is_new
    assert [event.action for event in await trail.events()].count("file_published") == 1


async def test_bytes_that_went_missing_come_back_with_the_next_upload(
    machines: Machinery, by: Caller, project: Project
) -> None:
    async with received(machines) as upload:
        await publish(machines.db, machines.blobs, by, project.id, upload)
    before = await stored(machines)
    await machines.blobs.delete(distribution_key(sha256(CONTENT).hexdigest()))
    async with received(machines) as upload:
        await publish(machines.db, machines.blobs, by, project.id, upload)
    assert await stored(machines) == before


async def test_a_refused_duplicate_stores_nothing(
    machines: Machinery, by: Caller, project: Project
) -> None:
    await set_project_setting(
        machines.db, by, full_path=project.full_path, key="duplicates", text="deny"
    )
    async with received(machines) as upload:
        await publish(machines.db, machines.blobs, by, project.id, upload)
    before = await stored(machines)
    async with received(machines, OTHER) as upload:
        with pytest.raises(Refused, match="already exists") as refusal:
            await publish(machines.db, machines.blobs, by, project.id, upload)
    assert refusal.value.reason is Reason.CONFLICT
    assert await stored(machines) == before


async def test_the_right_to_publish_is_asked_here_too(
    machines: Machinery, by: Caller, trail: Trail, project: Project
) -> None:
    """Whoever lost the role while the upload was on its way does not publish."""
    guest = Actor(user_id=5, username="ann", grants=(Grant("group", Level.GUEST),))
    stranger = Actor(user_id=5, username="ann")
    for actor, project_id, reason in (
        (guest, project.id, Reason.FORBIDDEN),
        (stranger, project.id, Reason.NOT_FOUND),
        (by.actor, project.id + 1, Reason.NOT_FOUND),
    ):
        async with received(machines) as upload:
            with pytest.raises(Refused) as refusal:
                await publish(
                    machines.db, machines.blobs, replace(by, actor=actor), project_id, upload
                )
        assert refusal.value.reason is reason
    assert await stored(machines) == set()
    assert "file_published" not in [event.action for event in await trail.events()]


async def test_upkeep_collects_what_no_row_names_and_nothing_else(
    machines: Machinery, by: Caller, project: Project
) -> None:
    for content in (CONTENT, OTHER):  # the first is superseded, and stays
        async with received(machines, content) as upload:
            await publish(machines.db, machines.blobs, by, project.id, upload)
    needed = await stored(machines)
    for orphan in (b"orphan", b"another"):
        await machines.blobs.put_bytes(distribution_key(sha256(orphan).hexdigest()), orphan)
    now = datetime.now(UTC) + timedelta(minutes=1)
    kept = await collect_rubbish(machines.db, machines.blobs, machines.spool, now)
    assert (kept.orphaned_blobs, len(await stored(machines))) == (0, len(needed) + 2)
    collected = await collect_rubbish(machines.db, machines.blobs, machines.spool, now, SOON)
    assert (collected.orphaned_blobs, collected.orphaned_bytes) == (2, len(b"orphananother"))
    assert await stored(machines) == needed
