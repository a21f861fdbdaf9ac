"""The append-only, hash-chained record of changes."""

from collections.abc import AsyncIterator
from typing import Any

from sqlalchemy import insert, select

from wheelyard.domain.audit import GENESIS_HASH, EventFilter, StoredEvent, chain_hash
from wheelyard.domain.listing import Listing, Window
from wheelyard.domain.models.events import (
    WITHOUT_EFFECT_ON_ACCESS,
    AuditEvent,
    EntityType,
)
from wheelyard.sql.connection import Connection
from wheelyard.sql.prepared import prepared
from wheelyard.sql.schema import audit_events
from wheelyard.sql.serial import next_serial, note_access_change
from wheelyard.sql.windows import read_window

_LAST_HASH = prepared(select(audit_events.c.hash).order_by(audit_events.c.id.desc()).limit(1))
_APPEND = prepared(insert(audit_events))


class SqlAudit:
    """`wheelyard.ports.Audit` on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def append(self, event: AuditEvent) -> None:
        """Add an event to the chain.

        Bumping the serial first makes two writers queue up, so the chain cannot fork.
        """
        await next_serial(self._connection)
        if event.action not in WITHOUT_EFFECT_ON_ACCESS:
            await note_access_change(self._connection)
        last = (await self._connection.execute(_LAST_HASH)).scalar()
        await self._connection.execute(
            _APPEND,
            {
                "at": event.at,
                "actor": event.actor,
                "user_id": event.user_id,
                "token_id": event.token_id,
                "address": event.address,
                "action": event.action,
                "entity_type": event.entity_type,
                "entity_id": event.entity_id,
                "target": event.target,
                "details": dict(event.details),
                "hash": chain_hash(last or GENESIS_HASH, event),
            },
        )

    async def events(self) -> AsyncIterator[StoredEvent]:
        """Iterate over all events with their stored hashes, oldest first."""
        everything = select(audit_events).order_by(audit_events.c.id)
        async for row in self._connection.stream(everything):
            yield _stored(row._mapping)  # noqa: SLF001  SQLAlchemy's public name for it

    async def find(self, wanted: EventFilter, window: Window) -> Listing[StoredEvent]:
        """List events, by default the newest first."""
        return await read_window(
            self._connection,
            select(audit_events).where(*_conditions(wanted)),
            window,
            _stored,
            id_column=audit_events.c.id,
            orders={"created_at": audit_events.c.id},
            default=("created_at", True),
        )

    async def get(self, event_id: int) -> StoredEvent | None:
        """Return the event with this id."""
        result = await self._connection.execute(
            select(audit_events).where(audit_events.c.id == event_id)
        )
        row = result.mappings().one_or_none()
        return None if row is None else _stored(row)


def _conditions(wanted: EventFilter) -> list[Any]:
    columns = audit_events.c
    asked = {
        columns.entity_type: wanted.entity_type,
        columns.entity_id: wanted.entity_id,
    }
    conditions: list[Any] = [
        column == value for column, value in asked.items() if value is not None
    ]
    if wanted.after is not None:
        conditions.append(columns.at >= wanted.after)
    if wanted.before is not None:
        conditions.append(columns.at <= wanted.before)
    return conditions


def _stored(row: Any) -> StoredEvent:
    values = {key: value for key, value in row.items() if key != "hash"}
    event = AuditEvent(**{**values, "entity_type": EntityType(row["entity_type"])})
    return StoredEvent(event, row["hash"])
