"""What the audit records."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

WITHOUT_EFFECT_ON_ACCESS = frozenset(
    {
        "file_published",
        "yanked",
        "unyanked",
        "status_changed",
        "file_deleted",
        "release_deleted",
        "metadata_backfilled",
        "metadata_lost",
        "file_lost",
        "file_found",
        "signed_in",
        "signed_out",
        "sign_in_failed",
        "session_ended",
    }
)
"""Actions that change nothing about what a token may read; any other is taken to."""


class EntityType(StrEnum):
    """What an audit event is about; the values are GitLab's."""

    USER = "User"
    GROUP = "Group"
    PROJECT = "Project"
    INSTANCE = "Gitlab::Audit::InstanceScope"


@dataclass(frozen=True, slots=True)
class AuditEvent:
    """Something that was changed: who, from where, what, and the values before and after.

    target: the path (or the setting's name) that the entity had then; entity_id: 1 for the
    instance. id: the database's, once it is stored.
    """

    at: datetime
    actor: str
    user_id: int | None
    token_id: int | None
    address: str
    action: str
    target: str
    details: Mapping[str, object]
    entity_type: EntityType = EntityType.INSTANCE
    entity_id: int = 1
    id: int | None = field(default=None, compare=False)
