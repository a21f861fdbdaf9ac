"""A file on the local disk that is somebody else's: it is read, and stored elsewhere as well.

Where that is a folder of the same file system, both stores name the same bytes: objects never
change, so a second copy of them would only take room.
"""

import asyncio
import os
from hashlib import blake2b, md5, sha256
from pathlib import Path
from typing import BinaryIO

from wheelyard.blobs.storage_errors import refusing_os_errors
from wheelyard.domain.models.packages import Digests

_READ_BYTES = 1024 * 1024


class BorrowedFile:
    """A file at `path` with the size and the digests that it had when it was read."""

    def __init__(self, path: Path, size_bytes: int, digests: Digests) -> None:
        self._path = path
        self._size_bytes = size_bytes
        self._digests = digests

    @property
    def size_bytes(self) -> int:
        """How many bytes there are."""
        return self._size_bytes

    @property
    def digests(self) -> Digests:
        """Digests of them all."""
        return self._digests

    def open(self) -> BinaryIO:
        """Open the file for reading, from the start. Blocking."""
        return self._path.open("rb")

    def place_at(self, target: Path) -> bool:
        """Make `target` another name of the file, durable but for the name itself. Blocking.

        Returns False where that cannot be done: on another file system, or one without links.
        """
        try:
            with self._path.open("rb") as file:
                os.fsync(file.fileno())
            target.unlink(missing_ok=True)  # an object of this key that is not whole
            target.hardlink_to(self._path)
        except OSError:
            return False  # whatever the reason, copying says it better
        return True


async def borrow(path: Path) -> BorrowedFile:
    """Read a file and compute its digests. Raises KeyError when there is none, Refused."""
    return await asyncio.to_thread(_read, path)


def _read(path: Path) -> BorrowedFile:
    hashers = (sha256(), md5(usedforsecurity=False), blake2b(digest_size=32))
    size_bytes = 0
    with refusing_os_errors():
        try:
            file = path.open("rb")
        except FileNotFoundError:
            raise KeyError(path.name) from None
        with file:
            while chunk := file.read(_READ_BYTES):
                size_bytes += len(chunk)
                for hasher in hashers:
                    hasher.update(chunk)
    digests = (hasher.hexdigest() for hasher in hashers)
    return BorrowedFile(path, size_bytes, Digests(*digests))
