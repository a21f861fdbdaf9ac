"""A byte store in a bucket: S3 and what speaks its language, Google's, Azure's, or in memory.

obstore does the talking. Its calls block here, in threads of their own: that is as fast as its
asyncio calls (measured), and those may abort the process when it ends right after one. Only a
process that forks no more may use it: its runtime does not survive a fork.
"""

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from typing import TypeVar

import obstore
from obstore.store import AzureStore, GCSStore, ObjectStore, S3Store

from wheelyard.blobs.disk_keys import is_object
from wheelyard.blobs.object_connections import Connections
from wheelyard.blobs.object_errors import refusing_store_errors
from wheelyard.blobs.object_uploads import PART_BYTES, upload_bytes, upload_staged
from wheelyard.blobs.presigning import VALID, PresignedUrls
from wheelyard.blobs.storage_errors import unavailable
from wheelyard.domain.errors import Refused
from wheelyard.domain.keys import BlobKey
from wheelyard.ports.blobs import BlobInfo
from wheelyard.ports.spool import StagedFile

T = TypeVar("T")

_CHUNK_BYTES = 1024 * 1024
_LIST_BATCH = 1000
_REQUESTS_AT_ONCE = 64
_UPLOADS_AT_ONCE = 4
_ANSWER_SECONDS = 30
"""How long a short request may take in all, with its tries and the wait for a free thread."""

_ABSENT = BlobKey("files/none")
# How stores refuse a range that begins at the end or behind it: 416, or a sentence (in memory).
_BEYOND_END = re.compile(r"\b416\b|Invalid range")
_CAN_SIGN = (S3Store, GCSStore, AzureStore)


