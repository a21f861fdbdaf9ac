"""Ownership of names: which project of a group, or of the instance, a package name belongs to."""

from wheelyard.actions.auditing import record_event
from wheelyard.domain.errors import not_found
from wheelyard.domain.extent import INSTANCE, Extent
from wheelyard.domain.models.callers import Caller
from wheelyard.domain.models.places import Namespace
from wheelyard.domain.names import NormalisedName
from wheelyard.domain.ownership import ProjectRef
from wheelyard.ports.database import Database, Transaction


async def move_name(
    db: Database, by: Caller, group: Namespace | None, name: NormalisedName, project_id: int
) -> ProjectRef:
    """Give a name to a project of the group, or with None of the instance.

    Raises Refused (not found) for a project elsewhere, or one that has not published the name.
    """
    extent = extent_of(group)
    async with db.write() as tx:
        before = await _owner_id(tx, extent, name)
        if not await _has_published(tx, extent, name, project_id):
            raise not_found("404 Package")
        await tx.ownership.choose(extent.group_id, name, project_id)
        await _record(tx, by, group, name, [before, project_id])
        project = await tx.projects.get(project_id)
    if project is None:
        raise not_found("404 Project")
    return ProjectRef(project.id, project.full_path)


async def return_name(
    db: Database, by: Caller, group: Namespace | None, name: NormalisedName
) -> None:
    """Take the choice of an owner back: the first to publish the name owns it again.

    Raises Refused (not found) when there was no choice.
    """
    extent = extent_of(group)
    async with db.write() as tx:
        before = await tx.ownership.chosen(extent.group_id, name)
        if before is None:
            raise not_found("404 Package")
        await tx.ownership.unchoose(extent.group_id, name)
        await _record(tx, by, group, name, [before, await _owner_id(tx, extent, name)])


def extent_of(group: Namespace | None) -> Extent:
    """Return the projects of the group and its subgroups, or with None of the instance."""
    return INSTANCE if group is None else Extent(group.id, group.key)


async def _owner_id(tx: Transaction, extent: Extent, name: NormalisedName) -> int | None:
    holders = await tx.packages.holders(extent, name, 1)
    return holders[0].project_id if holders else None


async def _has_published(
    tx: Transaction, extent: Extent, name: NormalisedName, project_id: int
) -> bool:
    holders = await tx.packages.holders(extent, name)
    return any(holder.project_id == project_id for holder in holders)


async def _record(
    tx: Transaction,
    by: Caller,
    group: Namespace | None,
    name: NormalisedName,
    project_ids: list[int | None],
) -> None:
    about = "package names" if group is None else group
    await record_event(tx, by, "name_owner_changed", about, name=name, project_id=project_ids)
