"""Who may do what: the one permission table, and the one function that reads it.

Sources: GitLab's permission and package registry documentation ("Package registry visibility
permissions", "Deploy tokens"), and the order in which its PyPI endpoints answer 401, 403 and 404.
"""

from collections.abc import Mapping
from enum import IntEnum, StrEnum
from types import MappingProxyType
from typing import NamedTuple


class Level(IntEnum):
    """How much somebody is to a project or group; the roles have GitLab's numbers."""

    ANYONE = 0
    SIGNED_IN = 1
    GUEST = 10
    PLANNER = 15
    REPORTER = 20
    DEVELOPER = 30
    MAINTAINER = 40
    OWNER = 50


ROLES: Mapping[str, Level] = MappingProxyType(
    {level.name.lower(): level for level in Level if level >= Level.GUEST}
)


class Visibility(StrEnum):
    """Who may see a project or group at all."""

    PRIVATE = "private"
    INTERNAL = "internal"
    PUBLIC = "public"


class RegistryAccess(StrEnum):
    """GitLab's `package_registry_access_level` of a project."""

    DISABLED = "disabled"  # packages are switched off
    PRIVATE = "private"  # members only, whatever the project's visibility
    ENABLED = "enabled"  # everyone who can read the project
    PUBLIC = "public"  # "anyone may pull"


class Scope(StrEnum):
    """What a token may be used for."""

    API = "api"
    READ_API = "read_api"
    READ_USER = "read_user"
    SELF_ROTATE = "self_rotate"
    READ_PACKAGE_REGISTRY = "read_package_registry"
    WRITE_PACKAGE_REGISTRY = "write_package_registry"
    # GitLab's scopes for things a package registry does not have: accepted, and they grant nothing.
    READ_REPOSITORY = "read_repository"
    WRITE_REPOSITORY = "write_repository"
    READ_REGISTRY = "read_registry"
    WRITE_REGISTRY = "write_registry"
    READ_VIRTUAL_REGISTRY = "read_virtual_registry"
    WRITE_VIRTUAL_REGISTRY = "write_virtual_registry"


WITHOUT_EFFECT = frozenset(
    {Scope.READ_REPOSITORY, Scope.WRITE_REPOSITORY}
    | {Scope.READ_REGISTRY, Scope.WRITE_REGISTRY}
    | {Scope.READ_VIRTUAL_REGISTRY, Scope.WRITE_VIRTUAL_REGISTRY}
)
"""Scopes that a script which comes from GitLab may ask for, and that grant nothing."""

PERSONAL_SCOPES = (
    frozenset({Scope.API, Scope.READ_API, Scope.READ_USER, Scope.SELF_ROTATE}) | WITHOUT_EFFECT
)
SELF_SERVICE_SCOPES = frozenset({Scope.SELF_ROTATE})
"""What a token may ask for when a user makes it with another token: a stolen one makes no more."""

DEPLOY_SCOPES = frozenset({Scope.READ_PACKAGE_REGISTRY, Scope.WRITE_PACKAGE_REGISTRY}) | (
    WITHOUT_EFFECT - {Scope.WRITE_REPOSITORY}
)


class Action(StrEnum):
    """Everything that is allowed or refused about a project or group."""

    READ_PROJECT = "read_project"
    READ_PACKAGE = "read_package"
    CREATE_PACKAGE = "create_package"
    DESTROY_PACKAGE = "destroy_package"
    READ_PACKAGE_ADMIN = "read_package_admin"
    ADMIN_PACKAGE = "admin_package"
    READ_MEMBER = "read_member"
    ADMIN_MEMBER = "admin_member"
    ADMIN_GROUP_MEMBER = "admin_group_member"
    READ_DEPLOY_TOKEN = "read_deploy_token"  # noqa: S105  the name of an action
    ADMIN_DEPLOY_TOKEN = "admin_deploy_token"  # noqa: S105  the name of an action
    ADMIN_GROUP_DEPLOY_TOKEN = "admin_group_deploy_token"  # noqa: S105  the name of an action
    READ_ACCESS_TOKEN = "read_access_token"  # noqa: S105  the name of an action
    READ_GROUP_ACCESS_TOKEN = "read_group_access_token"  # noqa: S105  the name of an action
    ADMIN_ACCESS_TOKEN = "admin_access_token"  # noqa: S105  the name of an action
    ADMIN_GROUP_ACCESS_TOKEN = "admin_group_access_token"  # noqa: S105  the name of an action
    ADMIN_PROJECT = "admin_project"
    CHANGE_VISIBILITY = "change_visibility"
    REMOVE_PROJECT = "remove_project"
    READ_AUDIT = "read_audit"
    READ_GROUP = "read_group"
    CREATE_PROJECT = "create_project"
    RECEIVE_PROJECT = "receive_project"
    CREATE_SUBGROUP = "create_subgroup"
    ADMIN_GROUP = "admin_group"


class Rule(NamedTuple):
    """The least level an action needs, for each visibility of its project or group."""

    public: Level
    internal: Level
    private: Level


def _at_least(role: Level) -> Rule:
    return Rule(role, role, role)


