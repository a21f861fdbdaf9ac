"""Full paths: the group or project that one names, and whether one may be."""

from wheelyard.domain.errors import not_found
from wheelyard.domain.models.places import Namespace, NamespaceKind, Project
from wheelyard.domain.names import check_full_path, check_group_path
from wheelyard.ports.database import Transaction


async def require_project(tx: Transaction, full_path: str) -> Project:
    """Return the project at `full_path`. Raises Refused (not found)."""
    project = await tx.projects.by_path(full_path)
    if project is None:
        raise not_found(f"404 Project '{full_path[:200]}'")
    return project


async def require_namespace(tx: Transaction, full_path: str) -> Namespace:
    """Return the group or user's namespace at `full_path`. Raises Refused (not found)."""
    namespace = await tx.namespaces.by_path(full_path)
    if namespace is None:
        raise not_found(f"404 Namespace '{full_path[:200]}'")
    return namespace


async def require_group_or_project(tx: Transaction, full_path: str) -> Namespace | Project:
    """Return the group or project at `full_path`: they share one space of addresses.

    Raises Refused (not found), also for a user's namespace, which has no members of its own.
    """
    namespace = await tx.namespaces.by_path(full_path)
    if namespace is not None and namespace.kind is NamespaceKind.GROUP:
        return namespace
    return await require_project(tx, full_path)


async def check_fits(tx: Transaction, group: Namespace, full_path: str) -> None:
    """Refuse (invalid) an address at which a group, or what is in it, is too long or too deep."""
    for below in await tx.namespaces.subtree(group):
        check_group_path(full_path + below.full_path[len(group.full_path) :])
    for project in await tx.projects.below(group.key):
        check_full_path(full_path + project.full_path[len(group.full_path) :])
