"""The append-only record of changes."""

from collections.abc import AsyncIterator
from typing import Protocol

from wheelyard.domain.audit import EventFilter, StoredEvent
from wheelyard.domain.listing import Listing, Window
from wheelyard.domain.models.events import AuditEvent


class Audit(Protocol):
    """The append-only, hash-chained record of every change."""

    async def append(self, event: AuditEvent) -> None:
        """Add an event to the chain.

        From then on no other writing transaction gets as far, until this one ends.
        """

    def events(self) -> AsyncIterator[StoredEvent]:
        """Iterate over all events with their stored hashes, oldest first."""

    async def find(self, wanted: EventFilter, window: Window) -> Listing[StoredEvent]:
        """List events, by default the newest first."""

    async def get(self, event_id: int) -> StoredEvent | None:
        """Return the event with this id."""
