"""Groups and users' namespaces, as the rules need them."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from wheelyard.domain.access import Visibility
from wheelyard.domain.filters import GroupFilter
from wheelyard.domain.listing import Listing, Window
from wheelyard.domain.models.places import GroupChoices, Namespace


class Namespaces(Protocol):
    """Groups, and the namespaces of users."""

    async def create_group(
        self,
        *,
        parent: Namespace | None,
        path: str,
        name: str,
        visibility: Visibility,
        description: str,
        at: datetime,
    ) -> Namespace:
        """Add a group. Raises Refused (conflict) when the path is taken."""

    async def get(self, namespace_id: int) -> Namespace | None:
        """Return the namespace with this id."""

    async def by_path(self, full_path: str) -> Namespace | None:
        """Return the namespace at this full path, in any case."""

    async def by_keys(self, keys: Collection[str]) -> Mapping[str, Namespace]:
        """Return the namespaces at these path keys, by key."""

    async def ancestry(self, namespace: Namespace) -> Sequence[Namespace]:
        """Return the namespace and all above it, from the top down."""

    async def subtree(self, namespace: Namespace | None) -> Sequence[Namespace]:
        """Return the namespace and all below it (None: all there are), from the top down."""

    async def groups(self, wanted: GroupFilter, window: Window) -> Listing[Namespace]:
        """Return groups, by name.

        Orders: id, name, path, created_at.
        """

    async def visibilities_below(self, namespace: Namespace) -> set[Visibility]:
        """Return which visibilities the groups and projects below a group have."""

    async def update(
        self,
        namespace_id: int,
        *,
        name: str | None = None,
        description: str | None = None,
        visibility: Visibility | None = None,
        choices: GroupChoices | None = None,
        merges_names: bool | None = None,
    ) -> Namespace:
        """Change what is not None and return the namespace."""

    async def rename(self, namespace: Namespace, path: str) -> Namespace:
        """Give a namespace, and so all below it, another address; roles and tokens go with it.

        Raises Refused (conflict) when the path is taken.
        """

    async def move(self, group: Namespace, parent: Namespace | None) -> Namespace:
        """Put a group, with all below it, into another group, or with None at the top.

        Raises Refused (conflict) when the path is taken there.
        """

    async def lower_visibility(self, namespace: Namespace, limit: Visibility) -> Sequence[str]:
        """Make nothing at and below a namespace more visible than `limit`.

        Returns the full paths of what was changed, sorted.
        """

    async def delete(self, namespace: Namespace) -> None:
        """Remove a namespace with all groups, projects, roles and tokens at and below it."""
