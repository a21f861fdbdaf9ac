"""Deleting stored bytes while others upload: nobody may take them from under an upload.

Between storing bytes and writing their row, an upload's bytes look like an orphan: equal ones may
have lain there for days. So bytes are deleted inside a writing transaction, and a number says that
it happens: it is odd from before the first byte goes until the transaction has committed, or for
good when that was broken off. An upload that sees it odd, or changed since before it stored its
bytes, looks again whether they are there; all others need not ask the store while writers wait.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from wheelyard.domain.errors import Reason, Refused
from wheelyard.ports.database import Database, Transaction

_TRIES = 20
_RETRY_SECONDS = 5


@asynccontextmanager
async def deleting(db: Database) -> AsyncIterator[Transaction]:
    """Begin a writing transaction in which stored bytes may be deleted.

    Raises Refused (unavailable), also when others delete all the time.
    """
    for _ in range(_TRIES):
        async with db.write() as tx:
            announced = await tx.inventory.raise_deletions(is_odd=True)
        async with db.write() as tx:
            # Somebody else who deletes may have ended, and made it even, in between.
            if await tx.inventory.deletions() != announced:
                continue
            yield tx
            await tx.inventory.raise_deletions(is_odd=False)
            return
    message = "Stored files are being deleted by somebody else. Try again in a moment."
    raise Refused(Reason.UNAVAILABLE, message, retry_after_seconds=_RETRY_SECONDS)


async def may_have_been_deleted(tx: Transaction, before: int) -> bool:
    """Tell whether bytes may be gone that were stored after the number of deletions was `before`.

    While the writing transaction `tx` lasts, none are deleted.
    """
    return before % 2 == 1 or await tx.inventory.deletions() != before
