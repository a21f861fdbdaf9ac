"""Passwords: argon2id, with the library's parameters (RFC 9106's second choice).

One hash takes 64 MiB and a tenth of a second or so. Few are computed at once, in threads of their
own: many people signing in at the same moment wait for one another, and for nobody else.
"""

import asyncio
from concurrent.futures import ThreadPoolExecutor

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

AT_ONCE = 2


class Argon2Passwords:
    """`wheelyard.ports.Passwords` by argon2-cffi."""

    def __init__(self) -> None:
        self._hasher = PasswordHasher()
        self._threads = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="passwords")

    async def hash(self, password: str) -> str:
        """Return the salted hash of a password."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, self._hasher.hash, password)

    async def verify(self, password_hash: str, password: str) -> bool:
        """Tell whether the password fits, in constant time."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, self._fits, password_hash, password)

    def _fits(self, password_hash: str, password: str) -> bool:
        try:
            return self._hasher.verify(password_hash, password)
        except (VerificationError, InvalidHashError):
            return False
