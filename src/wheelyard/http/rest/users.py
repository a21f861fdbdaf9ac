"""Users: oneself, everybody; and for administrators create, change, block and delete."""

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel

from wheelyard.actions.user_removal import delete_user
from wheelyard.actions.users import (
    UserChange,
    change_user,
    create_user,
    require_user_by_id,
    set_blocked,
)
from wheelyard.domain.access import Action
from wheelyard.domain.errors import Reason, Refused, not_found
from wheelyard.domain.filters import ProjectFilter, UserFilter
from wheelyard.domain.models.users import User
from wheelyard.domain.reach import reach
from wheelyard.http.paging import Paging, paging_by
from wheelyard.http.rest.calls import AdminCall, AnyCall, Call, SignedInCall
from wheelyard.http.rest.moments import utc
from wheelyard.http.rest.project_lists import (
    AnyProject,
    ProjectPaging,
    ProjectParameters,
    show_projects,
)
from wheelyard.http.rest.row_ids import RowId
from wheelyard.http.rest.shapes.users import BasicUserJson, UserJson, basic_user_json, user_json

router = APIRouter(tags=["Users"])

_ORDERS = ("name", "username", "created_at", "updated_at")
UserPaging = Annotated[Paging, paging_by(*_ORDERS, keyset=_ORDERS)]

AnyUser = UserJson | BasicUserJson
"""A user as they are shown to whoever asks."""


class NewUser(BaseModel):
    """A user to create; without a password they can use tokens only."""

    username: str
    name: str | None = None
    email: str | None = None
    password: str | None = None
    admin: bool = False


class ChangedUser(BaseModel):
    """What to change of a user."""

    username: str | None = None
    name: str | None = None
    email: str | None = None
    password: str | None = None
    admin: bool | None = None


@router.get("/user")
async def get_current_user(call: SignedInCall) -> AnyUser:
    """Show the caller."""
    return await _show(call, call.actor.user_id or 0)


@router.get("/users")
async def list_users(
    call: AnyCall,
    paging: UserPaging,
    *,
    search: Annotated[str | None, Query(max_length=255)] = None,
    username: Annotated[str | None, Query(max_length=255)] = None,
    active: bool = False,
    blocked: bool = False,
    admins: bool = False,
    humans: bool = False,
    without_project_bots: bool = False,
    exclude_active: bool = False,
    exclude_humans: bool = False,
    external: bool = False,
    two_factor: Literal["enabled", "disabled"] | None = None,
    created_after: datetime | None = None,
    created_before: datetime | None = None,
) -> list[AnyUser]:
    """List users, the newest first; details are for administrators. Not for anonymous callers."""
    if call.actor.user_id is None:
        message = "403 Forbidden - Not authorized to access /api/v4/users"
        raise Refused(Reason.FORBIDDEN, message)
    is_admin = call.actor.is_admin
    is_blocked = blocked or exclude_active
    is_without_bots = humans or without_project_bots
    wanted = UserFilter(
        search=search,
        searches_emails=is_admin,
        username=username,
        is_blocked=is_blocked if active != is_blocked else None,
        is_admin=True if admins and is_admin else None,
        is_bot=exclude_humans if exclude_humans != is_without_bots else None,
        created_from=utc(created_after),
        created_until=utc(created_before),
        is_none=external or two_factor == "enabled" or (exclude_humans and is_without_bots),
    )
    async with call.services.db.read() as tx:
        listing = await tx.users.listing(wanted, paging.window)
    if is_admin:
        return paging.show(listing, lambda user: user_json(user, call.base_url))
    return paging.show(listing, lambda user: basic_user_json(user, call.base_url))


@router.get("/users/{id}")
async def get_user(id: RowId, call: SignedInCall) -> AnyUser:
    """Show a user."""
    return await _show(call, id)


@router.get("/users/{id}/projects")
async def list_user_projects(
    id: str, call: AnyCall, paging: ProjectPaging, asked: ProjectParameters
) -> list[AnyProject]:
    """List the projects in a user's own namespace, of those the caller may see.

    `id` is the user's number or name.
    """
    actor, today = call.actor, call.today
    async with call.services.db.read() as tx:
        user = await tx.users.get(int(id)) if _is_id(id) else await tx.users.by_username(id)
        namespace = None if user is None else await tx.namespaces.by_path(user.username)
        if namespace is None:
            raise not_found("404 User")
        wanted = ProjectFilter(reach(actor, today, Action.READ_PROJECT), namespace_id=namespace.id)
        return await show_projects(call, tx, paging, asked.narrow(wanted, call), asked)


@router.post("/users", status_code=201)
async def post_user(body: NewUser, call: AdminCall) -> AnyUser:
    """Create a user."""
    user = await create_user(
        call.services.db,
        call.services.passwords,
        call.by,
        username=body.username,
        name=body.name,
        email=body.email,
        password=body.password,
        is_admin=body.admin,
    )
    return await _show(call, user.id)


@router.put("/users/{id}")
async def put_user(id: RowId, body: ChangedUser, call: AdminCall) -> AnyUser:
    """Change a user. Another user name changes the addresses of the user's projects."""
    change = UserChange(body.username, body.name, body.email, body.password, body.admin)
    await change_user(call.services.db, call.services.passwords, call.by, id, change)
    return await _show(call, id)


@router.post("/users/{id}/block", status_code=201)
async def block_user(id: RowId, call: AdminCall) -> bool:
    """Block a user: their tokens are refused at once."""
    await set_blocked(call.services.db, call.by, id, is_blocked=True)
    return True


@router.post("/users/{id}/unblock", status_code=201)
async def unblock_user(id: RowId, call: AdminCall) -> bool:
    """Unblock a user."""
    await set_blocked(call.services.db, call.by, id, is_blocked=False)
    return True


@router.delete("/users/{id}", status_code=204)
async def remove_user(id: RowId, call: AdminCall, *, hard_delete: bool = False) -> None:
    """Delete a user; 409 while they alone own a group, or own projects.

    `hard_delete` deletes those groups and projects as well.
    """
    await delete_user(call.services.db, call.by, id, is_hard=hard_delete)


async def _show(call: Call, user_id: int) -> AnyUser:
    """Show a user: all of it to themselves and to administrators."""
    async with call.services.db.read() as tx:
        user: User = await require_user_by_id(tx, user_id)
        if user.id != call.actor.user_id and not call.actor.is_admin:
            return basic_user_json(user, call.base_url)
        namespace = await tx.namespaces.by_path(user.username)
    return user_json(user, call.base_url, None if namespace is None else namespace.id)


def _is_id(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 19  # noqa: PLR2004  fits 64 bits
