"""The instance's settings, as the rules need them."""

from typing import Protocol

from wheelyard.domain.settings import InstanceSettings


class Settings(Protocol):
    """The instance's settings."""

    async def load(self) -> InstanceSettings:
        """Return the settings in force."""

    async def store(self, key: str, value: bool | int | str) -> None:
        """Set one value."""

    async def claim_once(self, key: str) -> bool:
        """Return True the first time this is called with `key` on this database, else False."""
