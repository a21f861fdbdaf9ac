"""The permission table as a whole: what must hold in every cell, whatever the cells say.

The cells themselves are tested against GitLab's rules in `tests/http/test_permissions.py`.
"""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wheelyard.domain.access import (
    DEPLOY_SCOPES,
    PERSONAL_SCOPES,
    ROLES,
    RULES,
    SCOPES,
    WITHOUT_EFFECT,
    Action,
    Decision,
    Level,
    RegistryAccess,
    Scope,
    Target,
    Visibility,
    decide,
    has_scope,
)
from wheelyard.domain.authorise import may, may_in_group, require
from wheelyard.domain.errors import Reason, Refused
from wheelyard.domain.models.callers import ANONYMOUS, Actor
from wheelyard.domain.models.members import Grant
from wheelyard.domain.models.places import Duplicates, Namespace, NamespaceKind, Project

TODAY = date(2026, 5, 4)
NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)
PROJECT = Project(
    id=7,
    namespace_id=3,
    path="project",
    name="project",
    full_path="Group/Below/Project",
    visibility=Visibility.PRIVATE,
    registry_access=RegistryAccess.ENABLED,
    duplicates=Duplicates.ALLOW,
    validation=None,
    description="",
    creator_id=None,
    created_at=NOW,
)
GROUP = Namespace(
    id=3,
    kind=NamespaceKind.GROUP,
    parent_id=None,
    path="Group",
    name="Group",
    full_path="Group",
    visibility=Visibility.PRIVATE,
    description="",
    created_at=NOW,
)

ACTIONS = st.sampled_from(Action)
LEVELS = st.sampled_from(Level)
TARGETS = st.builds(Target, st.sampled_from(Visibility), st.sampled_from(RegistryAccess))
SCOPE_SETS = st.frozensets(st.sampled_from(Scope))
PACKAGE_WRITES = [Action.CREATE_PACKAGE, Action.DESTROY_PACKAGE, Action.ADMIN_PACKAGE]

# From the least open to the most.
VISIBILITIES = [Visibility.PRIVATE, Visibility.INTERNAL, Visibility.PUBLIC]
ACCESS = [
    *(RegistryAccess.DISABLED, RegistryAccess.PRIVATE),
    *(RegistryAccess.ENABLED, RegistryAccess.PUBLIC),
]


def allowed(action: Action, target: Target, level: Level) -> bool:
    """Tell what the table says of somebody with this level."""
    anonymous = level is Level.ANYONE
    return decide(action, target, level, anonymous=anonymous) is Decision.ALLOW


# --- levels and targets -----------------------------------------------------------------------


def test_every_action_has_a_rule() -> None:
    assert set(RULES) == set(Action)
    assert set(SCOPES) <= set(Action)


def test_roles_have_the_numbers_of_gitlab() -> None:
    assert {name: int(level) for name, level in ROLES.items()} == {
        "guest": 10,
        "planner": 15,
        "reporter": 20,
        "developer": 30,
        "maintainer": 40,
        "owner": 50,
    }


@given(ACTIONS, TARGETS, LEVELS, LEVELS)
def test_a_higher_level_never_loses_a_right(
    action: Action, target: Target, one: Level, other: Level
) -> None:
    low, high = sorted([one, other])
    assert allowed(action, target, high) or not allowed(action, target, low)


@given(TARGETS, LEVELS, st.sampled_from(VISIBILITIES), st.sampled_from(VISIBILITIES))
def test_more_visibility_never_takes_reading_away(
    target: Target, level: Level, one: Visibility, other: Visibility
) -> None:
    low, high = sorted([one, other], key=VISIBILITIES.index)
    for action in (Action.READ_PROJECT, Action.READ_PACKAGE, Action.READ_GROUP):
        if allowed(action, target._replace(visibility=low), level):
            assert allowed(action, target._replace(visibility=high), level)


@given(ACTIONS, TARGETS, LEVELS, st.sampled_from(ACCESS), st.sampled_from(ACCESS))
def test_a_more_open_registry_never_takes_a_right_away(
    action: Action, target: Target, level: Level, one: RegistryAccess, other: RegistryAccess
) -> None:
    low, high = sorted([one, other], key=ACCESS.index)
    if allowed(action, target._replace(registry_access=low), level):
        assert allowed(action, target._replace(registry_access=high), level)


