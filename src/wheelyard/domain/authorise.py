"""Asking the permission table for an actor: the one place where a request is let through.

What is passed in has been decoded and looked up already, so there is no second spelling of a
project that would be judged differently.
"""

from datetime import date

from wheelyard.domain.access import (
    Action,
    Decision,
    Level,
    Visibility,
    decide,
    has_scope,
    needed_scopes,
)
from wheelyard.domain.errors import Reason, Refused, not_found
from wheelyard.domain.models.callers import Actor
from wheelyard.domain.models.places import Namespace, NamespaceKind, Project


def require_scope(actor: Actor, action: Action) -> None:
    """Refuse (insufficient scope) when the actor's token may not be used for `action` at all."""
    if not has_scope(actor.scopes, action):
        held = ", ".join(sorted(actor.scopes or ())) or "none"
        raise Refused(
            Reason.INSUFFICIENT_SCOPE,
            f"The token's scopes ({held}) do not allow this. Use a token with a wider scope.",
            scopes=frozenset(needed_scopes(action)),
        )


def require(actor: Actor, action: Action, target: Project | Namespace | None, today: date) -> None:
    """Let `actor` do `action` to `target` (None: there is no such thing), or raise Refused.

    The reason is `unauthenticated`, `forbidden`, `insufficient_scope` or `not_found`.
    """
    require_scope(actor, action)
    decision = _decide(actor, action, target, today)
    if decision is Decision.ALLOW:
        return
    if decision is Decision.UNAUTHENTICATED:
        raise Refused(Reason.UNAUTHENTICATED, "401 Unauthorized")
    if decision is Decision.NOT_FOUND:
        raise not_found("404 Group" if action is Action.READ_GROUP else "404 Project")
    raise Refused(Reason.FORBIDDEN, _forbidden(actor, action, target))


def require_in_api(
    actor: Actor, action: Action, target: Project | Namespace | None, today: date
) -> None:
    """As `require`, with the REST API's answers, which differ in GitLab.

    What the caller cannot see is "not found" to somebody anonymous as well, and what an
    anonymous caller may not do to a public project is forbidden.
    """
    try:
        require(actor, action, target, today)
    except Refused as refused:
        if refused.reason is not Reason.UNAUTHENTICATED:
            raise
        is_group = isinstance(target, Namespace) or action is Action.READ_GROUP
        is_users = isinstance(target, Namespace) and target.kind is not NamespaceKind.GROUP
        if target is None or is_users or target.visibility is not Visibility.PUBLIC:
            raise not_found("404 Group" if is_group else "404 Project") from refused
        raise Refused(Reason.FORBIDDEN, "403 Forbidden") from refused


def may(actor: Actor, action: Action, target: Project | Namespace, today: date) -> bool:
    """Tell whether `require` would let the actor through."""
    allowed = _decide(actor, action, target, today) is Decision.ALLOW
    return allowed and has_scope(actor.scopes, action)


def may_in_group(actor: Actor, project: Project, today: date) -> bool:
    """Tell whether the actor may read the project's packages through a group's index.

    "Anyone may pull" opens the project's own addresses only, as in GitLab.
    """
    sees = _decide(actor, Action.READ_PROJECT, project, today) is Decision.ALLOW
    return sees and may(actor, Action.READ_PACKAGE, project, today)


def _decide(
    actor: Actor, action: Action, target: Project | Namespace | None, today: date
) -> Decision:
    anonymous = actor.is_anonymous
    if target is None:
        return decide(action, None, Level.ANYONE, anonymous=anonymous)
    level = actor.level_at(target.key, today)
    if action is Action.READ_GROUP and isinstance(target, Namespace):
        if target.kind is not NamespaceKind.GROUP:
            # GitLab: a user's namespace is never found as a group.
            return decide(action, None, level, anonymous=anonymous)
        if actor.reaches_below(target.key, today):
            # Members of something in a group see the group itself.
            level = max(level, Level.GUEST)
    return decide(action, target.target, level, anonymous=anonymous)


def _forbidden(actor: Actor, action: Action, target: Project | Namespace | None) -> str:
    if isinstance(target, Project) and target.registry_access == "disabled":
        return "403 Forbidden - Packages are switched off for this project."
    if action is Action.CREATE_PACKAGE and actor.user_id is None:
        return "403 Forbidden - This deploy token may not publish here."
    if action is Action.CREATE_PACKAGE:
        return "403 Forbidden - Publishing needs the Developer role in this project."
    return "403 Forbidden"
