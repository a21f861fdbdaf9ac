"""A byte store whose operations are timed, and their failures counted.

Whole files that the HTTP server sends from a local disk by itself are no operations of the store.
"""

from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from time import perf_counter

from wheelyard.domain.errors import Refused
from wheelyard.domain.keys import BlobKey
from wheelyard.domain.metrics import STORE_FAILURES, STORE_SECONDS
from wheelyard.ports.blobs import BlobInfo, Blobs
from wheelyard.ports.metrics import Metrics
from wheelyard.ports.spool import StagedFile


class MeasuredBlobs:
    """`wheelyard.ports.blobs.Blobs`, around another one."""

    def __init__(self, blobs: Blobs, metrics: Metrics) -> None:
        self._blobs = blobs
        self._metrics = metrics

    async def check(self) -> None:
        """Ask whether the store can be used."""
        with self._timed("check"):
            await self._blobs.check()

    async def put(self, key: BlobKey, staged: StagedFile) -> None:
        """Store the staged bytes."""
        with self._timed("put"):
            await self._blobs.put(key, staged)

    async def put_bytes(self, key: BlobKey, content: bytes) -> None:
        """Store a small object."""
        with self._timed("put"):
            await self._blobs.put_bytes(key, content)

    async def size(self, key: BlobKey) -> int | None:
        """Return the object's size."""
        with self._timed("size"):
            return await self._blobs.size(key)

    async def read(
        self, key: BlobKey, start: int = 0, end: int | None = None
    ) -> AsyncIterator[bytes]:
        """Iterate over bytes."""
        chunks = self._blobs.read(key, start, end)
        with self._timed("read"):
            first = await anext(chunks, None)
        if first is None:
            return
        yield first
        async for chunk in chunks:
            yield chunk

    def local_path(self, key: BlobKey) -> str | None:
        """Return the path of the object's file."""
        return self._blobs.local_path(key)

    async def presigned_url(self, key: BlobKey) -> str | None:
        """Return an address of the store's own."""
        return await self._blobs.presigned_url(key)

    async def delete(self, *keys: BlobKey) -> None:
        """Remove objects."""
        with self._timed("delete"):
            await self._blobs.delete(*keys)

    def list(self, prefix: str = "") -> AsyncIterator[BlobInfo]:
        """Iterate over objects."""
        return self._blobs.list(prefix)

    @contextmanager
    def _timed(self, operation: str) -> Iterator[None]:
        began = perf_counter()
        try:
            yield
        except Refused:
            self._metrics.count(STORE_FAILURES, operation)
            raise
        finally:
            self._metrics.observe(STORE_SECONDS, operation, value=perf_counter() - began)
