"""Moments in parameters: ISO 8601, in UTC where no offset is given."""

from datetime import UTC, datetime

from wheelyard.domain.errors import Problem, invalid


def utc(moment: datetime | None) -> datetime | None:
    """Return the moment in UTC. Raises Refused (invalid) for one that UTC's calendar lacks."""
    if moment is None:
        return None
    if moment.tzinfo is None:
        return moment.replace(tzinfo=UTC)
    try:
        return moment.astimezone(UTC)
    except OverflowError as error:
        raise invalid(Problem("invalid-moment", "A moment is out of range.")) from error
