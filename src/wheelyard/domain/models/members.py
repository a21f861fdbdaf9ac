"""Roles of users in groups and projects."""

from dataclasses import dataclass
from datetime import date, datetime

from wheelyard.domain.access import Level


@dataclass(frozen=True, slots=True)
class Grant:
    """A role at a path: it holds for everything below the path, until it expires."""

    path_key: str
    level: Level
    expires_at: date | None = None


@dataclass(frozen=True, slots=True)
class Member:
    """A user's role in one group or project."""

    id: int
    user_id: int
    username: str
    name: str
    is_blocked: bool
    full_path: str
    level: Level
    expires_at: date | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Membership:
    """A role of a user's own, and the group or project that it is in. `id` is the role's."""

    id: int
    place_id: int
    place_name: str
    is_project: bool
    level: Level
