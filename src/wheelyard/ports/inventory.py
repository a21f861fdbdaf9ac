"""What the rows need of the byte store: the other half of a comparison with what is in it."""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from wheelyard.domain.keys import BlobKey
from wheelyard.domain.models.packages import PackageFile


class NeededBlob(NamedTuple):
    """An object that at least one file needs.

    size_bytes: None for metadata, whose size no row tells. has_lost: whether files that need it
    are marked as lost.
    """

    key: BlobKey
    size_bytes: int | None
    has_lost: bool = False


class FileInProject(NamedTuple):
    """A file, the full path of its project, and whether it is marked as lost."""

    file: PackageFile
    project: str
    is_lost: bool = False


class Inventory(Protocol):
    """The objects that files need."""

    async def needed(self, sha256_prefix: str = "") -> Sequence[NeededBlob]:
        """Return, once each, the objects whose SHA-256 (hex) begins so, in no order."""

    async def files_needing(self, key: BlobKey) -> Sequence[FileInProject]:
        """Return the files that need an object, superseded ones included, oldest first."""

    async def count(self) -> int:
        """Return about how many objects are needed: no fewer."""

    async def deletions(self) -> int:
        """Return a number that grows with each deletion of stored bytes; odd while one goes on."""

    async def raise_deletions(self, *, is_odd: bool) -> int:
        """Raise that number to the next odd or even one, and return it."""
