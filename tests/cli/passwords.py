"""Whether a password is an account's: asked of the database, so no server is needed."""

import asyncio
from pathlib import Path

from databases import run_sql
from wheelyard.passwords import Argon2Passwords


def opens_account(data: Path, username: str, password: str) -> bool:
    """Tell whether this is the password of the user."""
    [(stored,)] = run_sql(data, "SELECT password_hash FROM users WHERE username = ?", username)
    return asyncio.run(Argon2Passwords().verify(str(stored), password))
