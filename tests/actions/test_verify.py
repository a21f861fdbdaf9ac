"""`wheelyard verify`: rows and bytes that do not agree are found, and mended where that can be."""

import shutil
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import NoReturn

import pytest

from databases import settings_of
from shelves import Shelf, key_of, metadata_key_of
from trails import Trail
from wheelyard.actions import verify as verifying
from wheelyard.actions.repair import Repaired, repair_store
from wheelyard.actions.upkeep import GRACE, collect_rubbish
from wheelyard.actions.verify import Kind, Verification, verify_store
from wheelyard.app import machinery
from wheelyard.domain.errors import Reason, Refused
from wheelyard.domain.keys import BlobKey, distribution_key, sha256_of
from wheelyard.domain.models.callers import Caller
from wheelyard.ports.blobs import BlobInfo

ORPHAN = distribution_key("a" * 64)


@pytest.fixture(params=["disk", "s3"])
async def shelf(
    request: pytest.FixtureRequest, migrated: Path, tmp_path: Path, by: Caller
) -> AsyncIterator[Shelf]:
    settings = settings_of(shutil.copytree(migrated, tmp_path / "data"))
    if request.param == "s3":
        url = request.getfixturevalue("s3").fresh_url()
        settings = settings.model_copy(update={"blobs": url})
    async with machinery(settings) as machines:
        yield await Shelf.make(machines, by)


async def verified(shelf: Shelf, *, deep: bool = False, later: timedelta = GRACE) -> Verification:
    stored = [info.modified_at async for info in shelf.machines.blobs.list()]
    now = max(stored, default=shelf.by.at) + later + timedelta(seconds=1)
    return await verify_store(shelf.machines.db, shelf.machines.blobs, now, deep=deep)


def told(verification: Verification) -> dict[str, Kind]:
    return {finding.key: finding.kind for finding in verification.findings}


async def mended(shelf: Shelf, verification: Verification) -> Repaired:
    machines = shelf.machines
    return await repair_store(machines.db, machines.blobs, shelf.by, verification)


async def test_all_is_well(shelf: Shelf) -> None:
    assert (await verified(shelf, deep=True)).is_whole
    files = [await shelf.add("one"), await shelf.add("two")]
    found = await verified(shelf, deep=True)
    assert (found.is_whole, found.findings, found.objects) == (True, [], 4)
    sizes = [await shelf.machines.blobs.size(metadata_key_of(file)) or 0 for file in files]
    assert found.size_bytes == sum(file.size_bytes for file in files) + sum(sizes)


async def test_what_is_wrong_is_told_with_the_files_it_concerns(shelf: Shelf) -> None:
    lost, short, longer, spoilt, bare, fine = [
        await shelf.add(name, payload=b"x" * 5000)
        for name in ("lost", "short", "longer", "spoilt", "bare", "fine")
    ]
    content = await shelf.content(key_of(spoilt))
    await shelf.replace(key_of(lost), None)
    await shelf.replace(key_of(short), content[:1000])
    await shelf.replace(key_of(longer), content * 2)
    await shelf.replace(key_of(spoilt), content[:-1] + b"?")
    await shelf.replace(metadata_key_of(bare), None)
    await shelf.replace(metadata_key_of(fine), b"Name: other\n")
    await shelf.replace(ORPHAN, b"nobody's")
    shallow = {
        key_of(lost): Kind.MISSING,
        key_of(short): Kind.SHORT,
        key_of(longer): Kind.DIFFERENT,
        metadata_key_of(bare): Kind.MISSING,
        ORPHAN: Kind.ORPHANED,
    }
    found = await verified(shelf)
    assert (told(found), found.is_whole) == (shallow, False)
    by_key = {finding.key: finding for finding in found.findings}
    [needing] = by_key[key_of(short)].files
    assert needing == (short, "group/project", False)
    assert found.count(Kind.DIFFERENT) == 1
    assert told(await verified(shelf, deep=True)) == {
        **shallow,
        key_of(spoilt): Kind.DIFFERENT,
        metadata_key_of(fine): Kind.DIFFERENT,
    }


async def test_many_objects_are_compared_in_parts(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verifying, "_MANY", 1)
    files = [await shelf.add(f"pkg{number}") for number in range(3)]
    await shelf.replace(key_of(files[1]), None)
    await shelf.replace(ORPHAN, b"nobody's")
    found = await verified(shelf)
    assert told(found) == {key_of(files[1]): Kind.MISSING, ORPHAN: Kind.ORPHANED}
    assert found.objects == 6


