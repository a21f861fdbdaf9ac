"""The days that tests speak of, asked when they are needed: a run may go over midnight."""

from datetime import UTC, date, datetime, timedelta


def today() -> date:
    """Return the present day of the servers, which count in UTC."""
    return datetime.now(UTC).date()


def in_days(days: int) -> str:
    """Return the day that many days from now, as GitLab's API writes it: 2026-03-04."""
    return (today() + timedelta(days=days)).isoformat()
