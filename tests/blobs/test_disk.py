"""What only a local disk can do, or suffer: durability, full and failing disks, kills, strays.

What every store does is the contract in `tests/contracts`.
"""

import asyncio
import errno
import gc
import os
import resource
import shutil
import stat
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path
from subprocess import PIPE, Popen

import pytest

from wheelyard.blobs.disk import DiskBlobs
from wheelyard.blobs.spool import DiskSpool
from wheelyard.domain.errors import Reason, Refused
from wheelyard.domain.keys import BlobKey, distribution_key

MIB = 1024 * 1024
SMALL = b"a wheel" * 300
LARGE = bytes(range(256)) * 4096 * 3


@pytest.fixture
def blobs(tmp_path: Path) -> DiskBlobs:
    return DiskBlobs(tmp_path / "store")


@pytest.fixture
def spool(blobs: DiskBlobs) -> DiskSpool:
    return DiskSpool(blobs.partial_directory)


@pytest.fixture
def files_of_at_most_2_mib() -> Iterator[None]:
    """Files cannot grow further (EFBIG), as on a disk that is full."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2 * MIB, limits[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, limits)


def key_of(content: bytes) -> BlobKey:
    return distribution_key(sha256(content).hexdigest())


async def store(blobs: DiskBlobs, spool: DiskSpool, content: bytes) -> None:
    async with spool.stage() as staged:
        await staged.write(content)
        await staged.finish()
        await blobs.put(key_of(content), staged)


async def read_all(blobs: DiskBlobs, content: bytes) -> bytes:
    return b"".join([chunk async for chunk in blobs.read(key_of(content))])


def files_in(folder: Path) -> list[Path]:
    return list(folder.glob("*"))


def partial_files(blobs: DiskBlobs) -> list[Path]:
    return files_in(blobs.partial_directory)


def open_descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def wait_until(condition: Callable[[], bool]) -> None:
    """Wait for threads: they may outlive the tasks that asked for their work. Blocking."""
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def put_in_the_way(obstacle: Path) -> None:
    obstacle.parent.mkdir(exist_ok=True)
    obstacle.write_bytes(b"a file where a folder should be")


def clear_the_way(obstacle: Path) -> None:
    obstacle.unlink()


def status(blobs: DiskBlobs, content: bytes) -> os.stat_result:
    return Path(blobs.local_path(key_of(content))).stat()


def failing_fsync(number: int, error: int) -> Callable[[int], None]:
    """Make an fsync that fails the `number`th time, counted from 0, and works otherwise."""
    calls = iter(range(1000))
    fsync = os.fsync

    def fail_once(descriptor: int) -> None:
        if next(calls) == number:
            raise OSError(error, os.strerror(error))
        fsync(descriptor)

    return fail_once


# The bytes, the folder of the object, and the two above it that may be new as well.
@pytest.mark.parametrize("number", range(4))
@pytest.mark.parametrize("content", [SMALL, LARGE], ids=["small", "large"])
async def test_a_put_succeeds_only_if_every_fsync_does(
    blobs: DiskBlobs,
    spool: DiskSpool,
    monkeypatch: pytest.MonkeyPatch,
    content: bytes,
    number: int,
) -> None:
    monkeypatch.setattr(os, "fsync", failing_fsync(number, errno.EIO))
    with pytest.raises(Refused) as refusal:
        await store(blobs, spool, content)
    assert refusal.value.reason is Reason.UNAVAILABLE
    assert partial_files(blobs) == []
    # What has not been fsynced must not be seen under its name.
    assert await blobs.size(key_of(content)) == (None if number == 0 else len(content))
    await store(blobs, spool, content)
    assert await read_all(blobs, content) == content


async def test_an_object_that_is_there_counts_only_once_its_folder_is_fsynced(
    blobs: DiskBlobs, spool: DiskSpool, monkeypatch: pytest.MonkeyPatch
) -> None:
    await store(blobs, spool, SMALL)
    monkeypatch.setattr(os, "fsync", failing_fsync(0, errno.EIO))
    with pytest.raises(Refused):
        await store(blobs, spool, SMALL)


async def test_folders_above_the_store_need_not_be_ours(
    blobs: DiskBlobs, spool: DiskSpool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "fsync", failing_fsync(4, errno.EACCES))
    await store(blobs, spool, SMALL)
    assert await read_all(blobs, SMALL) == SMALL


async def test_a_full_disk_at_the_fsync(
    blobs: DiskBlobs, spool: DiskSpool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "fsync", failing_fsync(0, errno.ENOSPC))
    with pytest.raises(Refused) as refusal:
        await store(blobs, spool, SMALL)
    assert refusal.value.reason is Reason.STORAGE_FULL
    assert partial_files(blobs) == []


@pytest.mark.usefixtures("files_of_at_most_2_mib")
async def test_a_full_disk_leaves_nothing(blobs: DiskBlobs) -> None:
    with pytest.raises(Refused) as refusal:
        await blobs.put_bytes(key_of(LARGE), LARGE)
    assert refusal.value.reason is Reason.STORAGE_FULL
    assert refusal.value.retry_after_seconds
    assert await blobs.size(key_of(LARGE)) is None
    assert partial_files(blobs) == []
    await blobs.put_bytes(key_of(SMALL), SMALL)
    assert await read_all(blobs, SMALL) == SMALL


@pytest.mark.parametrize("in_the_way", ["store", "store/tmp", "store/files"])
async def test_a_disk_that_fails_is_refused_until_it_works(
    tmp_path: Path, blobs: DiskBlobs, in_the_way: str
) -> None:
    put_in_the_way(tmp_path / in_the_way)
    with pytest.raises(Refused) as refusal:
        await blobs.put_bytes(key_of(SMALL), SMALL)
    assert refusal.value.reason is Reason.UNAVAILABLE
    assert refusal.value.retry_after_seconds
    clear_the_way(tmp_path / in_the_way)
    await blobs.put_bytes(key_of(SMALL), SMALL)
    assert await read_all(blobs, SMALL) == SMALL


async def test_a_large_file_is_renamed_not_copied(blobs: DiskBlobs, spool: DiskSpool) -> None:
    async with spool.stage() as staged:
        await staged.write(LARGE)
        await staged.finish()
        [partial] = partial_files(blobs)
        inode = partial.stat().st_ino
        await blobs.put(key_of(LARGE), staged)
        assert partial_files(blobs) == []
    stored = status(blobs, LARGE)
    assert stored.st_ino == inode
    assert stat.S_IMODE(stored.st_mode) == 0o600


async def test_a_spool_on_another_file_system_is_copied_from(blobs: DiskBlobs) -> None:
    with tempfile.TemporaryDirectory(dir="/dev/shm") as elsewhere:
        await store(blobs, DiskSpool(Path(elsewhere)), LARGE)
        assert files_in(Path(elsewhere)) == []
    assert await read_all(blobs, LARGE) == LARGE
    assert partial_files(blobs) == []


async def test_folders_that_were_removed_are_made_again(
    tmp_path: Path, blobs: DiskBlobs, spool: DiskSpool, monkeypatch: pytest.MonkeyPatch
) -> None:
    await store(blobs, spool, LARGE)
    shutil.rmtree(tmp_path / "store")
    monkeypatch.setattr(os, "fsync", failing_fsync(3, errno.EIO))
    with pytest.raises(Refused):  # the new folders must be made durable once more
        await store(blobs, spool, LARGE)
    await store(blobs, spool, LARGE)
    assert await read_all(blobs, LARGE) == LARGE


async def test_a_staged_file_that_is_gone_is_not_stored(blobs: DiskBlobs, spool: DiskSpool) -> None:
    async with spool.stage() as staged:
        await staged.write(LARGE)
        await staged.finish()
    with pytest.raises(Refused) as refusal:
        await blobs.put(key_of(LARGE), staged)
    assert refusal.value.reason is Reason.UNAVAILABLE
    assert await blobs.size(key_of(LARGE)) is None


@pytest.mark.parametrize("content", [SMALL, LARGE], ids=["small", "large"])
async def test_cancelled_puts_leave_an_object_or_nothing(
    blobs: DiskBlobs, spool: DiskSpool, content: bytes
) -> None:
    before = open_descriptors()
    for delay_seconds in (0, 0.001, 0.002, 0.004, 0.008):
        puts = [asyncio.create_task(store(blobs, spool, content)) for _ in range(8)]
        await asyncio.sleep(delay_seconds)
        for put in puts:
            put.cancel()
        await asyncio.gather(*puts, return_exceptions=True)
        assert await blobs.size(key_of(content)) in {None, len(content)}
    await asyncio.to_thread(wait_until, lambda: partial_files(blobs) == [])
    await asyncio.to_thread(wait_until, lambda: open_descriptors() == before)
    await store(blobs, spool, content)
    assert await read_all(blobs, content) == content


async def test_abandoned_reads_close_their_file(blobs: DiskBlobs) -> None:
    await blobs.put_bytes(key_of(LARGE), LARGE)
    before = open_descriptors()
    async for chunk in blobs.read(key_of(LARGE)):
        assert len(chunk) < len(LARGE)
        break
    for delay_seconds in (0, 0.0005, 0.001, 0.002):
        reads = [asyncio.create_task(read_all(blobs, LARGE)) for _ in range(8)]
        await asyncio.sleep(delay_seconds)
        for read in reads:
            read.cancel()
        await asyncio.gather(*reads, return_exceptions=True)
    gc.collect()
    await asyncio.to_thread(wait_until, lambda: open_descriptors() == before)


async def test_a_file_that_is_cut_while_it_is_read_is_not_passed_off_as_whole(
    blobs: DiskBlobs,
) -> None:
    await blobs.put_bytes(key_of(LARGE), LARGE)
    chunks = blobs.read(key_of(LARGE))
    await anext(chunks)
    os.truncate(blobs.local_path(key_of(LARGE)), MIB)
    with pytest.raises(Refused) as refusal:
        [chunk async for chunk in chunks]
    assert refusal.value.reason is Reason.UNAVAILABLE


@pytest.mark.parametrize(
    "key",
    [
        "",
        "files",
        "/etc/passwd",
        "../files/x",
        "files/../../x",
        "files/./x",
        "files//x",
        "files/x/",
        "files/.hidden",
        "files/x\n",
        "files/x\0",
        "files/x y",
        "tmp/x",
    ],
)
async def test_keys_that_could_leave_the_store_are_errors(blobs: DiskBlobs, key: str) -> None:
    bad = BlobKey(key)
    with pytest.raises(ValueError, match="not the key"):
        blobs.local_path(bad)
    with pytest.raises(ValueError, match="not the key"):
        await blobs.put_bytes(bad, b"")
    with pytest.raises(ValueError, match="not the key"):
        await blobs.size(bad)
    with pytest.raises(ValueError, match="not the key"):
        await blobs.delete(bad)
    with pytest.raises(ValueError, match="not the key"):
        await anext(blobs.read(bad))


async def test_a_listing_shows_objects_only(
    tmp_path: Path, blobs: DiskBlobs, spool: DiskSpool
) -> None:
    assert [info async for info in blobs.list()] == []
    await blobs.put_bytes(key_of(SMALL), SMALL)
    for stray in ("lost+found/x", ".snapshot/files/x", "files/.nfs0001", "README"):
        path = tmp_path / "store" / stray
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"")
    async with spool.stage() as staged:
        await staged.write(LARGE)
        assert partial_files(blobs) != []
        assert [info.key async for info in blobs.list()] == [key_of(SMALL)]


KILLED_WHILE_STORING = """
import asyncio, os, sys
from hashlib import sha256
from pathlib import Path
from wheelyard.blobs.disk import DiskBlobs
from wheelyard.blobs.spool import DiskSpool
from wheelyard.domain.keys import distribution_key

