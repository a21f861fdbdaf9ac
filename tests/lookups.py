"""What a registry holds now: read past the server, to see what a page or a call has changed."""

from registry import Registry
from trails import Trail
from wheelyard.app import Machinery
from wheelyard.domain.models.callers import Caller
from wheelyard.domain.models.places import Namespace, Project


def project_now(registry: Registry, project_id: int) -> Project | None:
    """Return the project with this id."""

    async def find(machines: Machinery, _by: Caller) -> Project | None:
        async with machines.db.read() as tx:
            return await tx.projects.get(project_id)

    return registry.run(find)


def group_now(registry: Registry, group_id: int) -> Namespace | None:
    """Return the group with this id."""

    async def find(machines: Machinery, _by: Caller) -> Namespace | None:
        async with machines.db.read() as tx:
            return await tx.namespaces.get(group_id)

    return registry.run(find)


def recorded(registry: Registry, target: str) -> list[tuple[str, str]]:
    """Return the audit events about a path or name: what was done and by whom, oldest first."""

    async def read(machines: Machinery, _by: Caller) -> list[tuple[str, str]]:
        events = await Trail(machines.db).events()
        return [(event.action, event.actor) for event in events if event.target == target]

    return registry.run(read)
