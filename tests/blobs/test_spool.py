"""The spool on the local disk: digests, bounded memory, full disks, cancelled and killed uploads.

Storing what was received is the contract of the byte stores.
"""

import asyncio
import os
import resource
import stat
import sys
import time
import tracemalloc
from collections.abc import Iterator
from hashlib import blake2b, md5, sha256
from pathlib import Path
from subprocess import PIPE, Popen

import pytest

from wheelyard.blobs.spool import DiskSpool
from wheelyard.domain.errors import Reason, Refused
from wheelyard.domain.models.packages import Digests

MIB = 1024 * 1024


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "spool"


@pytest.fixture
def files_of_at_most_2_mib() -> Iterator[None]:
    """Files cannot grow further (EFBIG), as on a disk that is full."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2 * MIB, limits[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, limits)


def left_in(folder: Path) -> list[Path]:
    return list(folder.glob("*"))


async def receive(folder: Path, *chunks: bytes) -> None:
    async with DiskSpool(folder).stage() as staged:
        for chunk in chunks:
            await staged.write(chunk)
        await staged.finish()


async def break_off(folder: Path) -> None:
    async with DiskSpool(folder).stage() as staged:
        await staged.write(bytes(2 * MIB))
        raise ConnectionResetError


async def receive_for_ever(folder: Path) -> None:
    async with DiskSpool(folder).stage() as staged:
        while True:
            await staged.write(bytes(100_000))


def open_descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def digests_of(content: bytes) -> Digests:
    return Digests(
        sha256=sha256(content).hexdigest(),
        md5=md5(content, usedforsecurity=False).hexdigest(),
        blake2_256=blake2b(content, digest_size=32).hexdigest(),
    )


@pytest.mark.parametrize(
    ("size", "chunk_size"),
    [
        (0, 1),
        (1, 1),
        (2000, 100),
        (100_000, 8192),
        (MIB - 1, MIB),
        (MIB, MIB),
        (MIB + 1, 65_536),
        (3 * MIB + 17, 3 * MIB + 17),
        (3 * MIB + 17, 70_001),
    ],
)
async def test_size_digests_and_bytes(folder: Path, size: int, chunk_size: int) -> None:
    content = os.urandom(size)
    async with DiskSpool(folder).stage() as staged:
        for start in range(0, size, chunk_size):
            await staged.write(memoryview(content)[start : start + chunk_size])
        await staged.finish()
        assert staged.size_bytes == size
        assert staged.digests == digests_of(content)
        with staged.open() as first, staged.open() as second:
            assert first.read() == second.read() == content
            assert first.seekable()
    assert left_in(folder) == []


async def test_the_caller_may_reuse_its_buffer(folder: Path) -> None:
    async with DiskSpool(folder).stage() as staged:
        buffer = bytearray(b"a" * 40_000)
        await staged.write(buffer)
        buffer[:] = b"b" * 40_000
        buffer.clear()
        await staged.finish()
        assert staged.digests == digests_of(b"a" * 40_000)


async def test_only_large_files_reach_the_disk_and_only_their_owner_reads_them(
    folder: Path,
) -> None:
    async with DiskSpool(folder).stage() as small, DiskSpool(folder).stage() as large:
        await small.write(b"x" * (MIB - 1))
        await small.finish()
        assert left_in(folder) == []
        await large.write(b"x" * MIB)
        [partial] = left_in(folder)
        assert stat.S_IMODE(partial.stat().st_mode) == 0o600


async def test_uploads_at_once_do_not_meet(folder: Path) -> None:
    spool = DiskSpool(folder)

    async def received(content: bytes) -> Digests:
        async with spool.stage() as staged:
            for start in range(0, len(content), 100_000):
                await staged.write(content[start : start + 100_000])
            await staged.finish()
            return staged.digests

    contents = [bytes([number]) * (2 * MIB + number) for number in range(12)]
    digests = await asyncio.gather(*map(received, contents))
    assert digests == [digests_of(content) for content in contents]
    assert left_in(folder) == []


async def test_memory_stays_flat(folder: Path) -> None:
    chunk = bytes(64 * 1024)
    tracemalloc.start()
    try:
        async with DiskSpool(folder).stage() as staged:
            for _ in range(64 * 16):
                await staged.write(chunk)
            await staged.finish()
        _, peak_bytes = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert staged.size_bytes == 64 * MIB
    assert peak_bytes < 5 * MIB


async def test_a_failing_upload_leaves_nothing(folder: Path) -> None:
    before = open_descriptors()
    with pytest.raises(ConnectionResetError):
        await break_off(folder)
    assert left_in(folder) == []
    assert open_descriptors() == before


async def test_bytes_that_come_too_late_leave_nothing(folder: Path) -> None:
    async with DiskSpool(folder).stage() as staged:
        await staged.write(b"x")
    await staged.write(bytes(MIB))
    await staged.discard()
    async with DiskSpool(folder).stage() as staged:
        await staged.write(bytes(MIB))
    await staged.write(bytes(MIB))
    assert left_in(folder) == []


async def test_cancelled_uploads_leave_nothing(folder: Path) -> None:
    before = open_descriptors()
    for delay_seconds in (0, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05):
        uploads = [asyncio.create_task(receive_for_ever(folder)) for _ in range(12)]
        await asyncio.sleep(delay_seconds)
        for upload in uploads:
            upload.cancel()
        assert all(
            isinstance(end, asyncio.CancelledError)
            for end in await asyncio.gather(*uploads, return_exceptions=True)
        )
    assert left_in(folder) == []
    assert open_descriptors() == before


@pytest.mark.usefixtures("files_of_at_most_2_mib")
async def test_a_full_disk_is_refused_and_leaves_nothing(folder: Path) -> None:
    with pytest.raises(Refused) as refusal:
        await receive_for_ever(folder)
    assert refusal.value.reason is Reason.STORAGE_FULL
    assert refusal.value.retry_after_seconds
    assert left_in(folder) == []


@pytest.mark.usefixtures("files_of_at_most_2_mib")
async def test_a_disk_that_fills_up_with_the_last_bytes(folder: Path) -> None:
    with pytest.raises(Refused) as refusal:
        await receive(folder, bytes(2 * MIB), b"x")
    assert refusal.value.reason is Reason.STORAGE_FULL
    assert left_in(folder) == []


async def test_a_spool_that_cannot_be_written_is_refused_until_it_can(tmp_path: Path) -> None:
    mounted, unmounted = tmp_path / "disk", tmp_path / "disk-elsewhere"
    mounted.symlink_to(unmounted)
    with pytest.raises(Refused) as refusal:
        await receive(mounted / "spool", bytes(MIB))
    assert refusal.value.reason is Reason.UNAVAILABLE
    assert refusal.value.retry_after_seconds
    unmounted.mkdir()
    await receive(mounted / "spool", bytes(MIB))
    assert left_in(mounted / "spool") == []


KILLED_WHILE_RECEIVING = """
import asyncio, sys
from pathlib import Path
from wheelyard.blobs.spool import DiskSpool

