"""What every byte store does, whatever is behind it: the contract of `ports.Blobs`.

What only one backend can do, or suffer, is tested in `tests/blobs`. A real object store joins by
`WHEELYARD_TEST_BLOBS`, see `object_stores`.
"""

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from uuid import uuid4

import pytest
import requests

from object_stores import GIVEN
from wheelyard.blobs.opening import open_blobs
from wheelyard.blobs.spool import DiskSpool
from wheelyard.domain.errors import Reason, Refused
from wheelyard.domain.keys import BlobKey, core_metadata_key, distribution_key
from wheelyard.ports.blobs import Blobs
from wheelyard.ports.spool import Spool, Staging

STORES = ["disk", "memory", "s3", *(["given"] if GIVEN else [])]

SMALL = b"a wheel" * 300
LARGE = bytes(range(256)) * 4096 * 3  # 3 MiB: more than is kept in memory, several chunks
HUGE = b"".join(bytes([n]) * 1024 * 1024 for n in range(21))  # three parts, none like the others


@pytest.fixture(params=STORES)
def blobs(request: pytest.FixtureRequest, tmp_path: Path) -> Blobs:
    if request.param == "disk":
        return open_blobs((tmp_path / "store").as_uri())
    if request.param == "memory":
        return open_blobs("memory://")
    if request.param == "s3":
        return open_blobs(request.getfixturevalue("s3").fresh_url())
    return open_blobs(f"{GIVEN}/{uuid4().hex}")


@pytest.fixture
def spool(tmp_path: Path) -> Spool:
    return DiskSpool(tmp_path / "spool")


def key_of(content: bytes) -> BlobKey:
    return distribution_key(sha256(content).hexdigest())


async def received(staging: Staging, content: bytes) -> Staging:
    await staging.write(content)
    await staging.finish()
    return staging


async def store(blobs: Blobs, spool: Spool, content: bytes) -> BlobKey:
    async with spool.stage() as staging:
        await blobs.put(key_of(content), await received(staging, content))
    return key_of(content)


async def read_all(chunks: AsyncIterator[bytes]) -> bytes:
    return b"".join([chunk async for chunk in chunks])


@pytest.mark.parametrize(
    "content", [b"", SMALL, LARGE, HUGE], ids=["empty", "small", "large", "huge"]
)
async def test_staged_bytes_are_read_back(blobs: Blobs, spool: Spool, content: bytes) -> None:
    key = await store(blobs, spool, content)
    assert await read_all(blobs.read(key)) == content
    assert await blobs.size(key) == len(content)


@pytest.mark.parametrize("content", [b"", SMALL, LARGE], ids=["empty", "small", "large"])
async def test_bytes_are_read_back(blobs: Blobs, content: bytes) -> None:
    await blobs.put_bytes(key_of(content), content)
    assert await read_all(blobs.read(key_of(content))) == content
    assert await blobs.size(key_of(content)) == len(content)


async def test_storing_again_is_harmless_and_counts_as_new(blobs: Blobs, spool: Spool) -> None:
    await store(blobs, spool, SMALL)
    [first] = [info async for info in blobs.list()]
    again = first
    deadline = time.monotonic() + 30
    while again.modified_at == first.modified_at:  # some stores keep whole seconds
        assert time.monotonic() < deadline
        await store(blobs, spool, SMALL)
        await blobs.put_bytes(key_of(SMALL), SMALL)
        [again] = [info async for info in blobs.list()]
    assert again.modified_at > first.modified_at
    assert await read_all(blobs.read(key_of(SMALL))) == SMALL


async def test_one_staged_file_can_be_stored_twice_and_still_be_read(
    blobs: Blobs, spool: Spool
) -> None:
    async with spool.stage() as staging:
        await received(staging, LARGE)
        await blobs.put(BlobKey("files/first"), staging)
        await blobs.put(BlobKey("files/second"), staging)
        with staging.open() as source:
            assert source.read() == LARGE
    assert await read_all(blobs.read(BlobKey("files/first"))) == LARGE
    assert await read_all(blobs.read(BlobKey("files/second"))) == LARGE


@pytest.mark.parametrize("content", [SMALL, LARGE], ids=["small", "large"])
async def test_many_at_once_with_the_same_key(blobs: Blobs, spool: Spool, content: bytes) -> None:
    await asyncio.gather(*(store(blobs, spool, content) for _ in range(20)))
    assert [info.key async for info in blobs.list()] == [key_of(content)]
    assert await read_all(blobs.read(key_of(content))) == content


async def test_a_short_object_of_that_key_is_replaced(blobs: Blobs, spool: Spool) -> None:
    await blobs.put_bytes(key_of(LARGE), LARGE[:-1])
    await store(blobs, spool, LARGE)
    assert await read_all(blobs.read(key_of(LARGE))) == LARGE


@pytest.mark.parametrize(
    ("start", "end"),
    [
        (0, 1),
        (5, None),
        (5, 5),
        (262_143, 262_145),
        (262_144, 2 * 262_144),
        (len(LARGE) - 1, None),
        (len(LARGE), None),
        (0, len(LARGE) + 10),
        (len(LARGE) + 5, len(LARGE) + 10),
    ],
)
async def test_a_range_is_what_a_slice_is(blobs: Blobs, start: int, end: int | None) -> None:
    await blobs.put_bytes(key_of(LARGE), LARGE)
    assert await read_all(blobs.read(key_of(LARGE), start, end)) == LARGE[start:end]


async def test_what_is_absent(blobs: Blobs) -> None:
    await blobs.put_bytes(key_of(SMALL), SMALL)
    for absent in (key_of(LARGE), BlobKey(key_of(SMALL).rpartition("/")[0])):
        assert await blobs.size(absent) is None
        with pytest.raises(KeyError):
            await read_all(blobs.read(absent))


