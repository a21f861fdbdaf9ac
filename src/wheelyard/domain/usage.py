"""What is noted about reads: when a token was last used, and how often a file was served.

It comes in batches: a read never waits for a write.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class Usage:
    """A batch of uses.

    tokens_used_at: the latest use of each token, by its id.
    files_served_at: the latest download of each file, by its id.
    downloads: how often each file was served on a day (UTC).
    sessions_used_at: the latest use of each browser's session, by its id.
    """

    tokens_used_at: Mapping[int, datetime]
    files_served_at: Mapping[int, datetime]
    downloads: Mapping[tuple[int, date], int]
    sessions_used_at: Mapping[int, datetime] = field(default_factory=dict)

    @property
    def is_empty(self) -> bool:
        """Whether nothing happened."""
        return not (self.tokens_used_at or self.downloads or self.sessions_used_at)
