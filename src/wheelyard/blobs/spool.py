"""The spool: where an upload is received and hashed, on the local disk, before any store.

It holds temporary files only. Checking what was received is left to the actions, keeping it to
a store: `DiskBlobs` takes a spooled file by renaming it, every other store reads it.
"""

import asyncio
import errno
import os
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from hashlib import blake2b, md5, sha256
from io import BytesIO, FileIO
from pathlib import Path
from secrets import token_hex
from threading import Lock
from typing import BinaryIO

from wheelyard.blobs.borrowed import BorrowedFile, borrow
from wheelyard.blobs.storage_errors import refusing_os_errors, unavailable
from wheelyard.domain.models.packages import Digests

_BATCH_BYTES = 1024 * 1024
"""How much is gathered for one visit to a thread. A smaller upload never becomes a file here."""

_INLINE_BYTES = 16 * 1024
"""Up to here, hashing takes less time than a visit to a thread does."""

_PARTIAL_SUFFIX = ".part"
_CREATE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW


def open_partial(directory: str) -> tuple[int, str]:
    """Create a temporary file, mode 0600, that `DiskSpool.clean` finds after a crash. Blocking."""
    path = f"{directory}/{token_hex(16)}{_PARTIAL_SUFFIX}"
    try:
        return os.open(path, _CREATE, 0o600), path
    except FileNotFoundError:
        os.makedirs(directory, exist_ok=True)
        return os.open(path, _CREATE, 0o600), path


def write_all(descriptor: int, content: bytes | bytearray | memoryview) -> None:
    """Write everything: one call of `write` may stop short, as on a disk that is filling up."""
    written = os.write(descriptor, content)
    while written < len(content):
        with memoryview(content) as view:
            written += os.write(descriptor, view[written:])


class SpooledFile:
    """A received file: in memory while it is small, in a temporary file of `directory` beyond.

    A thread may still be at work when its caller has been cancelled, so all that touches the
    temporary file does so under a lock, and only while the file has not been discarded.
    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._buffer = bytearray()
        self._size_bytes = 0
        self._hashers = (sha256(), md5(usedforsecurity=False), blake2b(digest_size=32))
        self._lock = Lock()
        self._file: FileIO | None = None
        self._path: Path | None = None
        self._is_on_disk = False
        self._is_taken = False
        self._is_discarded = False

    @property
    def size_bytes(self) -> int:
        """How many bytes were written."""
        return self._size_bytes

    @property
    def is_on_disk(self) -> bool:
        """Whether the bytes, or some of them, are in a temporary file."""
        return self._is_on_disk

    @property
    def digests(self) -> Digests:
        """Digests of all bytes written; they hold once `finish` has returned."""
        in_sha256, in_md5, in_blake2 = (hasher.hexdigest() for hasher in self._hashers)
        return Digests(sha256=in_sha256, md5=in_md5, blake2_256=in_blake2)

    def open(self) -> BinaryIO:
        """Open the received bytes for reading, from the start. Blocking."""
        with self._lock:
            return BytesIO(self._buffer) if self._path is None else self._path.open("rb")

    async def write(self, chunk: bytes | bytearray | memoryview) -> None:
        """Append `chunk` and hash it. Raises Refused (storage full, unavailable)."""
        with memoryview(chunk) as view:
            self._size_bytes += len(view)
            for start in range(0, len(view), _BATCH_BYTES):
                self._buffer += view[start : start + _BATCH_BYTES]
                if len(self._buffer) >= _BATCH_BYTES:
                    await self._spill()

    async def finish(self) -> None:
        """Hash and write what is buffered. Raises Refused (storage full, unavailable)."""
        if self._is_on_disk:
            await self._spill()
        elif len(self._buffer) <= _INLINE_BYTES:
            self._hash()
        else:
            await asyncio.to_thread(self._hash)

    async def discard(self) -> None:
        """Delete the temporary file, if there is one and no store took it."""
        if self._is_on_disk:
            loop = asyncio.get_running_loop()
            # Shielded: a job that is cancelled before it starts would leave the file behind.
            await asyncio.shield(loop.run_in_executor(None, self._remove))

    def place_at(self, target: Path) -> bool:
        """Make the bytes durable and rename their file to `target`. Blocking.

        Returns False where that cannot be done and the bytes have to be copied: they are in
        memory, on another file system, or taken already. Raises Refused when the file is not as
        long as what was received, and OSError.
        """
        with self._lock:
            if self._file is None or self._path is None or self._is_taken or self._is_discarded:
                return False
            if os.fstat(self._file.fileno()).st_size != self._size_bytes:
                raise unavailable("The received file was damaged on the server. Upload it again.")
            os.fsync(self._file.fileno())
            try:
                self._path.rename(target)
            except OSError as error:
                if error.errno == errno.EXDEV:
                    return False
                raise
            self._path, self._is_taken = target, True
            return True

    async def _spill(self) -> None:
        batch, self._buffer = self._buffer, bytearray()
        self._is_on_disk = True
        # Together: hashing frees the GIL, and in turn the digests would hold an upload to one core.
        await asyncio.gather(
            asyncio.to_thread(self._append, batch),
            *(asyncio.to_thread(hasher.update, batch) for hasher in self._hashers),
        )

    def _append(self, batch: bytearray) -> None:
        with self._lock, refusing_os_errors():
            if self._is_discarded:
                return
            if self._file is None:
                descriptor, path = open_partial(str(self._directory))
                self._file, self._path = FileIO(descriptor, "w"), Path(path)
            write_all(self._file.fileno(), batch)

    def _hash(self) -> None:
        for hasher in self._hashers:
            hasher.update(self._buffer)

    def _remove(self) -> None:
        with self._lock, suppress(OSError):  # what cannot be deleted now, `clean` finds later
            self._is_discarded = True
            if self._file is not None:
                self._file.close()
            if self._path is not None and not self._is_taken:
                self._path.unlink(missing_ok=True)


class DiskSpool:
    """A spool in a folder of its own, best `DiskBlobs.partial_directory` of the local store.

    There, a store takes files by renaming them, and `clean` covers what a store left as well.
    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    @asynccontextmanager
    async def stage(self) -> AsyncIterator[SpooledFile]:
        """Open a new temporary file; leaving the context deletes it unless a store took it."""
        staged = SpooledFile(self._directory)
        try:
            yield staged
        finally:
            await staged.discard()

    async def borrow(self, path: str) -> BorrowedFile:
        """Read a local file that is to be stored elsewhere as well.

        Raises KeyError when there is none, Refused (unavailable).
        """
        return await borrow(Path(path))

    async def clean(self, older_than_seconds: float) -> int:
        """Delete partial files last written that long ago; return how many."""
        return await asyncio.to_thread(self._clean, time.time() - older_than_seconds)

    def _clean(self, before: float) -> int:
        with refusing_os_errors():
            partial_files = self._directory.glob(f"*{_PARTIAL_SUFFIX}")
            return sum(_unlink_older(path, before) for path in partial_files)


def _unlink_older(path: Path, before: float) -> bool:
    try:
        if path.stat().st_mtime >= before:
            return False
        path.unlink()
    except FileNotFoundError:
        return False  # its upload has just ended, or another process cleans as well
    return True