@given(TARGETS, LEVELS)
def test_writing_is_never_open(target: Target, level: Level) -> None:
    for action in set(Action) - {
        *(Action.READ_PROJECT, Action.READ_PACKAGE, Action.READ_GROUP, Action.READ_MEMBER)
    }:
        if allowed(action, target, level):
            assert level >= Level.DEVELOPER


@given(TARGETS, LEVELS)
def test_who_may_write_a_package_may_read_it(target: Target, level: Level) -> None:
    for action in PACKAGE_WRITES:
        if allowed(action, target, level):
            assert allowed(Action.READ_PACKAGE, target, level)


@given(TARGETS, LEVELS)
def test_a_registry_that_is_switched_off_is_off_for_everybody(target: Target, level: Level) -> None:
    off = target._replace(registry_access=RegistryAccess.DISABLED)
    for action in (Action.READ_PACKAGE, *PACKAGE_WRITES):
        assert not allowed(action, off, level)


# --- what a refusal gives away ----------------------------------------------------------------


@given(ACTIONS, TARGETS, LEVELS, st.booleans())
def test_what_one_cannot_see_is_answered_like_what_is_not_there(
    action: Action, target: Target, level: Level, anonymous: bool
) -> None:
    decision = decide(action, target, level, anonymous=anonymous)
    sees = level >= getattr(RULES[Action.READ_PROJECT], target.visibility)
    if decision is not Decision.ALLOW and not sees:
        assert decision is decide(action, None, level, anonymous=anonymous)


@given(ACTIONS, st.none() | TARGETS, LEVELS)
def test_only_somebody_anonymous_is_asked_who_they_are(
    action: Action, target: Target | None, level: Level
) -> None:
    assert decide(action, target, level, anonymous=False) is not Decision.UNAUTHENTICATED
    assert decide(action, target, Level.ANYONE, anonymous=True) is not Decision.NOT_FOUND


# --- scopes -----------------------------------------------------------------------------------


@given(ACTIONS, SCOPE_SETS, SCOPE_SETS)
def test_another_scope_never_loses_a_right(
    action: Action, one: frozenset[Scope], other: frozenset[Scope]
) -> None:
    assert has_scope(one | other, action) or not has_scope(one, action)
    assert has_scope(None, action), "a session has no scopes to be limited by"
    assert has_scope(one | {Scope.API}, action)
    assert not has_scope(frozenset(), action)


def test_what_each_scope_is_good_for() -> None:
    good_for = {
        scope: {action for action in Action if has_scope(frozenset({scope}), action)}
        for scope in Scope
    }
    assert good_for[Scope.API] == set(Action)
    assert good_for[Scope.READ_API] >= {Action.READ_PROJECT, Action.READ_PACKAGE, Action.READ_GROUP}
    assert all(action.startswith("read_") for action in good_for[Scope.READ_API])
    assert good_for[Scope.READ_PACKAGE_REGISTRY] == {Action.READ_PACKAGE, Action.READ_GROUP}
    assert good_for[Scope.WRITE_PACKAGE_REGISTRY] == {
        *(Action.READ_PACKAGE, Action.READ_GROUP, Action.CREATE_PACKAGE)
    }
    for scope in (Scope.READ_USER, Scope.SELF_ROTATE, *WITHOUT_EFFECT):
        assert good_for[scope] == set()


def test_a_token_is_of_one_kind() -> None:
    assert PERSONAL_SCOPES & DEPLOY_SCOPES <= WITHOUT_EFFECT
    assert set(Scope) == PERSONAL_SCOPES | DEPLOY_SCOPES


# --- actors -----------------------------------------------------------------------------------

KEYS = st.lists(st.sampled_from(["group", "below", "project", "other"]), min_size=1, max_size=4)
GRANTS = st.builds(
    Grant,
    KEYS.map("/".join),
    st.sampled_from([level for level in Level if level >= Level.GUEST]),
    st.none() | st.dates(TODAY - timedelta(days=2), TODAY + timedelta(days=2)),
)


def user(*grants: Grant, scopes: frozenset[Scope] | None = None) -> Actor:
    """Return a signed-in user with these roles."""
    return Actor(user_id=5, username="ann", grants=grants, scopes=scopes)


