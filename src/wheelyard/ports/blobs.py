"""The byte store: distributions and metadata under keys made of their hash."""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import NamedTuple, Protocol

from wheelyard.domain.keys import BlobKey
from wheelyard.ports.spool import StagedFile


class BlobInfo(NamedTuple):
    """A stored object as a listing shows it."""

    key: BlobKey
    size_bytes: int
    modified_at: datetime


class Blobs(Protocol):
    """A store of immutable objects by key. Every backend passes `tests/contracts/test_blobs.py`."""

    async def check(self) -> None:
        """Raise Refused (unavailable) when the store does not answer, or refuses to be used."""

    async def put(self, key: BlobKey, staged: StagedFile) -> None:
        """Store the staged bytes under `key`, durably: when this returns, a crash keeps them.

        Storing equal bytes again is harmless, and makes the object count as new. Raises Refused
        (storage full, unavailable).
        """

    async def put_bytes(self, key: BlobKey, content: bytes) -> None:
        """Store a small object durably."""

    async def size(self, key: BlobKey) -> int | None:
        """Return the object's size in bytes, or None when there is none."""

    def read(self, key: BlobKey, start: int = 0, end: int | None = None) -> AsyncIterator[bytes]:
        """Iterate over the bytes from `start` up to, not including, `end` (default: all).

        Raises KeyError when there is no such object; Refused (unavailable), also in the middle
        where the object was deleted meanwhile and the store keeps nothing for its readers.
        """

    def local_path(self, key: BlobKey) -> str | None:
        """Return the path of the object's file where the store is a local disk, else None."""

    async def presigned_url(self, key: BlobKey) -> str | None:
        """Return an address with which anybody can GET the object for the next two minutes or more.

        None where the store has no such addresses. It is for GET only, whole or in part, and says
        nothing about whether there is such an object. Raises Refused (unavailable).
        """

    async def delete(self, *keys: BlobKey) -> None:
        """Remove the objects; it is no error when there are none. Raises Refused (unavailable)."""

    def list(self, prefix: str = "") -> AsyncIterator[BlobInfo]:
        """Iterate over the objects whose key begins with `prefix`, in no order."""
