"""Copying stored bytes from one store to another, with every hash looked at on the way.

What is in the target already is left there, so a copy that was broken off goes on where it was.
"""

from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from functools import partial

from wheelyard.actions.parallel import in_parallel
from wheelyard.actions.verify import read_through, shares, stored_objects
from wheelyard.domain.errors import Reason, Refused
from wheelyard.domain.keys import BlobKey, sha256_of
from wheelyard.ports.blobs import Blobs
from wheelyard.ports.database import Database
from wheelyard.ports.inventory import NeededBlob
from wheelyard.ports.spool import Spool, StagedFile

_AT_ONCE = 8


@dataclass(slots=True)
class CopiedBytes:
    """What was needed, and what of it was copied now; damaged: what the source has not whole."""

    objects: int = 0
    copied_objects: int = 0
    copied_bytes: int = 0
    damaged: list[BlobKey] = field(default_factory=list)


async def copy_bytes(
    db: Database,
    source: Blobs,
    target: Blobs,
    spool: Spool,
    *,
    trusts_target: bool,
    on_progress: Callable[[int, int], None],
) -> CopiedBytes:
    """Copy all that the rows of `db` need, and the target has not.

    trusts_target: whether an object of the right size there is taken to be whole; else it is read.
    Raises Refused (unavailable) when either store fails.
    """
    result = CopiedBytes()
    carrier = _Carrier(source, target, spool, trusts_target=trusts_target)
    async with db.read() as tx:
        about = await tx.inventory.count()
    for prefix in shares(about):
        there = {info.key: info.size_bytes async for info in stored_objects(target, prefix)}
        async with db.read() as tx:
            needed = await tx.inventory.needed(prefix)
        async for blob, copied in in_parallel(needed, partial(carrier.bring, there), _AT_ONCE):
            result.objects += 1
            if copied is None and not blob.has_lost:
                result.damaged.append(blob.key)
            elif copied:
                result.copied_objects += 1
                result.copied_bytes += copied
            on_progress(result.objects, about)
    return result


class _Carrier:
    """Carries one object after the other."""

    def __init__(self, source: Blobs, target: Blobs, spool: Spool, *, trusts_target: bool) -> None:
        self._source = source
        self._target = target
        self._spool = spool
        self._trusts_target = trusts_target

    async def bring(
        self, there: Mapping[BlobKey, int], blob: NeededBlob
    ) -> tuple[NeededBlob, int | None]:
        """Copy an object if need be; return how many bytes that took, None when it is damaged."""
        size_bytes = there.get(blob.key)
        if size_bytes is not None and blob.size_bytes in {None, size_bytes}:
            if self._trusts_target or await read_through(self._target, blob.key) is None:
                return blob, 0
            await self._target.delete(blob.key)
        async with AsyncExitStack() as stack:
            staged = await self._fetch(blob.key, stack)
            if staged is None or staged.digests.sha256 != sha256_of(blob.key):
                return blob, None
            await self._target.put(blob.key, staged)
            return blob, staged.size_bytes

    async def _fetch(self, key: BlobKey, stack: AsyncExitStack) -> StagedFile | None:
        """Read an object and compute its digests, without a copy of it where it is on the disk."""
        try:
            path = self._source.local_path(key)
            if path is not None:
                return await self._spool.borrow(path)
            staging = await stack.enter_async_context(self._spool.stage())
            async for chunk in self._source.read(key):
                await staging.write(chunk)
            await staging.finish()
        except KeyError:
            return None
        return staging


def refuse_damaged(damaged: list[BlobKey]) -> None:
    """Raise Refused when the source has not all that its rows name."""
    if damaged:
        raise Refused(
            Reason.CONFLICT,
            f"The source lacks {len(damaged)} objects, or has others than its rows say, such as "
            f"{damaged[0]}. See `wheelyard verify --deep`.",
        )
