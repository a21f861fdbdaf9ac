"""Whose a package name is in a group or in the instance."""

from collections.abc import Sequence
from typing import Protocol

from wheelyard.domain.extent import Extent
from wheelyard.domain.listing import Listing, Window
from wheelyard.domain.models.places import Namespace, Project
from wheelyard.domain.names import NormalisedName
from wheelyard.domain.ownership import Collision, ProjectRef


class Ownership(Protocol):
    """Whose a package name is in the index of a group (or, with None, of the instance)."""

    async def collisions(self, extent: Extent, window: Window) -> Listing[Collision]:
        """List the names that several projects of the extent have published."""

    async def chosen(self, group_id: int | None, name: NormalisedName) -> int | None:
        """Return the id of the project that was chosen for the name."""

    async def choose(self, group_id: int | None, name: NormalisedName, project_id: int) -> None:
        """Choose the project that the name belongs to."""

    async def unchoose(self, group_id: int | None, name: NormalisedName) -> None:
        """Take a choice back: the name belongs to the first that published it again."""

    async def keep_owners(self, group: Namespace, path_key: str) -> Sequence[NormalisedName]:
        """Choose the present owners of names that what is at a path key brings into a group too.

        Before it comes in. Returns the names, sorted.
        """

    async def forget_departed(self) -> None:
        """Take back the choice of every project that is not in the group any more."""

    async def rivals(self, project: Project, name: NormalisedName) -> Sequence[ProjectRef]:
        """Return the other projects below the same top-level namespace that have the name."""
