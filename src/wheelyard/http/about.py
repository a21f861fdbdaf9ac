"""What the server knows of itself: for the administrators' page, said when it is put together."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class About:
    """What this process runs on. started_at: when it began to serve.

    database, store: what holds rows and bytes, in words; no addresses, which may hold secrets.
    """

    started_at: datetime
    database: str
    store: str