class ObjectStoreBlobs:
    """Objects in a bucket, below a prefix.

    An object appears whole or not at all: that is what these stores promise. A read that has begun
    asks for one chunk after the other, so a slow reader holds no connection to the store.
    """

    def __init__(self, store: Connections) -> None:
        self._store = store
        self._requests = ThreadPoolExecutor(_REQUESTS_AT_ONCE, "objects")
        # Each holds five parts in memory.
        self._uploads = ThreadPoolExecutor(_UPLOADS_AT_ONCE, "uploads")
        self._presigned = PresignedUrls(self._sign)

    async def check(self) -> None:
        """Raise Refused (unavailable) unless the store answers and knows bucket and credentials."""
        try:
            await self._ask(partial(obstore.get, self._store.quick, _ABSENT))
        except KeyError:
            return

    async def put(self, key: BlobKey, staged: StagedFile) -> None:
        """Store the staged bytes and see that they are there. Raises Refused."""
        _check(key)
        pool = self._requests if staged.size_bytes <= PART_BYTES else self._uploads
        await self._run(pool, partial(upload_staged, self._store, key, staged))

    async def put_bytes(self, key: BlobKey, content: bytes) -> None:
        """Store a small object and see that it is there. Raises Refused."""
        _check(key)
        await self._run(self._requests, partial(upload_bytes, self._store, key, content))

    async def size(self, key: BlobKey) -> int | None:
        """Return the object's size in bytes, or None when there is none. Raises Refused."""
        _check(key)
        try:
            return (await self._ask(partial(obstore.head, self._store.quick, key)))["size"]
        except KeyError:
            return None

    async def read(
        self, key: BlobKey, start: int = 0, end: int | None = None
    ) -> AsyncIterator[bytes]:
        """Iterate over the bytes in chunks of 1 MiB; the next one is on its way meanwhile.

        Raises KeyError when there is no such object, Refused (unavailable), also when the object
        is deleted while it is read.
        """
        first = await self._first(key, start, end)
        if first is None:
            return
        chunk, size_bytes = first
        stop = size_bytes if end is None else min(end, size_bytes)
        position = start + len(chunk)
        while position < stop:
            coming = asyncio.create_task(self._chunk(key, position, stop))
            try:
                yield chunk
            except BaseException:
                coming.cancel()
                raise
            chunk = await coming
            position += len(chunk)
        yield chunk

    def local_path(self, key: BlobKey) -> None:
        """Return None: the bytes are elsewhere."""
        _check(key)

    async def presigned_url(self, key: BlobKey) -> str | None:
        """Return an address that reads the object for some minutes; None where there is no such."""
        _check(key)
        if not isinstance(self._store.quick, _CAN_SIGN):
            return None
        return self._presigned.remembered(key) or await self._ask(
            partial(self._presigned.sign, key)
        )

    async def delete(self, *keys: BlobKey) -> None:
        """Remove the objects; it is no error when there are none. Raises Refused."""
        for key in keys:
            _check(key)
        if keys:
            await self._run(self._requests, partial(self._delete, list(keys)))

    async def list(self, prefix: str = "") -> AsyncIterator[BlobInfo]:
        """Iterate over the objects; a page of a thousand is held in memory. Raises Refused."""
        folder = prefix.rpartition("/")[0]
        if folder and not is_object(f"{folder}/x"):
            return
        pages = await self._ask(
            lambda: obstore.list(self._store.quick, folder or None, chunk_size=_LIST_BATCH)
        )
        while page := await self._ask(lambda: next(pages, None)):
            for found in page:
                if is_object(found["path"]) and found["path"].startswith(prefix):
                    key = BlobKey(found["path"])
                    yield BlobInfo(key, found["size"], found["last_modified"])

    async def _first(self, key: BlobKey, start: int, end: int | None) -> tuple[bytes, int] | None:
        """Return the first chunk and the object's size, or None when the range holds nothing.

        Raises KeyError, Refused.
        """
        _check(key)
        stop = start + _CHUNK_BYTES if end is None else min(end, start + _CHUNK_BYTES)
        try:
            if start < stop:
                return await self._ask(partial(_get, self._store.quick, key, start, stop))
        except Refused as refused:
            if _BEYOND_END.search(str(refused.__cause__)) is None:
                raise
        if await self.size(key) is None:
            raise KeyError(key)
        return None

    async def _chunk(self, key: BlobKey, start: int, end: int) -> bytes:
        stop = min(end, start + _CHUNK_BYTES)
        try:
            chunk, _ = await self._ask(partial(_get, self._store.quick, key, start, stop))
        except KeyError:
            raise unavailable("The file was deleted while it was read.") from None
        if len(chunk) != stop - start:
            raise unavailable("A stored file is shorter than it was. Try again later.")
        return chunk

    async def _ask(self, call: Callable[[], T]) -> T:
        """Make a short request. Raises KeyError, Refused."""
        try:
            async with asyncio.timeout(_ANSWER_SECONDS):
                return await self._run(self._requests, call)
        except TimeoutError as error:
            raise unavailable("The object store is too slow at the moment.") from error

    async def _run(self, pool: ThreadPoolExecutor, call: Callable[[], T]) -> T:
        with refusing_store_errors():
            return await asyncio.get_running_loop().run_in_executor(pool, call)

    def _sign(self, key: BlobKey) -> str:
        store = self._store.quick
        if not isinstance(store, _CAN_SIGN):
            raise TypeError(f"{store!r} cannot sign")
        return obstore.sign(store, "GET", key, VALID)

    def _delete(self, keys: Sequence[BlobKey]) -> None:
        try:
            obstore.delete(self._store.quick, keys)
        except FileNotFoundError:  # Google's and Azure's
            for key in keys:
                with suppress(FileNotFoundError):
                    obstore.delete(self._store.quick, key)


def _get(store: ObjectStore, key: BlobKey, start: int, stop: int) -> tuple[bytes, int]:
    result = obstore.get(store, key, options={"range": (start, stop)})
    return result.bytes().to_bytes(), result.meta["size"]


def _check(key: BlobKey) -> None:
    if not is_object(key):
        raise ValueError(f"not the key of an object: {key!r}")