async def store_for_ever(blobs, spool, size):
    while True:
        content = os.urandom(size)
        async with spool.stage() as staged:
            await staged.write(content)
            await staged.finish()
            await blobs.put(distribution_key(staged.digests.sha256), staged)
        print(distribution_key(sha256(content).hexdigest()), flush=True)

async def main():
    blobs = DiskBlobs(Path(sys.argv[1]))
    spool = DiskSpool(blobs.partial_directory)
    await asyncio.gather(*(store_for_ever(blobs, spool, size) for size in (2000, 2000, 1500000)))

asyncio.run(main())
"""


def killed_while_storing(root: Path, lines: int) -> set[str]:
    """Store until so many objects are acknowledged, and kill; return all that were."""
    arguments = [sys.executable, "-c", KILLED_WHILE_STORING, str(root)]
    with Popen(arguments, stdout=PIPE, text=True) as child:
        assert child.stdout is not None
        acknowledged = [child.stdout.readline() for _ in range(lines)]
        child.kill()
        acknowledged += child.stdout.readlines()
    return {line.rstrip("\n") for line in acknowledged if line.endswith("\n")}


async def test_after_a_kill_every_object_is_whole_and_no_acknowledged_one_is_lost(
    tmp_path: Path, blobs: DiskBlobs, spool: DiskSpool
) -> None:
    acknowledged: set[str] = set()
    for lines in (1, 30, 50):
        acknowledged |= killed_while_storing(tmp_path / "store", lines)
    stored = {info.key async for info in blobs.list()}
    assert len(acknowledged) > 80
    assert acknowledged <= stored
    for key in stored:
        content = b"".join([chunk async for chunk in blobs.read(key)])
        assert distribution_key(sha256(content).hexdigest()) == key
    left = len(partial_files(blobs))
    assert await spool.clean(older_than_seconds=-10) == left
    assert partial_files(blobs) == []


async def test_the_folders_of_a_kind_are_made_and_synced_together(
    tmp_path: Path, spool: DiskSpool, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[str] = []
    fsync = os.fsync

    def noting_fsync(descriptor: int) -> None:
        synced.append(str(Path(f"/proc/self/fd/{descriptor}").readlink()))
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", noting_fsync)
    blobs = DiskBlobs(tmp_path / "store")
    for number in range(10):
        await store(blobs, spool, SMALL + bytes([number]))
    kind = tmp_path / "store" / "files"
    assert len(list(kind.iterdir())) == 256
    assert synced.count(str(kind)) == 1
