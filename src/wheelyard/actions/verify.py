"""Comparing the rows with the byte store: what is missing, short, different, or left over.

It can run at any time, beside servers: what looks wrong is looked at again before it is told.
"""

import hashlib
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from wheelyard.actions.parallel import in_parallel
from wheelyard.actions.upkeep import GRACE
from wheelyard.domain.errors import Refused
from wheelyard.domain.keys import CORE_METADATA, DISTRIBUTIONS, BlobKey, sha256_of
from wheelyard.ports.blobs import BlobInfo, Blobs
from wheelyard.ports.database import Database
from wheelyard.ports.inventory import FileInProject, NeededBlob

_MANY = 50_000
"""More objects than this are looked at in 256 parts, to keep memory flat."""

_READS_AT_ONCE = 4


class Kind(StrEnum):
    """What can be wrong with an object."""

    MISSING = "missing"
    SHORT = "short"
    DIFFERENT = "different"
    UNREADABLE = "unreadable"  # although the store answers
    ORPHANED = "orphaned"
    RECENT = "recent"  # no file needs it, but it is young: an upload may be about to
    LOST = "lost"  # it is missing, and its files are marked as lost
    FOUND = "found"  # its files are marked as lost, and it is there


BROKEN = frozenset({Kind.MISSING, Kind.SHORT, Kind.DIFFERENT, Kind.UNREADABLE})
"""What a file that is offered suffers from."""

_HARMLESS = {Kind.RECENT, Kind.LOST}


@dataclass(frozen=True, slots=True)
class Finding:
    """One object that is not as the rows say.

    files: those that need it. stored: as the store lists it, None for a missing one.
    """

    kind: Kind
    key: BlobKey
    files: tuple[FileInProject, ...] = ()
    stored: BlobInfo | None = None


@dataclass(slots=True)
class Verification:
    """What was compared, and what was found."""

    objects: int = 0
    size_bytes: int = 0
    findings: list[Finding] = field(default_factory=list)

    def count(self, kind: Kind) -> int:
        """Return how many findings are of a kind."""
        return sum(finding.kind is kind for finding in self.findings)

    @property
    def is_whole(self) -> bool:
        """Whether rows and bytes agree: what is offered is there, and what is there is needed."""
        return all(finding.kind in _HARMLESS for finding in self.findings)


async def verify_store(
    db: Database,
    blobs: Blobs,
    now: datetime,
    *,
    deep: bool = False,
    on_progress: Callable[[int, int], None] = lambda _done, _about: None,
) -> Verification:
    """Compare all rows with all objects; `deep` reads every object and computes its hash.

    `on_progress` hears how many objects have been looked at, and about how many there are.
    Raises Refused (unavailable).
    """
    async with db.read() as tx:
        about = await tx.inventory.count()
    verification = Verification()
    for prefix in shares(about):
        # In this order: an upload stores bytes first, and its row last.
        stored = {info.key: info async for info in stored_objects(blobs, prefix)}
        async with db.read() as tx:
            needed = await tx.inventory.needed(prefix)
        comparison = _Comparison(db, blobs, stored, deep=deep)
        async for finding in in_parallel(needed, comparison.look_at, _READS_AT_ONCE):
            verification.objects += 1
            verification.findings += [finding] if finding is not None else []
            on_progress(verification.objects, about)
        verification.size_bytes += sum(info.size_bytes for info in stored.values())
        verification.findings += _left_over(stored, {blob.key for blob in needed}, now)
    return verification


def shares(objects: int) -> Sequence[str]:
    """Return prefixes of digests that share so many objects out, to be looked at one by one."""
    return [f"{number:02x}" for number in range(256)] if objects > _MANY else [""]


async def stored_objects(blobs: Blobs, sha256_prefix: str) -> AsyncIterator[BlobInfo]:
    """Iterate over the objects of ours whose digest begins so: with nothing, or a whole byte."""
    folder = f"{sha256_prefix}/" if sha256_prefix else ""
    for kind in (DISTRIBUTIONS, CORE_METADATA):
        async for info in blobs.list(f"{kind}/{folder}"):
            if sha256_of(info.key) is not None:  # a bucket may hold more than what is ours
                yield info


def _left_over(
    stored: dict[BlobKey, BlobInfo], needed: Collection[BlobKey], now: datetime
) -> list[Finding]:
    return [
        Finding(Kind.ORPHANED if info.modified_at < now - GRACE else Kind.RECENT, key, stored=info)
        for key, info in stored.items()
        if key not in needed
    ]


class _Comparison:
    """Looks at one needed object after the other."""

    def __init__(
        self, db: Database, blobs: Blobs, stored: dict[BlobKey, BlobInfo], *, deep: bool
    ) -> None:
        self._db = db
        self._blobs = blobs
        self._stored = stored
        self._deep = deep

    async def look_at(self, blob: NeededBlob) -> Finding | None:
        """Return what is wrong with an object, twice seen, or None."""
        kind = self._compare(blob, self._stored.get(blob.key))
        reads = kind is None and (self._deep or blob.has_lost)
        if reads:
            kind = await read_through(self._blobs, blob.key)
        if kind is None and not blob.has_lost:
            return None
        # Again: the file may have been deleted, or uploaded again, since.
        async with self._db.read() as tx:
            files = await tx.inventory.files_needing(blob.key)
        info = await self._listed(blob.key)
        again = self._compare(blob, info)
        if again is None and reads:
            again = await read_through(self._blobs, blob.key)
        return self._conclude(blob.key, again, files, info)

    @staticmethod
    def _conclude(
        key: BlobKey, kind: Kind | None, files: Sequence[FileInProject], info: BlobInfo | None
    ) -> Finding | None:
        lost = tuple(needing for needing in files if needing.is_lost)
        listed = tuple(needing for needing in files if not needing.is_lost)
        if kind is not None and listed:
            return Finding(kind, key, listed, info)
        if lost:
            return Finding(Kind.FOUND if kind is None else Kind.LOST, key, lost, info)
        return None

    @staticmethod
    def _compare(blob: NeededBlob, info: BlobInfo | None) -> Kind | None:
        if info is None:
            return Kind.MISSING
        if blob.size_bytes in {None, info.size_bytes}:
            return None
        return Kind.SHORT if info.size_bytes < (blob.size_bytes or 0) else Kind.DIFFERENT

    async def _listed(self, key: BlobKey) -> BlobInfo | None:
        async for info in self._blobs.list(key):
            if info.key == key:
                return info
        return None


async def read_through(blobs: Blobs, key: BlobKey) -> Kind | None:
    """Read an object and return what is wrong with its bytes, None when its key is their hash.

    Raises Refused (unavailable) when nothing can be read now.
    """
    digest = hashlib.sha256()
    try:
        async for chunk in blobs.read(key):
            digest.update(chunk)
    except KeyError:
        return Kind.MISSING
    except Refused:
        # Either the store fails, or just this object, in a broken part of a disk.
        await blobs.check()
        return Kind.UNREADABLE
    return None if digest.hexdigest() == sha256_of(key) else Kind.DIFFERENT