@given(st.lists(GRANTS, max_size=5), KEYS)
def test_the_level_is_the_highest_role_here_or_above_that_has_not_ended(
    grants: list[Grant], segments: list[str]
) -> None:
    paths = ["/".join(segments[: end + 1]) for end in range(len(segments))]
    holding = [
        grant.level
        for grant in grants
        if grant.path_key in paths and (grant.expires_at is None or grant.expires_at > TODAY)
    ]
    key = "/".join(segments)
    assert user(*grants).level_at(key, TODAY) == max(holding, default=Level.SIGNED_IN)
    deploy = Actor(username="robot", token_id=1, grants=tuple(grants))
    assert deploy.level_at(key, TODAY) == max(holding, default=Level.ANYONE)


@pytest.mark.parametrize("key", ["group-2", "grou", "groups/project", "other/group", ""])
def test_a_role_does_not_hold_beside_its_path(key: str) -> None:
    assert user(Grant("group", Level.OWNER)).level_at(key, TODAY) is Level.SIGNED_IN


def test_an_administrator_owns_everything() -> None:
    assert replace(user(), is_admin=True).level_at("anything", TODAY) is Level.OWNER


def test_paths_are_compared_without_case() -> None:
    developer = user(Grant("group/below", Level.DEVELOPER))
    require(developer, Action.CREATE_PACKAGE, PROJECT, TODAY)
    assert may(developer, Action.CREATE_PACKAGE, PROJECT, TODAY)


def reason(actor: Actor, action: Action, target: Project | Namespace | None) -> Reason:
    """Return why the actor is refused."""
    with pytest.raises(Refused) as refusal:
        require(actor, action, target, TODAY)
    assert refusal.value.detail
    return refusal.value.reason


def test_the_scope_is_looked_at_first_so_that_nothing_is_given_away() -> None:
    narrow = user(Grant("group", Level.OWNER), scopes=frozenset({Scope.READ_USER}))
    for target in (PROJECT, None):
        assert reason(narrow, Action.READ_PACKAGE, target) is Reason.INSUFFICIENT_SCOPE


def test_refusals() -> None:
    assert reason(ANONYMOUS, Action.READ_PACKAGE, PROJECT) is Reason.UNAUTHENTICATED
    assert reason(ANONYMOUS, Action.READ_PACKAGE, None) is Reason.UNAUTHENTICATED
    assert reason(user(), Action.READ_PACKAGE, PROJECT) is Reason.NOT_FOUND
    assert reason(user(), Action.READ_PACKAGE, None) is Reason.NOT_FOUND
    guest = user(Grant("group", Level.GUEST))
    assert reason(guest, Action.CREATE_PACKAGE, PROJECT) is Reason.FORBIDDEN
    robot = Actor(username="robot", token_id=1, grants=(Grant("group", Level.REPORTER),))
    assert reason(robot, Action.CREATE_PACKAGE, PROJECT) is Reason.FORBIDDEN


def test_groups() -> None:
    inside = user(Grant("group/below/project", Level.GUEST))
    require(inside, Action.READ_GROUP, GROUP, TODAY)
    ended = user(Grant("group/below/project", Level.GUEST, TODAY))
    assert reason(ended, Action.READ_GROUP, GROUP) is Reason.NOT_FOUND
    robot = Actor(username="robot", token_id=1, grants=inside.grants)
    assert reason(robot, Action.READ_GROUP, GROUP) is Reason.NOT_FOUND
    beside = user(Grant("group-2/project", Level.OWNER))
    assert reason(beside, Action.READ_GROUP, GROUP) is Reason.NOT_FOUND
    # Seeing a group is not reading what is in it.
    assert not may(inside, Action.ADMIN_GROUP, GROUP, TODAY)


def test_the_namespace_of_a_user_is_no_group() -> None:
    namespace = replace(GROUP, kind=NamespaceKind.USER, visibility=Visibility.PUBLIC)
    assert reason(ANONYMOUS, Action.READ_GROUP, namespace) is Reason.UNAUTHENTICATED
    for actor in (user(Grant("group", Level.OWNER)), replace(user(), is_admin=True)):
        assert reason(actor, Action.READ_GROUP, namespace) is Reason.NOT_FOUND


@given(st.lists(GRANTS, max_size=3), TARGETS, SCOPE_SETS, st.booleans())
def test_a_group_never_shows_more_than_the_project_itself(
    grants: list[Grant], target: Target, scopes: frozenset[Scope], anonymous: bool
) -> None:
    actor = ANONYMOUS if anonymous else user(*grants, scopes=scopes)
    project = replace(PROJECT, visibility=target.visibility, registry_access=target.registry_access)
    if may_in_group(actor, project, TODAY):
        require(actor, Action.READ_PACKAGE, project, TODAY)