async def test_bytes_without_a_row_are_left_alone_while_they_are_young(shelf: Shelf) -> None:
    await shelf.replace(ORPHAN, b"about to be recorded")
    found = await verified(shelf, later=timedelta(0))
    assert (told(found), found.is_whole) == ({ORPHAN: Kind.RECENT}, True)
    assert await mended(shelf, found) == Repaired()
    assert await shelf.content(ORPHAN) == b"about to be recorded"
    assert await mended(shelf, await verified(shelf)) == Repaired(deleted_orphans=1)
    assert await shelf.machines.blobs.size(ORPHAN) is None


async def test_what_is_not_ours_in_the_bucket_is_left_alone(shelf: Shelf) -> None:
    strangers = [
        BlobKey("files/notes.txt"),
        BlobKey("backups/2026/all.tar"),
        BlobKey(f"files/aa/aa/{'b' * 64}"),
        BlobKey(f"metadata/aa/aa/{'A' * 64}"),
    ]
    for key in strangers:
        await shelf.machines.blobs.put_bytes(key, b"somebody's")
    found = await verified(shelf, deep=True)
    assert told(found) == {}
    machines = shelf.machines
    collected = await collect_rubbish(
        machines.db, machines.blobs, machines.spool, shelf.by.at + timedelta(days=4000)
    )
    assert collected.orphaned_blobs == 0
    assert {info.key async for info in machines.blobs.list()} == set(strangers)


@pytest.mark.parametrize("spoilt", [None, b"short", "same size"])
async def test_a_file_whose_bytes_are_lost_is_hidden_until_it_is_uploaded_again(
    shelf: Shelf, spoilt: bytes | str | None
) -> None:
    lost, fine = await shelf.add("lost", payload=b"p"), await shelf.add("fine")
    content = await shelf.content(key_of(lost))
    other = bytes(reversed(content)) if isinstance(spoilt, str) else spoilt
    await shelf.replace(key_of(lost), other)
    found = await verified(shelf, deep=True)
    assert len(found.findings) == 1
    assert await mended(shelf, found) == Repaired(hidden_files=1)
    assert await shelf.listed() == {fine.filename}
    action, target, details = await Trail(shelf.machines.db).last(shelf.by)
    assert (action, target) == ("file_lost", "group/project")
    assert (details["filename"], details["sha256"]) == (lost.filename, lost.digests.sha256)
    again = await shelf.publish(lost.filename, content)
    assert (again.id, again.uploaded_at) == (lost.id, lost.uploaded_at)
    assert await shelf.listed() == {fine.filename, lost.filename}
    assert await shelf.content(key_of(lost)) == content
    assert (await verified(shelf, deep=True)).is_whole


@pytest.mark.parametrize("spoilt", [None, b"Name: somebody-else\n"])
async def test_metadata_is_taken_out_of_the_file_again(shelf: Shelf, spoilt: bytes | None) -> None:
    file = await shelf.add("pkg")
    document = await shelf.content(metadata_key_of(file))
    await shelf.replace(metadata_key_of(file), spoilt)
    assert await mended(shelf, await verified(shelf, deep=True)) == Repaired(restored_metadata=1)
    assert await shelf.content(metadata_key_of(file)) == document
    assert (await Trail(shelf.machines.db).last(shelf.by))[0] == "metadata_backfilled"
    assert (await verified(shelf, deep=True)).is_whole


async def test_metadata_of_a_file_that_is_lost_as_well(shelf: Shelf) -> None:
    file = await shelf.add("pkg")
    await shelf.replace(metadata_key_of(file), None)
    await shelf.replace(key_of(file), None)
    repaired = await mended(shelf, await verified(shelf))
    assert repaired == Repaired(hidden_files=1, lost_metadata=1)
    assert (await Trail(shelf.machines.db).last(shelf.by))[0] == "metadata_lost"
    found = await verified(shelf)
    assert (told(found), found.is_whole) == ({key_of(file): Kind.LOST}, True)


async def test_what_was_mended_meanwhile_is_left_alone(shelf: Shelf) -> None:
    file, other = await shelf.add("pkg"), await shelf.add("other")
    content = await shelf.content(key_of(file))
    await shelf.replace(key_of(file), None)
    await shelf.replace(key_of(other), content)
    found = await verified(shelf)
    await shelf.publish(file.filename, content)
    async with shelf.machines.db.write() as tx:
        await tx.releases.delete_file(other)
    assert await mended(shelf, found) == Repaired()
    assert await shelf.listed() == {file.filename}


