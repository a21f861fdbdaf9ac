"""Who asks: the actor behind a request and where it comes from."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from wheelyard.domain.access import Level, Scope
from wheelyard.domain.models.members import Grant
from wheelyard.domain.names import covers


@dataclass(frozen=True, slots=True)
class Actor:
    """Who is asking: nobody known, a user, or a deploy token."""

    user_id: int | None = None
    username: str = ""
    is_admin: bool = False
    token_id: int | None = None
    scopes: frozenset[Scope] | None = None
    grants: tuple[Grant, ...] = ()
    is_bot: bool = False

    @property
    def is_anonymous(self) -> bool:
        """Whether nothing is known about the caller."""
        return not self.username

    @property
    def is_operator(self) -> bool:
        """Whether it is whoever runs the command line: an administrator without an account."""
        return self.is_admin and self.user_id is None

    def level_at(self, key: str, today: date) -> Level:
        """Return what the actor is to the project or group at path key `key`."""
        if self.is_admin:
            return Level.OWNER
        start = Level.SIGNED_IN if self.user_id is not None else Level.ANYONE
        return max(
            (
                grant.level
                for grant in self.grants
                if covers(grant.path_key, key)
                and (grant.expires_at is None or today < grant.expires_at)
            ),
            default=start,
        )

    def role_at(self, keys: Collection[str], today: date) -> Level | None:
        """Return the highest role held right at one of these path keys; being an admin is none."""
        return max(
            (
                grant.level
                for grant in self.grants
                if grant.path_key in keys and (grant.expires_at is None or today < grant.expires_at)
            ),
            default=None,
        )

    def reaches_below(self, key: str, today: date) -> bool:
        """Tell whether the actor has a role somewhere below the group at path key `key`."""
        return self.user_id is not None and any(
            grant.path_key.startswith(key + "/")
            and (grant.expires_at is None or today < grant.expires_at)
            for grant in self.grants
        )


ANONYMOUS = Actor()


@dataclass(frozen=True, slots=True)
class Caller:
    """An actor at a moment, from an address: what every action takes, and every audit event says.

    `address` is an IP address, or the name of the local way in ("cli").
    """

    actor: Actor
    at: datetime
    address: str
