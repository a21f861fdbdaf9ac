"""Package settings that groups hand down: what holds for a project in the end.

Each of `packages_enabled`, `duplicates` and `validation` is the value of the group that locks
it, else the project's own, else the nearest group's that has one, else the instance's. Of
several groups that lock one, the outermost decides: those below it cannot change it either.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from wheelyard.domain.access import RegistryAccess
from wheelyard.domain.errors import Problem, invalid
from wheelyard.domain.findings import Strictness
from wheelyard.domain.models.places import Duplicates, GroupChoices, ProjectChoices
from wheelyard.domain.settings import InstanceSettings

INHERITED_SETTINGS = ("packages_enabled", "duplicates", "validation")
"""The names of the settings that groups hand down, and may lock."""


@dataclass(frozen=True, slots=True)
class Inherited:
    """What a namespace hands down. `validation` None leaves it to the instance."""

    packages_enabled: bool
    duplicates: Duplicates
    validation: Strictness | None
    locked: frozenset[str]
    anyone_may_pull: bool


@dataclass(frozen=True, slots=True)
class Settled:
    """What holds for a project."""

    registry_access: RegistryAccess
    duplicates: Duplicates
    validation: Strictness | None


def hand_down(groups: Iterable[GroupChoices], instance: InstanceSettings) -> Inherited:
    """Return what reaches the projects of the last of `groups`, which go from the top down."""
    inherited = Inherited(
        packages_enabled=True,
        duplicates=instance.duplicates,
        validation=None,
        locked=frozenset(),
        anyone_may_pull=instance.anyone_may_pull_allowed,
    )
    for group in groups:
        inherited = _through(inherited, group)
    return inherited


def _through(above: Inherited, group: GroupChoices) -> Inherited:
    own = group.without(above.locked)
    return Inherited(
        packages_enabled=(
            above.packages_enabled if own.packages_enabled is None else own.packages_enabled
        ),
        duplicates=own.duplicates or above.duplicates,
        validation=own.validation or above.validation,
        locked=above.locked | group.locked,
        anyone_may_pull=above.anyone_may_pull,
    )


def settle(own: ProjectChoices, inherited: Inherited) -> Settled:
    """Return what holds for a project that chose `own`, in a namespace that hands down this."""
    locked = inherited.locked
    duplicates = None if "duplicates" in locked else own.duplicates
    validation = None if "validation" in locked else own.validation
    return Settled(
        registry_access=_registry_access(own.registry_access, inherited),
        duplicates=duplicates or inherited.duplicates,
        validation=validation or inherited.validation,
    )


def _registry_access(own: RegistryAccess | None, inherited: Inherited) -> RegistryAccess:
    is_locked = "packages_enabled" in inherited.locked
    if not inherited.packages_enabled and (is_locked or own is None):
        return RegistryAccess.DISABLED
    if own is None or (is_locked and own is RegistryAccess.DISABLED):
        return RegistryAccess.ENABLED
    if own is RegistryAccess.PUBLIC and not inherited.anyone_may_pull:
        return RegistryAccess.ENABLED
    return own


def check_unlocked(names: Iterable[str], locked: frozenset[str]) -> None:
    """Refuse (invalid) to change settings of which a group above has locked some."""
    problems = [
        Problem("locked-setting", f"{name} is locked by a group above.", name)
        for name in names
        if name in locked
    ]
    if problems:
        raise invalid(*problems)


def check_choices(before: ProjectChoices, after: ProjectChoices, inherited: Inherited) -> None:
    """Refuse (invalid) a project's choice that a lock above makes void.

    Where packages are locked on, a project may still choose who reads them.
    """
    changed = [
        name
        for name in ("duplicates", "validation")
        if getattr(before, name) != getattr(after, name)
    ]
    is_off = after.registry_access is RegistryAccess.DISABLED
    if before.registry_access != after.registry_access and (
        is_off or not inherited.packages_enabled
    ):
        changed.append("packages_enabled")
    check_unlocked(changed, inherited.locked)
