"""What somebody has a role in: what a token reaches, what a user is a member of, and how much."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query

from wheelyard.actions.users import require_user_by_id
from wheelyard.domain.access import Action, Level
from wheelyard.domain.errors import Reason, Refused
from wheelyard.domain.filters import (
    GroupFilter,
    Places,
    ProjectFilter,
    membership,
    roles_of,
    visible_places,
)
from wheelyard.domain.listing import Window
from wheelyard.domain.names import ancestor_keys
from wheelyard.domain.reach import reach
from wheelyard.http.paging import PagingParameters
from wheelyard.http.rest.access_levels import AccessLevel
from wheelyard.http.rest.calls import AdminCall, SignedInCall
from wheelyard.http.rest.row_ids import RowId
from wheelyard.http.rest.shapes.associations import (
    AssociationsJson,
    associated_group_json,
    associated_project_json,
)
from wheelyard.http.rest.shapes.members import MembershipJson, membership_json
from wheelyard.http.rest.shapes.users import AssociationsCountJson, associations_count_json

router = APIRouter()

_NONE = Window(limit=0)


@router.get("/personal_access_tokens/self/associations", tags=["Personal access tokens"])
async def list_associations(
    call: SignedInCall,
    paging: PagingParameters,
    min_access_level: AccessLevel | None = None,
) -> AssociationsJson:
    """List the groups and projects that the token's user sees, a page of each.

    Any scope is enough to ask: the answer says what the token's owner can do, not the token.
    """
    actor, today = call.without_scopes().actor, call.today
    groups = GroupFilter(visible_places(actor, today))
    projects = ProjectFilter(reach(actor, today, Action.READ_PROJECT))
    if min_access_level is not None:
        least = Level(min_access_level)
        groups = GroupFilter(Places(roles_of(actor, today, least)), includes_above=False)
        projects = ProjectFilter(projects.readable, membership(actor, today, least))
    async with call.services.db.read() as tx:
        found_groups = await tx.namespaces.groups(groups, paging.window)
        found = await tx.projects.listing(projects, paging.window)
        keys = {key for project in found.items for key in ancestor_keys(project.key)}
        above = await tx.namespaces.by_keys(keys)
    return {
        "groups": [
            associated_group_json(group, actor, today, call.base_url)
            for group in found_groups.items
        ],
        "projects": paging.show(
            found,
            lambda project: associated_project_json(project, actor, today, call.base_url, above),
        ),
    }


@router.get("/users/{id}/associations_count", tags=["Users"])
async def count_associations(id: RowId, call: SignedInCall) -> AssociationsCountJson:
    """Count the groups and projects that a user has a role in: one's own, or as administrator."""
    if id != call.actor.user_id and not call.actor.is_admin:
        raise Refused(Reason.FORBIDDEN, "403 Forbidden")
    async with call.services.db.read() as tx:
        await require_user_by_id(tx, id)
        groups = await tx.members.memberships(id, call.today, _NONE, of_projects=False)
        projects = await tx.members.memberships(id, call.today, _NONE, of_projects=True)
    return associations_count_json(groups.total or 0, projects.total or 0)


@router.get("/users/{id}/memberships", tags=["Users"])
async def list_memberships(
    id: RowId,
    call: AdminCall,
    paging: PagingParameters,
    of: Annotated[Literal["Project", "Namespace"] | None, Query(alias="type")] = None,
) -> list[MembershipJson]:
    """List the roles that a user holds, of their own, in groups and projects."""
    of_projects = None if of is None else of == "Project"
    async with call.services.db.read() as tx:
        await require_user_by_id(tx, id)
        listing = await tx.members.memberships(
            id, call.today, paging.window, of_projects=of_projects
        )
    return paging.show(listing, membership_json)
