"""Roles of users in groups and projects, as the rules need them."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Protocol

from wheelyard.domain.access import Level
from wheelyard.domain.filters import MemberFilter
from wheelyard.domain.listing import Listing, Window
from wheelyard.domain.models.members import Member, Membership
from wheelyard.domain.models.places import Namespace, Project
from wheelyard.domain.models.users import User


class Members(Protocol):
    """Roles in groups and projects."""

    async def set_role(
        self,
        target: Namespace | Project,
        user: User,
        *,
        level: Level,
        expires_at: date | None,
        at: datetime,
    ) -> Member:
        """Give `user` the role, in place of one held here before."""

    async def get(self, target: Namespace | Project, user: User) -> Member | None:
        """Return the role that `user` holds right here (inherited ones do not count)."""

    async def effective(
        self, target: Namespace | Project, user_id: int, today: date
    ) -> Member | None:
        """Return the highest role that a user holds here or above, that has not expired."""

    async def listing(
        self, target: Namespace | Project, wanted: MemberFilter, window: Window
    ) -> Listing[Member]:
        """Return the roles held right here, the oldest first."""

    async def listing_with_inherited(
        self, target: Namespace | Project, wanted: MemberFilter, window: Window, today: date
    ) -> Listing[Member]:
        """Return everybody with a role here or above, each once, with their highest role."""

    async def remove(
        self, target: Namespace | Project, user_id: int, *, with_below: bool = False
    ) -> None:
        """Take away the role that a user holds right here, or here and in everything below."""

    async def has_other_owner(self, group: Namespace, user_id: int, today: date) -> bool:
        """Tell whether somebody else, who is not blocked, owns the group, here or above."""

    async def counts_below(self, namespaces: Sequence[Namespace]) -> Mapping[int, int]:
        """Return how many users have a role in each of these namespaces, or below, by id."""

    async def memberships(
        self, user_id: int, today: date, window: Window, *, of_projects: bool | None = None
    ) -> Listing[Membership]:
        """List the roles that a user holds now: of all, of projects, or of groups only."""

    async def owned_keys(self, user_id: int) -> Sequence[str]:
        """Return the path keys of all that a user owns by a role of its own."""
