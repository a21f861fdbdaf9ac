"""Reading, measuring and listing objects on a local disk: the blocking half of `DiskBlobs`.

All functions but `opened` block: they are called in threads. Writing is left to
`wheelyard.blobs.disk`.
"""

import asyncio
import os
import stat
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from io import FileIO
from pathlib import Path

from wheelyard.blobs.disk_keys import is_object, may_hold_objects
from wheelyard.blobs.storage_errors import refusing_os_errors, unavailable
from wheelyard.domain.keys import BlobKey
from wheelyard.ports.blobs import BlobInfo

_CHUNK_BYTES = 256 * 1024
_LIST_BATCH = 1000
_ABSENT = (FileNotFoundError, NotADirectoryError, IsADirectoryError)


@dataclass(frozen=True, slots=True)
class Source:
    """An open object, where reading it ends, and its first chunk: small ones need no more."""

    file: FileIO
    end: int
    first: bytes


@asynccontextmanager
async def opened(path: Path, start: int, end: int | None) -> AsyncIterator[Source]:
    """Open an object and read its first chunk. Raises KeyError, Refused (unavailable)."""
    opening = asyncio.get_running_loop().run_in_executor(None, _open, path, start, end)
    try:
        source = await asyncio.shield(opening)
    except asyncio.CancelledError:
        opening.add_done_callback(_close_unwanted)
        raise
    try:
        yield source
    finally:
        source.file.close()


def read_at(file: FileIO, position: int, end: int) -> bytes:
    """Read the next chunk; nothing at the end. Raises Refused (unavailable).

    `pread` leaves no trace: a thread that outlives its cancelled caller can do no harm.
    """
    wanted = min(_CHUNK_BYTES, end - position)
    if wanted <= 0:
        return b""
    with refusing_os_errors():
        chunk = os.pread(file.fileno(), wanted, position)
    if not chunk:
        raise unavailable("A stored file is shorter than it was. Try again later.")
    return chunk


def size_of(path: str) -> int | None:
    """Return the size of a file in bytes, None when there is no file."""
    with refusing_os_errors():
        try:
            status = os.stat(path)
        except _ABSENT:
            return None
        return status.st_size if stat.S_ISREG(status.st_mode) else None


def scan(root: Path, folders: list[str], prefix: str) -> list[BlobInfo]:
    """Take folders (relative to `root`) off the stack until they have given a good many objects.

    Folders found in them are pushed, unless no key in them can begin with `prefix`.
    """
    found: list[BlobInfo] = []
    with refusing_os_errors():
        while folders and len(found) < _LIST_BATCH:
            for name, entry in _entries(root, folders.pop()):
                if entry.is_dir(follow_symlinks=False):
                    if may_hold_objects(name) and _can_match(name, prefix):
                        folders.append(name)
                elif is_object(name) and name.startswith(prefix):
                    with suppress(FileNotFoundError):  # deleted since
                        found.append(_info(name, entry.stat(follow_symlinks=False)))
    return found


def _open(path: Path, start: int, end: int | None) -> Source:
    with refusing_os_errors():
        try:
            file = FileIO(path)
        except _ABSENT:
            raise KeyError(path.name) from None
        try:
            size = os.fstat(file.fileno()).st_size
            stop = size if end is None else min(end, size)
            return Source(file, stop, read_at(file, start, stop))
        except BaseException:
            file.close()
            raise


def _close_unwanted(opening: asyncio.Future[Source]) -> None:
    if not opening.cancelled() and opening.exception() is None:
        opening.result().file.close()


def _entries(root: Path, folder: str) -> Iterator[tuple[str, os.DirEntry[str]]]:
    with suppress(FileNotFoundError), os.scandir(root / folder) as entries:
        for entry in entries:
            yield (f"{folder}/{entry.name}" if folder else entry.name), entry


def _can_match(folder: str, prefix: str) -> bool:
    return f"{folder}/".startswith(prefix) or prefix.startswith(f"{folder}/")


def _info(name: str, status: os.stat_result) -> BlobInfo:
    return BlobInfo(BlobKey(name), status.st_size, datetime.fromtimestamp(status.st_mtime, UTC))
