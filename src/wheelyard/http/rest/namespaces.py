"""Namespaces: groups and users' own, as one list; and whether an address is free."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Query

from wheelyard.domain.access import Action, Level
from wheelyard.domain.authorise import may
from wheelyard.domain.errors import not_found
from wheelyard.domain.filters import GroupFilter, Places, roles_of
from wheelyard.domain.models.places import Namespace, NamespaceKind
from wheelyard.http.paging import Paging, paging_by
from wheelyard.http.paths import find_group
from wheelyard.http.rest.calls import Call, SignedInCall
from wheelyard.http.rest.row_ids import MAX_ROW_ID
from wheelyard.http.rest.shapes.groups import ExistenceJson, NamespaceJson, namespace_json
from wheelyard.ports.database import Transaction

router = APIRouter(tags=["Namespaces"])

_MAX_SUGGESTIONS_TRIED = 100


@router.get("/namespaces")
async def list_namespaces(
    call: SignedInCall,
    paging: Annotated[Paging, paging_by("name", "path", "created_at")],
    *,
    search: Annotated[str | None, Query(max_length=255)] = None,
    owned_only: bool = False,
    top_level_only: bool = False,
    full_path_search: bool = False,
) -> list[NamespaceJson]:
    """List the caller's own namespace and groups; for an administrator all there are."""
    wanted = GroupFilter(
        _places(call, owned_only=owned_only),
        includes_above=False,
        includes_users=True,
        search=search,
        searches_full_paths=full_path_search,
        top_level_only=top_level_only,
    )
    window = paging.window
    if window.order_by is None:
        window = replace(window, order_by="id")
    async with call.services.db.read() as tx:
        listing = await tx.namespaces.groups(wanted, window)
        counts = await _counts(call, tx, listing.items)
    return paging.show(listing, lambda each: _shown(call, each, counts))


@router.get("/namespaces/{id}")
async def get_namespace(id: str, call: SignedInCall) -> NamespaceJson:
    """Show a namespace that the caller is a member of, or whose it is."""
    async with call.services.db.read() as tx:
        namespace = await find_group(tx, call.path(id))
        if namespace is None or not _is_member(call, namespace):
            raise not_found("404 Namespace")
        return _shown(call, namespace, await _counts(call, tx, [namespace]))


@router.get("/namespaces/{id}/exists")
async def check_namespace(
    id: str,
    call: SignedInCall,
    *,
    parent_id: Annotated[int | None, Query(ge=1, le=MAX_ROW_ID)] = None,
) -> ExistenceJson:
    """Tell whether the path of a namespace is taken, at the top or in a group, and what is free."""
    path = call.path(id)
    async with call.services.db.read() as tx:
        above = ""
        if parent_id is not None:
            # GitLab tells everybody what is in which group.
            parent = await call.group(tx, str(parent_id), Action.READ_GROUP)
            call.allow(Action.CREATE_SUBGROUP, parent)
            above = f"{parent.full_path}/"
        if "/" in path or await tx.namespaces.by_path(above + path) is None:
            return {"exists": False, "suggests": []}
        for number in range(1, _MAX_SUGGESTIONS_TRIED):
            if await tx.namespaces.by_path(f"{above}{path}{number}") is None:
                return {"exists": True, "suggests": [f"{path}{number}"]}
    return {"exists": True, "suggests": []}


def _places(call: Call, *, owned_only: bool) -> Places | None:
    if call.actor.is_admin:
        return None
    least = Level.OWNER if owned_only else Level.GUEST
    return Places(roles_of(call.actor, call.today, least))


def _is_member(call: Call, namespace: Namespace) -> bool:
    return call.actor.level_at(namespace.key, call.today) >= Level.GUEST


async def _counts(call: Call, tx: Transaction, shown: Sequence[Namespace]) -> dict[int, int]:
    """Return how many members those groups have whose owner the caller is, as in GitLab."""
    owned = [
        each
        for each in shown
        if each.kind is NamespaceKind.GROUP
        and may(call.actor, Action.ADMIN_GROUP, each, call.today)
    ]
    found = await tx.members.counts_below(owned)
    return {each.id: found.get(each.id, 0) for each in owned}


def _shown(call: Call, namespace: Namespace, counts: dict[int, int]) -> NamespaceJson:
    return namespace_json(namespace, call.base_url, counts.get(namespace.id))
