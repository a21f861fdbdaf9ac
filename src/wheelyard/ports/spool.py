"""Files on their way in: received, hashed and looked into before they are kept."""

from contextlib import AbstractAsyncContextManager
from typing import BinaryIO, Protocol

from wheelyard.domain.models.packages import Digests


class StagedFile(Protocol):
    """A file that has been received and hashed, and is in no store yet."""

    @property
    def size_bytes(self) -> int:
        """How many bytes were written."""

    @property
    def digests(self) -> Digests:
        """Digests of all bytes written."""

    def open(self) -> BinaryIO:
        """Open the received bytes for reading, from the start. Blocking: call it in a thread."""


class Staging(StagedFile, Protocol):
    """A temporary file that is being written; it is gone when its context ends."""

    async def write(self, chunk: bytes | bytearray | memoryview) -> None:
        """Append `chunk` and hash it.

        Raises Refused (storage full) when the disk is full.
        """

    async def finish(self) -> None:
        """Flush what is buffered; `digests` and `size_bytes` hold from then on."""


class Spool(Protocol):
    """Where uploads wait until they are checked."""

    def stage(self) -> AbstractAsyncContextManager[Staging]:
        """Open a new temporary file; leaving the context deletes it unless a store took it."""

    async def borrow(self, path: str) -> StagedFile:
        """Read a local file that is to be stored elsewhere as well, and stays where it is.

        Raises KeyError when there is none, Refused (unavailable).
        """

    async def clean(self, older_than_seconds: float) -> int:
        """Delete what a crash left behind, if it is that old; return how many files."""