async def test_bytes_that_are_put_back_bring_their_file_back(shelf: Shelf) -> None:
    lost = await shelf.add("lost")
    content = await shelf.content(key_of(lost))
    await shelf.replace(key_of(lost), None)
    await mended(shelf, await verified(shelf))
    assert await shelf.listed() == set()
    await shelf.replace(key_of(lost), content[::-1])
    assert told(await verified(shelf)) == {key_of(lost): Kind.LOST}
    await shelf.replace(key_of(lost), content)
    found = await verified(shelf)
    assert (told(found), found.is_whole) == ({key_of(lost): Kind.FOUND}, False)
    assert await mended(shelf, found) == Repaired(found_files=1)
    assert (await Trail(shelf.machines.db).last(shelf.by))[0] == "file_found"
    assert await shelf.listed() == {lost.filename}
    assert (await verified(shelf, deep=True)).findings == []


async def test_a_lost_file_that_another_has_taken_the_place_of(shelf: Shelf) -> None:
    lost = await shelf.add("pkg", payload=b"first")
    content = await shelf.content(key_of(lost))
    await shelf.replace(key_of(lost), None)
    await mended(shelf, await verified(shelf))
    newer = await shelf.add("pkg", payload=b"second")
    await shelf.replace(key_of(lost), content)
    assert await mended(shelf, await verified(shelf)) == Repaired(found_files=1)
    async with shelf.machines.db.read() as tx:
        current = await tx.packages.current_file(shelf.project.id, lost.filename)
        older = await tx.packages.file(shelf.project.id, lost.digests.sha256, lost.filename)
    assert current is not None
    assert current.id == newer.id
    assert older is not None
    assert older.is_superseded
    assert (await verified(shelf)).findings == []


async def test_bytes_that_two_projects_share(shelf: Shelf) -> None:
    other = await Shelf.make(shelf.machines, shelf.by, "elsewhere")
    lost = await shelf.add("pkg")
    content = await shelf.content(key_of(lost))
    await shelf.replace(key_of(lost), None)
    await mended(shelf, await verified(shelf))
    await other.publish(lost.filename, content)
    assert told(await verified(shelf)) == {key_of(lost): Kind.FOUND}
    await shelf.replace(key_of(lost), None)
    [finding] = (await verified(shelf)).findings
    assert (finding.kind, [needing.project for needing in finding.files]) == (
        Kind.MISSING,
        ["elsewhere/project"],
    )
    await shelf.replace(key_of(lost), content)
    assert await mended(shelf, await verified(shelf)) == Repaired(found_files=1)
    assert await shelf.listed() == await other.listed() == {lost.filename}


async def test_a_deletion_in_the_middle_is_no_finding(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server goes on beside the comparison: a file and its bytes go after both were read."""
    file, kept = await shelf.add("gone"), await shelf.add("kept")
    listing = shelf.machines.blobs.list

    async def list_without(prefix: str = "") -> AsyncIterator[BlobInfo]:
        async for info in listing(prefix):
            if sha256_of(info.key) not in {file.digests.sha256, file.metadata_sha256}:
                yield info
        if not prefix.startswith("metadata"):
            return
        async with shelf.machines.db.write() as tx:
            await tx.releases.delete_file(file)

    seen = await verified(shelf)
    assert seen.is_whole
    monkeypatch.setattr(shelf.machines.blobs, "list", list_without)
    found = await verify_store(shelf.machines.db, shelf.machines.blobs, shelf.by.at)
    assert (found.findings, found.objects) == ([], 2)
    assert await shelf.listed() == {kept.filename}


async def test_what_cannot_be_read_is_not_given_up(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = await shelf.add("pkg")
    read = shelf.machines.blobs.read

    def read_others(key: BlobKey, *span: int) -> AsyncIterator[bytes]:
        if key == key_of(file):
            raise Refused(Reason.UNAVAILABLE, "a broken part of the disk")
        return read(key, *span)

    with monkeypatch.context() as broken:
        broken.setattr(shelf.machines.blobs, "read", read_others)
        found = await verified(shelf, deep=True)
        assert told(found) == {key_of(file): Kind.UNREADABLE}
        assert await mended(shelf, found) == Repaired()
    assert (await verified(shelf, deep=True)).findings == []
    assert await shelf.listed() == {file.filename}


async def test_a_store_that_is_down_is_no_finding(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    await shelf.add("pkg")

    async def refuse() -> NoReturn:
        raise Refused(Reason.UNAVAILABLE, "down")

    def read(_key: BlobKey) -> NoReturn:
        raise Refused(Reason.UNAVAILABLE, "down")

    monkeypatch.setattr(shelf.machines.blobs, "read", read)
    found = await verified(shelf, deep=True)
    assert found.count(Kind.UNREADABLE) == 2, "just these cannot be read"
    assert not found.is_whole
    monkeypatch.setattr(shelf.machines.blobs, "check", refuse)
    with pytest.raises(Refused, match="down"):
        await verified(shelf, deep=True)
