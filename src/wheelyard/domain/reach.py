"""Which projects somebody may do something to, as a value that a query can be made of.

It is worked out from the permission table alone, so a listing that the database filters shows
exactly what `wheelyard.domain.authorise` would let the same caller see one by one.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from wheelyard.domain.access import (
    Action,
    Decision,
    Level,
    RegistryAccess,
    Target,
    Visibility,
    decide,
    has_scope,
)
from wheelyard.domain.models.callers import Actor
from wheelyard.domain.names import covers

Targets = frozenset[Target]

_ALL_TARGETS = frozenset(
    Target(visibility, access) for visibility in Visibility for access in RegistryAccess
)


@dataclass(frozen=True, slots=True)
class Reach:
    """The projects of the kinds `anywhere`, and those of other kinds at or below certain paths.

    `below` holds pairs of a path key and the kinds that are within reach there.
    """

    anywhere: Targets
    below: tuple[tuple[str, Targets], ...] = ()

    def holds(self, key: str, target: Target) -> bool:
        """Tell whether the project at path key `key`, which is of the kind `target`, is in it."""
        return target in self.anywhere or any(
            target in targets and covers(path_key, key) for path_key, targets in self.below
        )


NOWHERE = Reach(frozenset())


def reach(actor: Actor, today: date, *actions: Action) -> Reach:
    """Return the projects to which `actor` may do all of `actions`."""
    if not all(has_scope(actor.scopes, action) for action in actions):
        return NOWHERE
    return _reach(actor, today, actions)


def group_reach(actor: Actor, today: date) -> Reach:
    """Return the projects whose packages `actor` may read in the index of a group.

    "Anyone may pull" opens the project's own addresses only, as in GitLab: whoever reads here
    must see the project itself as well.
    """
    if not has_scope(actor.scopes, Action.READ_PACKAGE):
        return NOWHERE
    return _reach(actor, today, (Action.READ_PROJECT, Action.READ_PACKAGE))


def _reach(actor: Actor, today: date, actions: tuple[Action, ...]) -> Reach:
    if actor.is_admin:
        return Reach(_targets(Level.OWNER, actions))
    start = Level.SIGNED_IN if actor.user_id is not None else Level.ANYONE
    anywhere = _targets(start, actions)
    granted = (
        (grant.path_key, _targets(grant.level, actions))
        for grant in actor.grants
        if grant.expires_at is None or today < grant.expires_at
    )
    return Reach(anywhere, _without_repetition(anywhere, granted))


def _without_repetition(
    anywhere: Targets, granted: Iterable[tuple[str, Targets]]
) -> tuple[tuple[str, Targets], ...]:
    """Leave out what is within reach already, from anywhere or from a path above."""
    kept: list[tuple[str, Targets]] = []
    last: tuple[str, Targets] | None = None
    # By segments, so that a path comes right before everything below it.
    for key, targets in sorted(granted, key=lambda pair: (pair[0].split("/"), -len(pair[1]))):
        if targets <= anywhere or (last and covers(last[0], key) and targets <= last[1]):
            continue
        last = (key, targets)
        kept.append(last)
    return tuple(kept)


@lru_cache(maxsize=256)
def _targets(level: Level, actions: tuple[Action, ...]) -> Targets:
    return frozenset(
        target
        for target in _ALL_TARGETS
        if all(
            decide(action, target, level, anonymous=False) is Decision.ALLOW for action in actions
        )
    )
