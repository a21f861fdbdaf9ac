"""The audit chain: each event's hash covers its content and the hash of the event before it.

Changing, removing or reordering a stored event breaks every hash after it, so one pass over
the table proves that the history is whole. (What was cut off at the end shows only to whoever
noted a later hash.)
"""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from wheelyard.domain.models.events import AuditEvent, EntityType

GENESIS_HASH = "0" * 64
"""What the first event has as its predecessor."""


def chain_hash(previous_hash: str, event: AuditEvent) -> str:
    """Return the SHA-256 (hex) that chains `event` to the event with `previous_hash`."""
    content = json.dumps(
        [
            previous_hash,
            event.at.isoformat(timespec="microseconds"),
            event.actor,
            event.user_id,
            event.token_id,
            event.address,
            event.action,
            event.entity_type,
            event.entity_id,
            event.target,
            event.details,
        ],
        sort_keys=True,
        separators=(",", ":"),
    )
    return hashlib.sha256(content.encode()).hexdigest()


class StoredEvent(NamedTuple):
    """An event as the database has it."""

    event: AuditEvent
    hash: str

    @property
    def id(self) -> int | None:
        """The database's id."""
        return self.event.id


@dataclass(frozen=True, slots=True)
class EventFilter:
    """Which events are asked for; None is any.

    `after` and `before` are moments in UTC, the bounds belong to it.
    """

    entity_type: EntityType | None = None
    entity_id: int | None = None
    after: datetime | None = None
    before: datetime | None = None


@dataclass(slots=True)
class ChainCheck:
    """One pass over the chain, event by event, oldest first.

    noted: a `last_hash` that somebody kept; without its event the chain was cut off since.
    first_broken_id: the first event whose hash does not follow from what comes before it.
    """

    noted: str | None = None
    is_noted_there: bool = False
    events: int = 0
    last_hash: str = GENESIS_HASH
    first_broken_id: int | None = None

    @property
    def is_whole(self) -> bool:
        """Whether every event so far was as it was written."""
        return self.first_broken_id is None

    @property
    def is_cut_off(self) -> bool:
        """Whether the event is missing whose hash was noted: it was there, and so was its past."""
        return self.noted is not None and not self.is_noted_there

    def add(self, stored: StoredEvent) -> None:
        """Take in the next event."""
        self.events += 1
        if self.is_whole and stored.hash != chain_hash(self.last_hash, stored.event):
            self.first_broken_id = stored.id
        self.is_noted_there |= stored.hash == self.noted
        self.last_hash = stored.hash
