"""Whose a package name is: the choices that were made, and the names that need one."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import delete, exists, func, insert, literal, select

from wheelyard.domain.extent import Extent
from wheelyard.domain.listing import Listing, Window
from wheelyard.domain.models.places import Namespace, Project
from wheelyard.domain.names import NormalisedName
from wheelyard.domain.ownership import Collision, ProjectRef
from wheelyard.sql.connection import Connection
from wheelyard.sql.extents import within
from wheelyard.sql.index_rows import by_ownership
from wheelyard.sql.routes import is_at_or_below, is_below
from wheelyard.sql.schema import name_owners, names, namespaces, projects
from wheelyard.sql.windows import read_window


class SqlOwnership:
    """`wheelyard.ports.Ownership` on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def collisions(self, extent: Extent, window: Window) -> Listing[Collision]:
        """List the names that several projects of the extent have published."""
        shared = _shared_names(extent)
        page = await read_window(
            self._connection,
            select(shared),
            window,
            dict,
            id_column=shared.c.id,
            orders={"name": shared.c.normalised},
            default=("name", False),
        )
        holders = await self._holders(extent, [row["normalised"] for row in page.items])
        found = [_collision(row, holders[row["normalised"]]) for row in page.items]
        return Listing(found, page.has_more, page.total)

    async def chosen(self, group_id: int | None, name: NormalisedName) -> int | None:
        """Return the id of the project that was chosen for the name."""
        project_id: int | None = await self._connection.scalar(
            select(name_owners.c.project_id).where(*_choice(group_id, name))
        )
        return project_id

    async def choose(self, group_id: int | None, name: NormalisedName, project_id: int) -> None:
        """Choose the project that the name belongs to."""
        await self.unchoose(group_id, name)
        await self._connection.execute(
            insert(name_owners).values(
                namespace_id=group_id, normalised=name, project_id=project_id
            )
        )

    async def unchoose(self, group_id: int | None, name: NormalisedName) -> None:
        """Take a choice back."""
        await self._connection.execute(delete(name_owners).where(*_choice(group_id, name)))

    async def keep_owners(self, group: Namespace, path_key: str) -> Sequence[NormalisedName]:
        """Choose the present owners of names that what is at a path key brings into a group too.

        Who publishes a name first owns it; without this, a project that published it earlier
        elsewhere would come in and own it.
        """
        incoming = select(names.c.normalised).join(projects, projects.c.id == names.c.project_id)
        chosen = select(name_owners.c.normalised).where(name_owners.c.namespace_id == group.id)
        first = (
            select(func.min(names.c.id))
            .join(projects, projects.c.id == names.c.project_id)
            .where(
                within(Extent(group.id, group.key)),
                names.c.normalised.in_(
                    incoming.where(is_at_or_below(projects.c.path_key, path_key))
                ),
                names.c.normalised.not_in(chosen),
            )
            .group_by(names.c.normalised)
        )
        owners = select(literal(group.id), names.c.normalised, names.c.project_id)
        kept = await self._connection.scalars(
            insert(name_owners)
            .from_select(
                ["namespace_id", "normalised", "project_id"], owners.where(names.c.id.in_(first))
            )
            .returning(name_owners.c.normalised)
        )
        return [NormalisedName(name) for name in sorted(kept)]

    async def forget_departed(self) -> None:
        """Take back the choice of every project that is not in the group any more."""
        is_there = (
            exists()
            .where(projects.c.id == name_owners.c.project_id)
            .where(namespaces.c.id == name_owners.c.namespace_id)
            .where(is_below(projects.c.path_key, namespaces.c.path_key))
        )
        await self._connection.execute(
            delete(name_owners).where(name_owners.c.namespace_id.is_not(None), ~is_there)
        )

    async def rivals(self, project: Project, name: NormalisedName) -> Sequence[ProjectRef]:
        """Return the other projects below the same top-level namespace that have the name."""
        top = Extent(path_key=project.key.partition("/")[0])
        rows = await self._connection.execute(
            select(projects.c.id, projects.c.full_path)
            .join(names, names.c.project_id == projects.c.id)
            .where(names.c.normalised == name, projects.c.id != project.id, within(top))
            .order_by(names.c.id)
        )
        return [ProjectRef(row.id, row.full_path) for row in rows]

    async def _holders(self, extent: Extent, which: Sequence[str]) -> dict[str, list[ProjectRef]]:
        columns = (names.c.normalised, projects.c.id, projects.c.full_path)
        rows = await self._connection.execute(
            by_ownership(select(*columns), extent).where(names.c.normalised.in_(which))
        )
        holders: dict[str, list[ProjectRef]] = {}
        for row in rows:
            holders.setdefault(row.normalised, []).append(ProjectRef(row.id, row.full_path))
        return holders


def _shared_names(extent: Extent) -> Any:
    return (
        select(names.c.normalised, func.min(names.c.id).label("id"))
        .join(projects, projects.c.id == names.c.project_id)
        .where(names.c.is_shared, within(extent))
        .group_by(names.c.normalised)
        .having(func.count() > 1)
        .subquery()
    )


def _collision(row: Any, holders: Sequence[ProjectRef]) -> Collision:
    return Collision(row["id"], NormalisedName(row["normalised"]), holders[0], holders[1:])


def _choice(group_id: int | None, name: NormalisedName) -> tuple[Any, ...]:
    return (
        name_owners.c.namespace_id.is_not_distinct_from(group_id),
        name_owners.c.normalised == name,
    )
