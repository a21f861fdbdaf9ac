"""The audit trail as tests look at it: what was recorded, by whom, when and from where."""

from collections.abc import Sequence
from dataclasses import dataclass

from wheelyard.domain.models.callers import Caller
from wheelyard.domain.models.events import AuditEvent
from wheelyard.ports.database import Database


@dataclass(frozen=True)
class Trail:
    """The audit events of a database."""

    db: Database

    async def events(self) -> Sequence[AuditEvent]:
        """Return all events, the oldest first."""
        async with self.db.read() as tx:
            return [event async for event, _ in tx.audit.events()]

    async def last(self, by: Caller) -> tuple[str, str, dict[str, object]]:
        """Return action, target and details of the newest one, which is `by`'s."""
        event = (await self.events())[-1]
        assert (event.actor, event.at, event.address) == (by.actor.username, by.at, by.address)
        return event.action, event.target, dict(event.details)
