"""Packages of a group: those of its projects, and of its subgroups' unless they are left out."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request

from wheelyard.domain.access import Action
from wheelyard.domain.extent import Extent
from wheelyard.domain.reach import group_reach, reach
from wheelyard.domain.releases import ListedRelease
from wheelyard.http.addresses import base_url
from wheelyard.http.paging import Paging, paging_by
from wheelyard.http.rest.calls import AnyCall
from wheelyard.http.rest.package_lists import PACKAGE_ORDERS, FilterParameters, require_registry
from wheelyard.http.rest.shapes.packages import GroupPackageJson, group_package_json

router = APIRouter(tags=["Packages"], dependencies=[Depends(require_registry)])


_ORDERS = (*PACKAGE_ORDERS, "project_path")


@router.get("/groups/{id}/packages")
async def list_group_packages(
    id: str,
    request: Request,
    call: AnyCall,
    wanted: FilterParameters,
    paging: Annotated[Paging, paging_by(*_ORDERS, keyset=_ORDERS)],
    *,
    exclude_subgroups: bool = False,
) -> list[GroupPackageJson]:
    """List the packages of a group's projects, of those that the caller may read."""
    today = call.by.at.date()
    readable = group_reach(call.actor, today)
    async with call.services.db.read() as tx:
        group = await call.group(tx, id, Action.READ_GROUP)
        extent = Extent(group.id, group.key, has_subgroups=not exclude_subgroups)
        listing = await tx.releases.of_extent(extent, readable, wanted, paging.window)
    destroyable = reach(call.actor, today, Action.DESTROY_PACKAGE)
    base = base_url(request.scope, call.services)

    def shape(listed: ListedRelease) -> GroupPackageJson:
        may_destroy = destroyable.holds(listed.project_key, listed.target)
        return group_package_json(listed, base, may_destroy=may_destroy)

    return paging.show(listing, shape)
