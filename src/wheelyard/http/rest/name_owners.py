"""Names that several projects publish: which they are, and whose they shall be.

Of a group for its maintainers, of the instance for administrators. GitLab mixes such projects'
files, so it has no such addresses; these are in its style.
"""

from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field

from wheelyard.actions.ownership import extent_of, move_name, return_name
from wheelyard.domain.access import Action
from wheelyard.domain.errors import not_found
from wheelyard.domain.models.places import Namespace
from wheelyard.domain.names import NormalisedName, normalise_name
from wheelyard.http.paging import PagingParameters
from wheelyard.http.rest.calls import AdminCall, AnyCall, Call
from wheelyard.http.rest.package_lists import require_registry
from wheelyard.http.rest.row_ids import MAX_ROW_ID
from wheelyard.http.rest.shapes.names import (
    CollisionJson,
    NameOwnerJson,
    collision_json,
    name_owner_json,
)

router = APIRouter(tags=["Package names"], dependencies=[Depends(require_registry)])


class Owner(BaseModel):
    """The project that a name shall belong to."""

    project_id: Annotated[int, Field(ge=1, le=MAX_ROW_ID)]


@router.get("/groups/{id}/packages/pypi/collisions")
async def list_group_collisions(
    id: str, call: AnyCall, paging: PagingParameters
) -> list[CollisionJson]:
    """List the names that several projects of a group have published."""
    group = await _group(call, id, Action.READ_PACKAGE_ADMIN)
    return await _collisions(call, group, paging)


@router.put("/groups/{id}/packages/pypi/owners/{package_name}")
async def put_group_owner(id: str, package_name: str, body: Owner, call: AnyCall) -> NameOwnerJson:
    """Give a name to one of the group's projects that have published it."""
    return await _move(call, await _group(call, id), package_name, body.project_id)


@router.delete("/groups/{id}/packages/pypi/owners/{package_name}", status_code=204)
async def delete_group_owner(id: str, package_name: str, call: AnyCall) -> None:
    """Give a name back to the project of the group that published it first."""
    await return_name(call.services.db, call.by, await _group(call, id), _read(package_name))


@router.get("/packages/pypi/collisions")
async def list_collisions(call: AdminCall, paging: PagingParameters) -> list[CollisionJson]:
    """List the names that several projects of the instance have published."""
    return await _collisions(call, None, paging)


@router.put("/packages/pypi/owners/{package_name}")
async def put_owner(package_name: str, body: Owner, call: AdminCall) -> NameOwnerJson:
    """Give a name to a project, in the index of the instance."""
    return await _move(call, None, package_name, body.project_id)


@router.delete("/packages/pypi/owners/{package_name}", status_code=204)
async def delete_owner(package_name: str, call: AdminCall) -> None:
    """Give a name back to the project that published it first, in the index of the instance."""
    await return_name(call.services.db, call.by, None, _read(package_name))


async def _group(call: Call, id_: str, action: Action = Action.ADMIN_PACKAGE) -> Namespace:
    async with call.services.db.read() as tx:
        return await call.group(tx, id_, action)


async def _collisions(
    call: Call, group: Namespace | None, paging: PagingParameters
) -> list[CollisionJson]:
    async with call.services.db.read() as tx:
        listing = await tx.ownership.collisions(extent_of(group), paging.window)
    return paging.show(listing, collision_json)


async def _move(
    call: Call, group: Namespace | None, package_name: str, project_id: int
) -> NameOwnerJson:
    name = _read(package_name)
    owner = await move_name(call.services.db, call.by, group, name, project_id)
    return name_owner_json(name, owner)


def _read(package_name: str) -> NormalisedName:
    name = normalise_name(package_name)
    if name is None:
        raise not_found("404 Package")
    return name
