"""The audit event that every change leaves behind, written in the change's own transaction."""

from wheelyard.domain.audit import ChainCheck
from wheelyard.domain.models.callers import Caller
from wheelyard.domain.models.events import AuditEvent, EntityType
from wheelyard.domain.models.places import Namespace, NamespaceKind, Project
from wheelyard.domain.models.users import User
from wheelyard.ports.database import Database, Transaction

Entity = Project | Namespace | User | str
"""What an event is about; text names something of the instance itself, such as a setting."""

_INSTANCE_ID = 1


async def record_event(
    tx: Transaction, by: Caller, action: str, about: Entity, **details: object
) -> None:
    """Append what `by` did (`action`, in the past tense) to `about`."""
    entity_type, entity_id, target = _identify(about)
    await tx.audit.append(
        AuditEvent(
            at=by.at,
            actor=by.actor.username,
            user_id=by.actor.user_id,
            token_id=by.actor.token_id,
            address=by.address,
            action=action,
            target=target,
            details=details,
            entity_type=entity_type,
            entity_id=entity_id,
        )
    )


async def verify_chain(db: Database, noted: str | None = None) -> ChainCheck:
    """Compute every hash of the audit chain again, one event at a time.

    noted: the `last_hash` of an earlier check, to look for.
    """
    check = ChainCheck(noted)
    async with db.read() as tx:
        async for stored in tx.audit.events():
            check.add(stored)
    return check


def _identify(about: Entity) -> tuple[EntityType, int, str]:
    if isinstance(about, Project):
        return EntityType.PROJECT, about.id, about.full_path
    if isinstance(about, User):
        return EntityType.USER, about.id, about.username
    if isinstance(about, Namespace) and about.kind is NamespaceKind.GROUP:
        return EntityType.GROUP, about.id, about.full_path
    target = about if isinstance(about, str) else about.full_path
    return EntityType.INSTANCE, _INSTANCE_ID, target
