"""Moments and days as GitLab writes them: ISO 8601 in UTC, and moments to the millisecond."""

from datetime import UTC, date, datetime
from typing import Annotated

from pydantic import Field

Moment = Annotated[str, Field(json_schema_extra={"format": "date-time"})]
"""`2012-05-23T08:00:58.000Z`."""

Day = Annotated[str, Field(json_schema_extra={"format": "date"})]
"""`2012-05-23`."""


def moment(at: datetime) -> str:
    """Return `2012-05-23T08:00:58.000Z`."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"


def moment_or_none(at: datetime | None) -> str | None:
    """Return `2012-05-23T08:00:58.000Z`, or None for what has not happened."""
    return None if at is None else moment(at)


def day_or_none(day: date | None) -> str | None:
    """Return `2012-05-23`, or None for no end."""
    return None if day is None else day.isoformat()
