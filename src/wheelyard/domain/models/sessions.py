"""A browser that somebody is signed in with."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Session:
    """One sign-in, until it ends (its secret is known only as a digest).

    expires_at: the latest end, however much it is used. address and user_agent: where the
    sign-in came from, as its owner recognises it.
    """

    id: int
    user_id: int
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime
    address: str
    user_agent: str
