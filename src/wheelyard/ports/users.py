"""Accounts, as the rules need them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from wheelyard.domain.filters import UserFilter
from wheelyard.domain.listing import Listing, Window
from wheelyard.domain.models.members import Grant
from wheelyard.domain.models.places import Namespace, Project
from wheelyard.domain.models.users import User


class Users(Protocol):
    """Accounts."""

    async def create(
        self,
        *,
        username: str,
        name: str,
        email: str | None,
        password_hash: str | None,
        is_admin: bool,
        at: datetime,
    ) -> User:
        """Add an account and its namespace. Raises Refused (conflict) when the path is taken."""

    async def create_bot(self, *, username: str, name: str, at: datetime) -> User:
        """Add the user behind an access token, without a namespace.

        Raises Refused (conflict) when the path is taken.
        """

    async def get(self, user_id: int) -> User | None:
        """Return the account with this id."""

    async def by_username(self, username: str) -> User | None:
        """Return the account with this name, in any case."""

    async def by_email(self, email: str) -> User | None:
        """Return an account with this e-mail address, in any case."""

    async def password_hash(self, user_id: int) -> str | None:
        """Return the hash of an account's password; None when it has none."""

    async def count(self) -> int:
        """Return how many accounts there are."""

    async def admin_count(self) -> int:
        """Return how many administrators there are who are not blocked."""

    async def listing(self, wanted: UserFilter, window: Window) -> Listing[User]:
        """Return accounts, the newest first.

        Orders: id, name, username, created_at.
        """

    async def update(
        self,
        user_id: int,
        *,
        name: str | None = None,
        email: str | None = None,
        password_hash: str | None = None,
        is_admin: bool | None = None,
        is_blocked: bool | None = None,
    ) -> User:
        """Change what is not None and return the account."""

    async def rename(self, user: User, username: str) -> User:
        """Give a user another name; the addresses of the user's projects change with it.

        Raises Refused (conflict) when the path is taken.
        """

    async def delete(self, user: User) -> None:
        """Remove an account with its roles and tokens; its namespace is removed before."""

    async def bots_of(self, place: Namespace | Project) -> Sequence[User]:
        """Return the users behind the access tokens of a place and of all below it."""

    async def free_name(self, user: User) -> None:
        """Give back the address of a user who has no namespace: a bot."""

    async def grants(self, user: User) -> tuple[Grant, ...]:
        """Return every role that `user` has: own namespace, groups and projects."""
