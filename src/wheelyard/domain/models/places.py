"""Where packages live: groups and users' namespaces, and the projects in them."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from wheelyard.domain.access import RegistryAccess, Target, Visibility
from wheelyard.domain.findings import Strictness
from wheelyard.domain.names import path_key


class NamespaceKind(StrEnum):
    """What a namespace belongs to."""

    USER = "user"
    GROUP = "group"


class Duplicates(StrEnum):
    """What a project does with other bytes under a file name it has already."""

    ALLOW = "allow"
    DENY = "deny"


@dataclass(frozen=True, slots=True)
class GroupChoices:
    """What a group sets for everything below it; None leaves it to what stands above.

    `locked` holds the names of the settings that nothing below may change.
    """

    packages_enabled: bool | None = None
    duplicates: Duplicates | None = None
    validation: Strictness | None = None
    locked: frozenset[str] = frozenset()

    def without(self, names: frozenset[str]) -> "GroupChoices":
        """Return the choices with those of these names left open."""
        return GroupChoices(
            None if "packages_enabled" in names else self.packages_enabled,
            None if "duplicates" in names else self.duplicates,
            None if "validation" in names else self.validation,
            self.locked,
        )


@dataclass(frozen=True, slots=True)
class ProjectChoices:
    """What a project sets for itself; None takes what its namespace hands down."""

    registry_access: RegistryAccess | None = None
    duplicates: Duplicates | None = None
    validation: Strictness | None = None


@dataclass(frozen=True, slots=True)
class Namespace:
    """A place for projects: a group (nested by its path), or a user's own.

    `merges_names`: whether the group's index shows the files of all projects with one name.
    """

    id: int
    kind: NamespaceKind
    parent_id: int | None
    path: str
    name: str
    full_path: str
    visibility: Visibility
    description: str
    created_at: datetime
    choices: GroupChoices = GroupChoices()
    merges_names: bool = False

    @property
    def key(self) -> str:
        """The path as it is compared."""
        return path_key(self.full_path)

    @property
    def target(self) -> Target:
        """What access to this namespace depends on."""
        return Target(self.visibility)


@dataclass(frozen=True, slots=True)
class Project:
    """A space for packages: one index, one set of members.

    Registry access, duplicates and validation are what holds in the end (see
    `wheelyard.domain.inheritance`), `own` is what the project chose. `validation` None takes the
    instance's strictness.
    """

    id: int
    namespace_id: int
    path: str
    name: str
    full_path: str
    visibility: Visibility
    registry_access: RegistryAccess
    duplicates: Duplicates
    validation: Strictness | None
    description: str
    creator_id: int | None
    created_at: datetime
    own: ProjectChoices = ProjectChoices()

    @property
    def key(self) -> str:
        """The path as it is compared."""
        return path_key(self.full_path)

    @property
    def target(self) -> Target:
        """What access to this project depends on."""
        return Target(self.visibility, self.registry_access)
