"""Bots: the users behind access tokens. They go with the project or group they belong to."""

from wheelyard.actions.auditing import record_event
from wheelyard.domain.models.callers import Caller
from wheelyard.domain.models.places import Namespace, Project
from wheelyard.ports.database import Transaction


async def remove_bots(tx: Transaction, by: Caller, place: Project | Namespace) -> None:
    """Delete the bots of a place, and of all below it, before it is deleted itself."""
    for bot in await tx.users.bots_of(place):
        await tx.users.free_name(bot)
        await tx.users.delete(bot)
        await record_event(tx, by, "user_deleted", bot, bot_of=place.full_path)
