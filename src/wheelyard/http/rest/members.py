"""Members of projects and groups: list, show, add, change and remove.

Listing is one permission and changing another, for reading and for every way of writing alike.
"""

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema

from wheelyard.actions.members import (
    add_member,
    add_members,
    change_member,
    find_user,
    remove_member,
)
from wheelyard.domain.access import Action, Level
from wheelyard.domain.errors import Problem, invalid, not_found
from wheelyard.domain.filters import MemberFilter
from wheelyard.http.paging import PagingParameters
from wheelyard.http.rest.access_levels import AccessLevel
from wheelyard.http.rest.calls import AnyCall, SignedInCall
from wheelyard.http.rest.places import AnyPlace
from wheelyard.http.rest.row_ids import MAX_ROW_ID, ListedId, RowId
from wheelyard.http.rest.shapes.members import (
    MemberJson,
    MembersAddedJson,
    member_json,
    members_added_json,
)
from wheelyard.http.rest.token_parameters import Expiry

router = APIRouter(tags=["Members"])

_OF_PROJECT = "/projects/{id}/members"
_OF_GROUP = "/groups/{id}/members"
_READ = (Action.READ_MEMBER, Action.READ_MEMBER)
_ADMIN = (Action.ADMIN_MEMBER, Action.ADMIN_GROUP_MEMBER)

Ids = Annotated[list[ListedId], Query(max_length=1000)]


def _listed(value: object) -> object:
    if isinstance(value, str):
        return [part.strip() for part in value.split(",")]
    return [value] if isinstance(value, int) else value


MAX_AT_ONCE = 100
_LIST = {"pattern": r"^[^,]+(,[^,]+){0,99}$", "type": "string"}

UserIds = Annotated[
    list[ListedId],
    Field(max_length=MAX_AT_ONCE),
    BeforeValidator(_listed),
    WithJsonSchema({"anyOf": [{"type": "integer", "minimum": 1, "maximum": MAX_ROW_ID}, _LIST]}),
]
"""One id, or several in one text with commas between."""

Usernames = Annotated[
    list[Annotated[str, Field(min_length=1)]],
    Field(max_length=MAX_AT_ONCE),
    BeforeValidator(_listed),
    WithJsonSchema(_LIST),
]
"""One user name, or several with commas between."""


class NewMember(BaseModel):
    """Who is to be a member, by id or by user name, and with which role."""

    model_config = ConfigDict(
        json_schema_extra={"oneOf": [{"required": ["user_id"]}, {"required": ["username"]}]}
    )

    user_id: UserIds | None = None
    username: Usernames | None = None
    access_level: AccessLevel
    expires_at: Expiry = None


class ChangedMember(BaseModel):
    """A member's new role; without `expires_at` its end stays as it is."""

    access_level: AccessLevel
    expires_at: Expiry = None


@router.get(_OF_PROJECT)
@router.get(_OF_GROUP)
async def list_members(
    place: AnyPlace,
    call: AnyCall,
    paging: PagingParameters,
    *,
    query: Annotated[str | None, Query(max_length=255)] = None,
    user_ids: Annotated[Ids, Query(alias="user_ids[]")] = [],  # noqa: B006  FastAPI copies it
    skip_users: Annotated[Ids, Query(alias="skip_users[]")] = [],  # noqa: B006  likewise
) -> list[MemberJson]:
    """List the members right here, without those by way of a group above."""
    wanted = MemberFilter(query, tuple(user_ids), tuple(skip_users))
    async with call.services.db.read() as tx:
        target = await place.find(call, tx, *_READ)
        listing = await tx.members.listing(target, wanted, paging.window)
    return paging.show(listing, lambda member: member_json(member, call.base_url))


