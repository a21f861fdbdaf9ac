"""Audit events: of the instance for administrators, of a group or project for its maintainers."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query

from wheelyard.domain.access import Action
from wheelyard.domain.audit import EventFilter, StoredEvent
from wheelyard.domain.errors import not_found
from wheelyard.domain.models.events import EntityType
from wheelyard.http.paging import Paging, PagingParameters
from wheelyard.http.rest.calls import AdminCall, AnyCall, Call
from wheelyard.http.rest.moments import utc
from wheelyard.http.rest.row_ids import MAX_ROW_ID, RowId
from wheelyard.http.rest.shapes.audit import AuditEventJson, audit_event_json

router = APIRouter(tags=["Audit events"])


class Period:
    """The time that the events asked for are of."""

    def __init__(
        self,
        *,
        created_after: Annotated[datetime | None, Query()] = None,
        created_before: Annotated[datetime | None, Query()] = None,
    ) -> None:
        self.after = utc(created_after)
        self.before = utc(created_before)

    def of(self, entity_type: EntityType | None, entity_id: int | None) -> EventFilter:
        """Return the filter for the events about an entity in this time."""
        return EventFilter(entity_type, entity_id, self.after, self.before)


PeriodParameters = Annotated[Period, Depends()]


@router.get("/audit_events")
async def list_audit_events(
    call: AdminCall,
    paging: PagingParameters,
    period: PeriodParameters,
    *,
    entity_type: EntityType | None = None,
    entity_id: Annotated[int | None, Query(ge=1, le=MAX_ROW_ID)] = None,
) -> list[AuditEventJson]:
    """List what was changed, by whom and from where, newest first."""
    return await _list(call, paging, period.of(entity_type, entity_id))


@router.get("/audit_events/{audit_event_id}")
async def get_audit_event(audit_event_id: RowId, call: AdminCall) -> AuditEventJson:
    """Show one event."""
    return await _get(call, audit_event_id, EventFilter())


@router.get("/projects/{id}/audit_events")
async def list_project_audit_events(
    id: str, call: AnyCall, paging: PagingParameters, period: PeriodParameters
) -> list[AuditEventJson]:
    """List what was changed about a project, newest first."""
    return await _list(call, paging, period.of(EntityType.PROJECT, await _project_id(call, id)))


@router.get("/projects/{id}/audit_events/{audit_event_id}")
async def get_project_audit_event(id: str, audit_event_id: RowId, call: AnyCall) -> AuditEventJson:
    """Show one event about a project."""
    about = EventFilter(EntityType.PROJECT, await _project_id(call, id))
    return await _get(call, audit_event_id, about)


@router.get("/groups/{id}/audit_events")
async def list_group_audit_events(
    id: str, call: AnyCall, paging: PagingParameters, period: PeriodParameters
) -> list[AuditEventJson]:
    """List what was changed about a group, newest first."""
    return await _list(call, paging, period.of(EntityType.GROUP, await _group_id(call, id)))


@router.get("/groups/{id}/audit_events/{audit_event_id}")
async def get_group_audit_event(id: str, audit_event_id: RowId, call: AnyCall) -> AuditEventJson:
    """Show one event about a group."""
    about = EventFilter(EntityType.GROUP, await _group_id(call, id))
    return await _get(call, audit_event_id, about)


async def _project_id(call: Call, id_: str) -> int:
    async with call.services.db.read() as tx:
        return (await call.project(tx, id_, Action.READ_AUDIT)).id


async def _group_id(call: Call, id_: str) -> int:
    async with call.services.db.read() as tx:
        return (await call.group(tx, id_, Action.READ_AUDIT)).id


async def _list(call: Call, paging: Paging, wanted: EventFilter) -> list[AuditEventJson]:
    async with call.services.db.read() as tx:
        listing = await tx.audit.find(wanted, paging.window)
    return paging.show(listing, audit_event_json)


async def _get(call: Call, event_id: int, about: EventFilter) -> AuditEventJson:
    async with call.services.db.read() as tx:
        stored = await tx.audit.get(event_id)
    if stored is None or not _is_about(stored, about):
        raise not_found("404 Audit Event")
    return audit_event_json(stored)


def _is_about(stored: StoredEvent, about: EventFilter) -> bool:
    event = stored.event
    return about.entity_type in {None, event.entity_type} and about.entity_id in {
        None,
        event.entity_id,
    }