async def test_deleting(blobs: Blobs) -> None:
    await blobs.put_bytes(key_of(SMALL), SMALL)
    await blobs.put_bytes(key_of(LARGE), LARGE)
    await blobs.delete()
    await blobs.delete(key_of(SMALL), key_of(b"absent"), key_of(LARGE))
    await blobs.delete(key_of(SMALL))
    assert await blobs.size(key_of(SMALL)) is None
    assert [info async for info in blobs.list()] == []
    await blobs.put_bytes(key_of(SMALL), SMALL)
    assert await read_all(blobs.read(key_of(SMALL))) == SMALL


async def test_a_read_that_has_begun_outlives_the_deletion_or_is_refused(blobs: Blobs) -> None:
    await blobs.put_bytes(key_of(LARGE), LARGE)
    chunks = blobs.read(key_of(LARGE))
    first = await anext(chunks)
    assert len(first) < len(LARGE)
    await blobs.delete(key_of(LARGE))
    if blobs.local_path(key_of(LARGE)) is not None:
        assert first + await read_all(chunks) == LARGE
        return
    with pytest.raises(Refused) as refusal:
        await read_all(chunks)
    assert refusal.value.reason is Reason.UNAVAILABLE


async def test_a_store_that_can_be_used(blobs: Blobs) -> None:
    await blobs.check()


async def test_a_read_that_is_given_up(blobs: Blobs) -> None:
    await blobs.put_bytes(key_of(LARGE), LARGE)
    for taken in (1, 2):
        chunks = blobs.read(key_of(LARGE))
        assert isinstance(chunks, AsyncGenerator)
        for _ in range(taken):
            await anext(chunks)
        await chunks.aclose()
    assert await read_all(blobs.read(key_of(LARGE))) == LARGE


async def test_a_presigned_address_leads_to_the_bytes(blobs: Blobs) -> None:
    await blobs.put_bytes(key_of(LARGE), LARGE)
    url = await blobs.presigned_url(key_of(LARGE))
    if url is None:
        return
    whole = await asyncio.to_thread(requests.get, url, timeout=60)
    assert whole.content == LARGE
    assert whole.headers["Cache-Control"] == "private, max-age=31536000, immutable"
    assert whole.headers["Content-Type"] == "application/octet-stream"
    part = await asyncio.to_thread(requests.get, url, headers={"Range": "bytes=5-9"}, timeout=60)
    assert (part.status_code, part.content) == (206, LARGE[5:10])
    assert await blobs.presigned_url(key_of(LARGE)) == url


async def test_listing_by_prefix(blobs: Blobs) -> None:
    contents = [bytes([number]) * (number + 1) for number in range(60)]
    files = {key_of(content): len(content) for content in contents}
    for key, content in zip(files, contents, strict=True):
        await blobs.put_bytes(key, content)
    metadata = core_metadata_key(sha256(SMALL).hexdigest())
    await blobs.put_bytes(metadata, SMALL)

    async def listed(prefix: str) -> dict[BlobKey, int]:
        return {info.key: info.size_bytes async for info in blobs.list(prefix)}

    assert await listed("") == files | {metadata: len(SMALL)}
    assert await listed("files/") == files
    assert await listed("file") == files
    assert await listed("meta") == {metadata: len(SMALL)}
    for prefix in ("files/0", "files/4b/", key_of(contents[0])[:20], key_of(contents[0])):
        assert await listed(prefix) == {k: n for k, n in files.items() if k.startswith(prefix)}
    assert await listed("nothing/") == {}
    assert await listed("../") == {}


async def test_a_listing_tells_when_an_object_was_stored(blobs: Blobs) -> None:
    await blobs.put_bytes(key_of(SMALL), SMALL)
    [info] = [info async for info in blobs.list()]
    assert abs(datetime.now(UTC) - info.modified_at) < timedelta(minutes=1)


async def test_a_local_path_leads_to_the_bytes(blobs: Blobs) -> None:
    await blobs.put_bytes(key_of(SMALL), SMALL)
    path = blobs.local_path(key_of(SMALL))
    assert path is None or await asyncio.to_thread(Path(path).read_bytes) == SMALL


@pytest.mark.parametrize("content", [LARGE, HUGE], ids=["large", "huge"])
async def test_a_staged_file_that_was_cut_is_refused(
    blobs: Blobs, spool: Spool, tmp_path: Path, content: bytes
) -> None:
    async with spool.stage() as staging:
        await received(staging, content)
        [partial] = (tmp_path / "spool").iterdir()
        with partial.open("r+b") as file:
            file.truncate(len(content) - 1)
        with pytest.raises(Refused) as refusal:
            await blobs.put(key_of(content), staging)
    assert refusal.value.reason is Reason.UNAVAILABLE
    assert refusal.value.retry_after_seconds
    assert await blobs.size(key_of(content)) is None


async def test_a_key_that_is_none_of_ours_is_an_error(blobs: Blobs) -> None:
    for stray in ("../secret", "/etc/passwd", "files/../../x", "tmp/x", "", "files//x"):
        key = BlobKey(stray)
        with pytest.raises(ValueError, match="not the key of an object"):
            await blobs.put_bytes(key, SMALL)
        with pytest.raises(ValueError, match="not the key of an object"):
            blobs.local_path(key)
        with pytest.raises(ValueError, match="not the key of an object"):
            await blobs.size(key)
        with pytest.raises(ValueError, match="not the key of an object"):
            await blobs.delete(key)
        with pytest.raises(ValueError, match="not the key of an object"):
            await read_all(blobs.read(key))