RULES: Mapping[Action, Rule] = MappingProxyType(
    {
        #                                   public            internal          private
        Action.READ_PROJECT: Rule(Level.ANYONE, Level.SIGNED_IN, Level.GUEST),
        Action.READ_PACKAGE: Rule(Level.ANYONE, Level.SIGNED_IN, Level.GUEST),
        Action.READ_GROUP: Rule(Level.ANYONE, Level.SIGNED_IN, Level.GUEST),
        Action.READ_MEMBER: Rule(Level.SIGNED_IN, Level.SIGNED_IN, Level.GUEST),
        Action.CREATE_PACKAGE: _at_least(Level.DEVELOPER),
        Action.DESTROY_PACKAGE: _at_least(Level.MAINTAINER),
        Action.READ_PACKAGE_ADMIN: _at_least(Level.MAINTAINER),
        Action.ADMIN_PACKAGE: _at_least(Level.MAINTAINER),
        Action.ADMIN_MEMBER: _at_least(Level.MAINTAINER),
        Action.ADMIN_GROUP_MEMBER: _at_least(Level.OWNER),
        Action.READ_DEPLOY_TOKEN: _at_least(Level.MAINTAINER),
        Action.ADMIN_DEPLOY_TOKEN: _at_least(Level.MAINTAINER),
        Action.ADMIN_GROUP_DEPLOY_TOKEN: _at_least(Level.OWNER),
        Action.READ_ACCESS_TOKEN: _at_least(Level.MAINTAINER),
        Action.READ_GROUP_ACCESS_TOKEN: _at_least(Level.OWNER),
        Action.ADMIN_ACCESS_TOKEN: _at_least(Level.MAINTAINER),
        Action.ADMIN_GROUP_ACCESS_TOKEN: _at_least(Level.OWNER),
        Action.ADMIN_PROJECT: _at_least(Level.MAINTAINER),
        Action.READ_AUDIT: _at_least(Level.MAINTAINER),
        Action.CHANGE_VISIBILITY: _at_least(Level.OWNER),
        Action.REMOVE_PROJECT: _at_least(Level.OWNER),
        Action.CREATE_PROJECT: _at_least(Level.DEVELOPER),
        Action.RECEIVE_PROJECT: _at_least(Level.MAINTAINER),
        Action.CREATE_SUBGROUP: _at_least(Level.MAINTAINER),
        Action.ADMIN_GROUP: _at_least(Level.OWNER),
    }
)

_READ_SCOPES = frozenset(
    {Scope.API, Scope.READ_API, Scope.READ_PACKAGE_REGISTRY, Scope.WRITE_PACKAGE_REGISTRY}
)

SCOPES: Mapping[Action, frozenset[Scope]] = MappingProxyType(
    {
        Action.READ_PROJECT: frozenset({Scope.API, Scope.READ_API}),
        Action.READ_GROUP: _READ_SCOPES,
        Action.READ_PACKAGE: _READ_SCOPES,
        Action.CREATE_PACKAGE: frozenset({Scope.API, Scope.WRITE_PACKAGE_REGISTRY}),
        Action.READ_PACKAGE_ADMIN: frozenset({Scope.API, Scope.READ_API}),
        Action.READ_MEMBER: frozenset({Scope.API, Scope.READ_API}),
        Action.READ_DEPLOY_TOKEN: frozenset({Scope.API, Scope.READ_API}),
        Action.READ_ACCESS_TOKEN: frozenset({Scope.API, Scope.READ_API}),
        Action.READ_GROUP_ACCESS_TOKEN: frozenset({Scope.API, Scope.READ_API}),
        Action.READ_AUDIT: frozenset({Scope.API, Scope.READ_API}),
    }
)
"""The scopes of which a token needs one. An action that is not listed needs `api`."""

_PACKAGE_ACTIONS = frozenset(
    {Action.READ_PACKAGE, Action.CREATE_PACKAGE, Action.DESTROY_PACKAGE}
    | {Action.READ_PACKAGE_ADMIN, Action.ADMIN_PACKAGE}
)


class Decision(StrEnum):
    """The answer to "may I?"."""

    ALLOW = "allow"
    UNAUTHENTICATED = "unauthenticated"
    FORBIDDEN = "forbidden"
    NOT_FOUND = "not_found"


class Target(NamedTuple):
    """What is acted upon, as far as access depends on it: a project, or a group."""

    visibility: Visibility
    registry_access: RegistryAccess = RegistryAccess.ENABLED


def needed_level(action: Action, target: Target) -> Level | None:
    """Return the least level for `action` on `target`; None when it is switched off for all."""
    if action in _PACKAGE_ACTIONS and target.registry_access is RegistryAccess.DISABLED:
        return None
    needed: Level = getattr(RULES[action], target.visibility)
    if action is Action.READ_PACKAGE:
        if target.registry_access is RegistryAccess.PUBLIC:
            return Level.ANYONE
        if target.registry_access is RegistryAccess.PRIVATE:
            return max(needed, Level.GUEST)
    return needed


def decide(action: Action, target: Target | None, level: Level, *, anonymous: bool) -> Decision:
    """Decide whether somebody of this `level` may do `action`; `target` None means unknown.

    A project or group that the caller cannot see is answered as if it did not exist: 401 to
    somebody anonymous and "not found" to everybody else, so its existence does not leak.
    """
    hidden = Decision.UNAUTHENTICATED if anonymous else Decision.NOT_FOUND
    if target is None:
        return hidden
    needed = needed_level(action, target)
    if needed is not None and level >= needed:
        return Decision.ALLOW
    sees = level >= getattr(RULES[Action.READ_PROJECT], target.visibility)
    if not sees:
        return hidden
    if anonymous and action is not Action.READ_PACKAGE:
        return Decision.UNAUTHENTICATED
    return Decision.FORBIDDEN


def needed_scopes(action: Action) -> frozenset[Scope]:
    """Return the scopes of which a token needs one for `action`."""
    return SCOPES.get(action, frozenset({Scope.API}))


def has_scope(scopes: frozenset[Scope] | None, action: Action) -> bool:
    """Tell whether a token with `scopes` may be used for `action`; None is no token: a session."""
    return scopes is None or not scopes.isdisjoint(needed_scopes(action))