@router.get(_OF_PROJECT + "/all")
@router.get(_OF_GROUP + "/all")
async def list_all_members(
    place: AnyPlace,
    call: AnyCall,
    paging: PagingParameters,
    *,
    query: Annotated[str | None, Query(max_length=255)] = None,
    user_ids: Annotated[Ids, Query(alias="user_ids[]")] = [],  # noqa: B006  FastAPI copies it
) -> list[MemberJson]:
    """List everybody with a role here, also by way of a group above, with the highest one."""
    wanted = MemberFilter(query, tuple(user_ids))
    async with call.services.db.read() as tx:
        target = await place.find(call, tx, *_READ)
        listing = await tx.members.listing_with_inherited(target, wanted, paging.window, call.today)
    return paging.show(listing, lambda member: member_json(member, call.base_url))


@router.get(_OF_PROJECT + "/{user_id}")
@router.get(_OF_GROUP + "/{user_id}")
async def get_member(place: AnyPlace, user_id: RowId, call: AnyCall) -> MemberJson:
    """Show a member right here."""
    async with call.services.db.read() as tx:
        target = await place.find(call, tx, *_READ)
        user = await tx.users.get(user_id)
        member = None if user is None else await tx.members.get(target, user)
    if member is None:
        raise not_found("404 Member")
    return member_json(member, call.base_url)


@router.get(_OF_PROJECT + "/all/{user_id}")
@router.get(_OF_GROUP + "/all/{user_id}")
async def get_member_of_all(place: AnyPlace, user_id: RowId, call: AnyCall) -> MemberJson:
    """Show a member, also by way of a group above."""
    async with call.services.db.read() as tx:
        target = await place.find(call, tx, *_READ)
        member = await tx.members.effective(target, user_id, call.today)
    if member is None:
        raise not_found("404 Member")
    return member_json(member, call.base_url)


@router.post(_OF_PROJECT, status_code=201)
@router.post(_OF_GROUP, status_code=201)
async def post_member(
    place: AnyPlace, body: NewMember, call: SignedInCall
) -> MemberJson | MembersAddedJson:
    """Add a member; 409 for one who is a member already.

    Of several users, with commas between, each is added or changed; the answer says whether all
    were, and what was wrong with whom.
    """
    if (body.user_id is None) == (body.username is None):
        raise invalid(Problem("no-user", "user_id, username: exactly one must be provided"))
    named: list[int | str] = [*(body.user_id or ()), *(body.username or ())]
    level, expires_at, db = Level(body.access_level), body.expires_at, call.services.db
    async with db.read() as tx:
        target = await place.find(call, tx, *_ADMIN)
        user = await find_user(tx, named[0]) if len(named) == 1 else None
    if user is not None:
        member = await add_member(db, call.by, target, user.id, level=level, expires_at=expires_at)
        return member_json(member, call.base_url)
    wrong = await add_members(db, call.by, target, named, level=level, expires_at=expires_at)
    return members_added_json(wrong)


@router.put(_OF_PROJECT + "/{user_id}")
@router.put(_OF_GROUP + "/{user_id}")
async def put_member(
    place: AnyPlace, user_id: RowId, body: ChangedMember, call: SignedInCall
) -> MemberJson:
    """Give a member another role."""
    async with call.services.db.read() as tx:
        target = await place.find(call, tx, *_ADMIN)
    member = await change_member(
        call.services.db,
        call.by,
        target,
        user_id,
        level=Level(body.access_level),
        expires_at=body.expires_at,
        keeps_end="expires_at" not in body.model_fields_set,
    )
    return member_json(member, call.base_url)


@router.delete(_OF_PROJECT + "/{user_id}", status_code=204)
@router.delete(_OF_GROUP + "/{user_id}", status_code=204)
async def delete_member(
    place: AnyPlace, user_id: RowId, call: SignedInCall, *, skip_subresources: bool = False
) -> None:
    """Remove a member, from what is below a group too; anybody may leave."""
    is_leaving = user_id == call.actor.user_id
    async with call.services.db.read() as tx:
        target = await place.find(call, tx, *(_READ if is_leaving else _ADMIN))
    await remove_member(call.services.db, call.by, target, user_id, keeps_below=skip_subresources)
