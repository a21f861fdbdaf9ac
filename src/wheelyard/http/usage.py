"""Collecting what requests use: in memory, one batch at a time; writing it is left to an action.

A process that is killed loses the batch that it has not written yet: a few seconds of figures.
"""

from collections import Counter
from datetime import date, datetime

from wheelyard.domain.usage import Usage


class UsageCollector:
    """What was used since the last `take`; its memory is bounded by the tokens and files."""

    def __init__(self) -> None:
        self._tokens_used_at: dict[int, datetime] = {}
        self._files_served_at: dict[int, datetime] = {}
        self._downloads: Counter[tuple[int, date]] = Counter()
        self._sessions_used_at: dict[int, datetime] = {}

    def token_used(self, token_id: int, at: datetime) -> None:
        """Note that somebody was let in with a token."""
        self._tokens_used_at[token_id] = at

    def session_used(self, session_id: int, at: datetime) -> None:
        """Note that somebody looked at a page."""
        self._sessions_used_at[session_id] = at

    def file_served(self, file_id: int, at: datetime) -> None:
        """Note one download of a file."""
        self._files_served_at[file_id] = at
        self._downloads[file_id, at.date()] += 1

    def take(self) -> Usage:
        """Return the batch and begin a new one."""
        batch = Usage(
            self._tokens_used_at, self._files_served_at, self._downloads, self._sessions_used_at
        )
        self._tokens_used_at, self._files_served_at, self._downloads = {}, {}, Counter()
        self._sessions_used_at = {}
        return batch

    def put_back(self, batch: Usage) -> None:
        """Add a batch that could not be written to the present one."""
        self._tokens_used_at = {**batch.tokens_used_at, **self._tokens_used_at}
        self._files_served_at = {**batch.files_served_at, **self._files_served_at}
        self._downloads.update(batch.downloads)
        self._sessions_used_at = {**batch.sessions_used_at, **self._sessions_used_at}
