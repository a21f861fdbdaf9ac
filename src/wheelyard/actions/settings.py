"""The instance's settings: set some."""

from collections.abc import Mapping

from wheelyard.actions.auditing import record_event
from wheelyard.actions.inheritance import settle_below
from wheelyard.domain.models.callers import Caller
from wheelyard.domain.settings import InstanceSettings
from wheelyard.ports.database import Database

_HANDED_DOWN = ("duplicates", "anyone_may_pull_allowed")
"""What projects have of the instance in rows of their own."""


async def set_setting(db: Database, by: Caller, key: str, text: str) -> InstanceSettings:
    """Set `key` to what `text` says, and return all settings. Raises Refused (invalid)."""
    return await change_settings(db, by, {key: text})


async def change_settings(db: Database, by: Caller, texts: Mapping[str, str]) -> InstanceSettings:
    """Set each key to what its text says, all or none, and return all settings.

    Raises Refused (invalid).
    """
    async with db.write() as tx:
        before = await tx.settings.load()
        after = before
        for key, text in texts.items():
            after = after.with_value(key, text)
        old, new = before.as_dict(), after.as_dict()
        for key in texts:
            await tx.settings.store(key, new[key])
            await record_event(tx, by, "setting_changed", key, value=[old[key], new[key]])
        if any(old[key] != new[key] for key in _HANDED_DOWN):
            await settle_below(tx, None)
    return after