async def main():
    async with DiskSpool(Path(sys.argv[1])).stage() as staged:
        await staged.write(bytes(2_000_000))
        print("received", flush=True)
        await asyncio.sleep(600)

asyncio.run(main())
"""


@pytest.fixture
def left_by_a_kill(folder: Path) -> Path:
    """Return the file that a killed process was receiving."""
    with Popen([sys.executable, "-c", KILLED_WHILE_RECEIVING, str(folder)], stdout=PIPE) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == b"received\n"
        child.kill()
    [left] = left_in(folder)
    return left


async def test_what_a_killed_process_leaves_is_cleaned(folder: Path, left_by_a_kill: Path) -> None:
    spool = DiskSpool(folder)
    assert await spool.clean(older_than_seconds=3600) == 0
    os.utime(left_by_a_kill, (time.time() - 7200,) * 2)
    assert await spool.clean(older_than_seconds=3600) == 1
    assert left_in(folder) == []


def notes_in(folder: Path) -> Path:
    folder.mkdir()
    (folder / "notes.txt").write_text("somebody else's")
    return folder / "notes.txt"


async def test_cleaning_takes_partial_files_only(folder: Path) -> None:
    notes = notes_in(folder)
    assert await DiskSpool(folder).clean(older_than_seconds=-10) == 0
    assert left_in(folder) == [notes]


async def test_cleaning_before_the_first_upload(folder: Path) -> None:
    assert await DiskSpool(folder).clean(older_than_seconds=0) == 0
