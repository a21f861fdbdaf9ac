"""An account."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class User:
    """Somebody with an account, and the namespace of the same path."""

    id: int
    username: str
    name: str
    email: str | None
    is_admin: bool
    is_blocked: bool
    created_at: datetime
    is_bot: bool = False
