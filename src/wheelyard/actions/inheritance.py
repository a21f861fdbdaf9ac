"""Working out again what package settings hold below a place, after something changed above."""

from wheelyard.domain.inheritance import Inherited, hand_down, settle
from wheelyard.domain.models.places import Namespace, Project, ProjectChoices
from wheelyard.domain.names import ancestor_keys
from wheelyard.ports.database import Transaction


async def inherited_by(tx: Transaction, namespace: Namespace) -> Inherited:
    """Return what a namespace hands down to its projects and subgroups."""
    line = await tx.namespaces.ancestry(namespace)
    return hand_down((above.choices for above in line), await tx.settings.load())


async def inherited_from_above(tx: Transaction, namespace: Namespace) -> Inherited:
    """Return what reaches a namespace from the groups above it."""
    line = await tx.namespaces.ancestry(namespace)
    return hand_down((above.choices for above in line[:-1]), await tx.settings.load())


async def settle_project(
    tx: Transaction, project: Project, namespace: Namespace, own: ProjectChoices
) -> Project:
    """Note what a project of this namespace chose, and what holds for it then."""
    settled = settle(own, await inherited_by(tx, namespace))
    return await tx.projects.choose(project.id, own, settled)


async def settle_below(tx: Transaction, namespace: Namespace | None) -> None:
    """Work out what holds for all projects below a namespace; None: for all there are."""
    instance = await tx.settings.load()
    above = [] if namespace is None else list(await tx.namespaces.ancestry(namespace))
    below = await tx.namespaces.subtree(namespace)
    choices = {place.key: place.choices for place in [*above, *below]}
    for place in below:
        line = [choices[key] for key in (*ancestor_keys(place.key), place.key)]
        await tx.projects.resettle(place.id, hand_down(line, instance))
