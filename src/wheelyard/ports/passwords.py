"""The slow hash of passwords."""

from typing import Protocol


class Passwords(Protocol):
    """The slow hash for secrets that people choose."""

    async def hash(self, password: str) -> str:
        """Return the salted hash of a password: slow by design, but in the way of nobody else."""

    async def verify(self, password_hash: str, password: str) -> bool:
        """Tell whether the password fits, in constant time."""
