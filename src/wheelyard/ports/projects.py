"""Projects, as the rules need them."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from wheelyard.domain.access import RegistryAccess, Visibility
from wheelyard.domain.filters import ProjectFilter
from wheelyard.domain.findings import Strictness
from wheelyard.domain.inheritance import Inherited, Settled
from wheelyard.domain.listing import Listing, Window
from wheelyard.domain.models.places import Duplicates, Namespace, Project, ProjectChoices


class Projects(Protocol):
    """Projects."""

    async def create(
        self,
        *,
        namespace: Namespace,
        path: str,
        name: str,
        visibility: Visibility,
        description: str,
        creator_id: int | None,
        at: datetime,
    ) -> Project:
        """Add a project. Raises Refused (conflict) when the path is taken."""

    async def get(self, project_id: int) -> Project | None:
        """Return the project with this id."""

    async def by_path(self, full_path: str) -> Project | None:
        """Return the project at this full path, in any case."""

    async def below(self, namespace_key: str) -> Sequence[Project]:
        """Return all projects of the group at this path key and of its subgroups."""

    async def listing(self, wanted: ProjectFilter, window: Window) -> Listing[Project]:
        """Return projects, the newest first.

        Orders: id, name, path, created_at, last_activity_at.
        """

    async def published_at(self, project_ids: Iterable[int]) -> Mapping[int, datetime]:
        """Return when the newest of each project's packages was published; no entry for none."""

    async def update(
        self,
        project_id: int,
        *,
        name: str | None = None,
        description: str | None = None,
        visibility: Visibility | None = None,
        registry_access: RegistryAccess | None = None,
        duplicates: Duplicates | None = None,
        validation: Strictness | None = None,
    ) -> Project:
        """Change what is not None and return the project.

        `choose` is for settings of which the project's own choice is to be remembered.
        """

    async def choose(self, project_id: int, own: ProjectChoices, settled: Settled) -> Project:
        """Note what a project chose, and what holds for it then."""

    async def resettle(self, namespace_id: int, inherited: Inherited) -> None:
        """Work out again what holds for the projects right in a namespace."""

    async def move(self, project: Project, namespace: Namespace, path: str) -> Project:
        """Give a project another address; its own roles, tokens and packages go with it.

        Raises Refused (conflict) when the path is taken.
        """

    async def delete(self, project: Project) -> None:
        """Remove a project with its packages, roles and tokens."""
