"""Which scopes a token needs for which route: decided for every route before its handler runs.

Reading needs `read_api` or `api`, everything else `api`. The table holds GitLab's exceptions.
Whether the holder may do it is another question, which the handler asks.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import NoReturn

from wheelyard.domain.access import Scope
from wheelyard.domain.errors import Reason, Refused
from wheelyard.domain.models.callers import Actor

_READING = frozenset({Scope.API, Scope.READ_API})
_USERS = _READING | {Scope.READ_USER}
_ROTATING = frozenset({Scope.API, Scope.SELF_ROTATE})
_ANY = frozenset(Scope)
_INSUFFICIENT = "The request requires higher privileges than provided by the access token."

EXCEPTIONS: Mapping[tuple[str, str], frozenset[Scope]] = MappingProxyType(
    {
        ("GET", "/user"): _USERS,
        ("GET", "/users"): _USERS,
        ("GET", "/users/{id}"): _USERS,
        ("GET", "/users/{id}/associations_count"): _USERS,
        ("GET", "/users/{id}/memberships"): _USERS,
        ("GET", "/version"): _USERS,
        ("GET", "/metadata"): _USERS,
        ("GET", "/personal_access_tokens/self"): _ANY,
        ("GET", "/personal_access_tokens/self/associations"): _ANY,
        ("DELETE", "/personal_access_tokens/self"): _ANY,
        ("POST", "/personal_access_tokens/self/rotate"): _ROTATING,
        ("POST", "/projects/{id}/access_tokens/self/rotate"): _ROTATING,
        ("POST", "/groups/{id}/access_tokens/self/rotate"): _ROTATING,
    }
)
"""Method and path of a route, as it is declared, to the scopes of which a token needs one."""


def check_scope(actor: Actor, method: str, route_path: str) -> None:
    """Refuse (insufficient scope) when the actor's token may not be used for the route at all."""
    method = "GET" if method == "HEAD" else method
    usual = _READING if method == "GET" else frozenset({Scope.API})
    needed = EXCEPTIONS.get((method, route_path), usual)
    if actor.scopes is not None and actor.scopes.isdisjoint(needed):
        raise Refused(Reason.INSUFFICIENT_SCOPE, _INSUFFICIENT, scopes=frozenset(needed))


def refuse_sudo(actor: Actor) -> NoReturn:
    """Refuse to act as somebody else, as GitLab does for a token without the scope `sudo`.

    There is no such scope here; and to do it as oneself instead would be another thing than was
    asked for.
    """
    if actor.is_anonymous:
        raise Refused(Reason.UNAUTHENTICATED, "401 Unauthorized")
    if not actor.is_admin:
        raise Refused(Reason.FORBIDDEN, "403 Forbidden - Must be admin to use sudo")
    raise Refused(Reason.INSUFFICIENT_SCOPE, _INSUFFICIENT, scopes=frozenset({"sudo"}))
