"""What a listing of users, groups, projects or members is narrowed to."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Generic, TypeVar

from wheelyard.domain.access import Level, RegistryAccess, Target, Visibility
from wheelyard.domain.models.callers import Actor
from wheelyard.domain.reach import Reach

_ALL_TARGETS = frozenset(
    Target(visibility, access) for visibility in Visibility for access in RegistryAccess
)
EVERYWHERE = Reach(_ALL_TARGETS)

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Span(Generic[T]):
    """Values greater than `after` and less than `before`, where these are given."""

    after: T | None = None
    before: T | None = None


@dataclass(frozen=True, slots=True)
class ProjectFilter:
    """Which projects: those in all of these, and within reach of `readable` first of all.

    within: another reach that they must be in, such as `membership` builds.
    active: when the newest package was published, or else the project made.
    is_none: whether something is asked for that no project here is.
    """

    readable: Reach
    within: Reach = EVERYWHERE
    search: str | None = None
    searches_namespaces: bool = False
    visibility: Visibility | None = None
    namespace_id: int | None = None
    below_key: str | None = None
    ids: Span[int] = Span()
    active: Span[datetime] = Span()
    is_none: bool = False


@dataclass(frozen=True, slots=True)
class Places:
    """Paths at which somebody has a role; `shows` are visibilities that need none."""

    path_keys: tuple[str, ...]
    shows: tuple[Visibility, ...] = ()


@dataclass(frozen=True, slots=True)
class GroupFilter:
    """Which groups, and other namespaces if need be.

    places: only groups at or below these paths, or above one of them where `includes_above`
        (whoever is a member of something in a group sees the group); None: all groups.
    search: a part of the name or path; with `searches_full_paths` of the whole path as well.
    includes_users: whether users' own namespaces count as well.
    """

    places: Places | None
    includes_above: bool = True
    search: str | None = None
    searches_full_paths: bool = False
    includes_users: bool = False
    visibility: Visibility | None = None
    parent_id: int | None = None
    below_key: str | None = None
    top_level_only: bool = False
    skipped_ids: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class UserFilter:
    """Which users. `search` finds part of a name; an e-mail address too, or whole only.

    is_none: whether something is asked for that no user here is.
    """

    search: str | None = None
    searches_emails: bool = False
    username: str | None = None
    is_blocked: bool | None = None
    is_bot: bool | None = None
    is_admin: bool | None = None
    created_from: datetime | None = None
    created_until: datetime | None = None
    is_none: bool = False


@dataclass(frozen=True, slots=True)
class MemberFilter:
    """Which members of a place."""

    query: str | None = None
    user_ids: tuple[int, ...] = ()
    skipped_user_ids: tuple[int, ...] = ()


def membership(actor: Actor, today: date, least: Level = Level.GUEST) -> Reach:
    """Return the projects in which `actor` has at least this role; being an admin is none."""
    keys = roles_of(actor, today, least)
    return Reach(frozenset(), tuple((key, _ALL_TARGETS) for key in keys))


def roles_of(actor: Actor, today: date, least: Level = Level.GUEST) -> tuple[str, ...]:
    """Return the path keys at which `actor` has at least this role."""
    return tuple(
        grant.path_key
        for grant in actor.grants
        if grant.level >= least and (grant.expires_at is None or today < grant.expires_at)
    )


def visible_places(actor: Actor, today: date) -> Places | None:
    """Return where the groups are that `actor` may see; None: everywhere."""
    if actor.is_admin:
        return None
    if actor.user_id is None:
        return Places(roles_of(actor, today), (Visibility.PUBLIC,))
    return Places(roles_of(actor, today), (Visibility.PUBLIC, Visibility.INTERNAL))
