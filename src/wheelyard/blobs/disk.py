"""The default byte store: a folder on a local disk, one file per object, named by its key.

An object appears whole or not at all, and stays after a crash: its bytes are written aside,
fsynced, renamed into place, and the folders that name them are fsynced (POSIX promises no less).
Receiving and hashing is left to the spool; which objects are still needed, to the actions.
"""

import os
from asyncio import to_thread
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import suppress
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from wheelyard.blobs.borrowed import BorrowedFile
from wheelyard.blobs.disk_keys import PARTIAL_FOLDER, is_object
from wheelyard.blobs.disk_reads import opened, read_at, scan, size_of
from wheelyard.blobs.folders import DurableFolders
from wheelyard.blobs.spool import SpooledFile, open_partial, write_all
from wheelyard.blobs.storage_errors import refusing_os_errors, unavailable
from wheelyard.blobs.visits import Visits
from wheelyard.domain.keys import FOLDER_NAMES, BlobKey
from wheelyard.ports.blobs import BlobInfo
from wheelyard.ports.spool import StagedFile

_COPY_BYTES = 256 * 1024

_SMALL_BYTES = 256 * 1024
"""Up to here, two objects that are stored at the same moment are stored by one thread."""


class DiskBlobs:
    """Objects below the folder `root`, which is made when the first one is stored.

    Work on the disk is done in threads, one visit for an operation. A key that could mean a
    file elsewhere raises ValueError.
    """

    def __init__(self, root: Path) -> None:
        self._root = root.absolute()
        self._below_root = f"{self._root}/"
        self._folders = DurableFolders(self._root)
        self._visits = Visits()

    @property
    def partial_directory(self) -> Path:
        """Where bytes wait to be renamed into place: the best folder for a `DiskSpool`."""
        return self._root / PARTIAL_FOLDER

    async def check(self) -> None:
        """Raise Refused (unavailable) when the folder cannot be made or read."""
        await to_thread(self._check)

    async def put(self, key: BlobKey, staged: StagedFile) -> None:
        """Store the staged bytes durably. Raises Refused (storage full, unavailable)."""
        place = partial(self._place_staged, staged)
        store = partial(self._store, self.local_path(key), staged.size_bytes, place)
        await (self._visits.do(store) if staged.size_bytes <= _SMALL_BYTES else to_thread(store))

    async def put_bytes(self, key: BlobKey, content: bytes) -> None:
        """Store a small object durably. Raises Refused (storage full, unavailable)."""
        place = partial(self._place_copy, BytesIO(content), len(content))
        store = partial(self._store, self.local_path(key), len(content), place)
        await (self._visits.do(store) if len(content) <= _SMALL_BYTES else to_thread(store))

    async def size(self, key: BlobKey) -> int | None:
        """Return the object's size in bytes, or None when there is none.

        It is asked of objects that were just written or are about to be read: that is a look into
        the system's memory, which takes a twentieth of a visit to a thread.
        """
        return size_of(self.local_path(key))

    async def read(
        self, key: BlobKey, start: int = 0, end: int | None = None
    ) -> AsyncIterator[bytes]:
        """Iterate over the bytes in chunks of 256 KiB, also when the object is deleted meanwhile.

        Raises KeyError when there is no such object, Refused (unavailable).
        """
        async with opened(self._path(key), start, end) as source:
            if source.first:
                yield source.first
            position = start + len(source.first)
            while position < source.end:
                chunk = await to_thread(read_at, source.file, position, source.end)
                yield chunk
                position += len(chunk)

    def local_path(self, key: BlobKey) -> str:
        """Return the absolute path of the object's file, whether there is one or not."""
        if not is_object(key):
            raise ValueError(f"not the key of an object: {key!r}")
        return self._below_root + key

    async def presigned_url(self, key: BlobKey) -> None:
        """Return None: a local file has no address of its own."""

    async def delete(self, *keys: BlobKey) -> None:
        """Remove the objects. They may be back after a crash, to be collected again."""
        await to_thread(_unlink, [self._path(key) for key in keys])

    async def list(self, prefix: str = "") -> AsyncIterator[BlobInfo]:
        """Iterate over the objects; about a folder's worth is held in memory at a time."""
        folders = [""]
        while folders:
            for found in await to_thread(scan, self._root, folders, prefix):
                yield found

    def _path(self, key: BlobKey) -> Path:
        return Path(self.local_path(key))

    def _check(self) -> None:
        with refusing_os_errors():
            self._root.mkdir(parents=True, exist_ok=True)
            next(self._root.iterdir(), None)

    def _store(self, path: str, size_bytes: int, place: Callable[[str], None]) -> None:
        with refusing_os_errors():
            if not _refresh(path, size_bytes):
                place(path)
            # Also for an object that was there: who put it may not have come this far yet.
            self._folders.sync(os.path.dirname(path))

    def _place_staged(self, staged: StagedFile, path: str) -> None:
        if isinstance(staged, BorrowedFile) or (
            isinstance(staged, SpooledFile) and staged.is_on_disk
        ):
            self._make_folder(os.path.dirname(path))
            if staged.place_at(Path(path)):
                return
        with staged.open() as source:
            self._place_copy(source, staged.size_bytes, path)

    def _place_copy(self, source: BinaryIO, size_bytes: int, path: str) -> None:
        file, partial_path = open_partial(f"{self._below_root}{PARTIAL_FOLDER}")
        try:
            try:
                _copy(source, file, size_bytes)
                os.fsync(file)
            finally:
                os.close(file)
            self._rename(partial_path, path)
        except BaseException:
            with suppress(FileNotFoundError):
                os.unlink(partial_path)
            raise

    def _rename(self, partial_path: str, path: str) -> None:
        try:
            os.rename(partial_path, path)
        except FileNotFoundError:
            self._make_folder(os.path.dirname(path))
            os.rename(partial_path, path)

    def _make_folder(self, folder: str) -> None:
        """Make the folder of an object where it is missing, and with it the others of its kind.

        What is made at once is made durable at once; else each would cost an upload two syncs more.
        """
        try:
            os.stat(folder)
        except FileNotFoundError:
            above, name = os.path.split(folder)
            for sibling in FOLDER_NAMES if name in FOLDER_NAMES else (name,):
                self._folders.make(f"{above}/{sibling}")


def _copy(source: BinaryIO, file: int, size_bytes: int) -> None:
    copied_bytes = 0
    while chunk := source.read(_COPY_BYTES):
        write_all(file, chunk)
        copied_bytes += len(chunk)
    if copied_bytes != size_bytes:
        raise unavailable("The received file was damaged on the server. Upload it again.")


def _refresh(path: str, size_bytes: int) -> bool:
    """Tell whether the object is there; if so it counts as new, and no clean-up takes it now."""
    try:
        os.utime(path)
        return os.stat(path).st_size == size_bytes
    except FileNotFoundError:
        return False


def _unlink(paths: Sequence[Path]) -> None:
    with refusing_os_errors():
        for path in paths:
            path.unlink(missing_ok=True)
