"""The JSON of audit events."""

from typing import Any

from typing_extensions import TypedDict

from wheelyard.domain.audit import StoredEvent
from wheelyard.http.rest.shapes.moments import Moment

_SYSTEM_AUTHOR_ID = -1
"""GitLab's `author_id` of what no user did."""


class AuditEventJson(TypedDict):
    """An event: who changed what, when and from where, and the values before and after."""

    id: int | None
    author_id: int
    entity_id: int
    entity_type: str
    event_name: str
    details: dict[str, Any]
    created_at: Moment
    token_id: int | None
    hash: str


def audit_event_json(stored: StoredEvent) -> AuditEventJson:
    """Show an event as GitLab does; `hash`, `token_id` and the change itself are ours.

    The moment is the whole one, to the microsecond: the hash covers it.
    """
    event = stored.event
    return {
        "id": event.id,
        "author_id": _SYSTEM_AUTHOR_ID if event.user_id is None else event.user_id,
        "entity_id": event.entity_id,
        "entity_type": event.entity_type.value,
        "event_name": event.action,
        "details": {
            **event.details,
            "author_name": event.actor or None,
            "ip_address": event.address,
            "entity_path": event.target,
            "target_id": event.entity_id,
            "target_type": event.entity_type.value,
            "target_details": event.target,
            "event_name": event.action,
        },
        "created_at": event.at.isoformat(),
        "token_id": event.token_id,
        "hash": stored.hash,
    }
