"""When a chore was done last, by whichever process."""

from datetime import datetime
from typing import Protocol


class Chores(Protocol):
    """Work that has to be done now and then, by one process for all."""

    async def done_at(self, chore: str) -> datetime | None:
        """Return when a chore was done last; None if never."""

    async def note_done(self, chore: str, at: datetime) -> None:
        """Note that a chore has been done."""
