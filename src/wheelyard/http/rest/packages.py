"""Packages of a project: list, look at and delete releases and their files."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request

from wheelyard.actions.releases import delete_file, delete_release
from wheelyard.domain.access import Action
from wheelyard.domain.authorise import may
from wheelyard.domain.errors import not_found
from wheelyard.domain.models.packages import PackageFile, Release
from wheelyard.domain.models.places import Project
from wheelyard.domain.releases import ListedRelease
from wheelyard.http.addresses import base_url
from wheelyard.http.paging import Paging, paging_by
from wheelyard.http.rest.calls import AnyCall, Call
from wheelyard.http.rest.package_lists import PACKAGE_ORDERS, FilterParameters, require_registry
from wheelyard.http.rest.row_ids import RowId
from wheelyard.http.rest.shapes.answers import Nothing
from wheelyard.http.rest.shapes.packages import (
    FileJson,
    PackageDetailJson,
    PackageJson,
    file_json,
    package_json,
    version_json,
)
from wheelyard.ports.database import Transaction

router = APIRouter(tags=["Packages"], dependencies=[Depends(require_registry)])

MAX_PIPELINES_PER_PAGE = 20
_FILE_ORDERS = ("created_at", "file_name")


@router.get("/projects/{id}/packages")
async def list_packages(
    id: str,
    request: Request,
    call: AnyCall,
    wanted: FilterParameters,
    paging: Annotated[Paging, paging_by(*PACKAGE_ORDERS, keyset=PACKAGE_ORDERS)],
) -> list[PackageJson]:
    """List a project's packages: one for each version of each name."""
    async with call.services.db.read() as tx:
        project = await call.project(tx, id, Action.READ_PACKAGE)
        listing = await tx.releases.of_project(project.id, wanted, paging.window)
    may_destroy = _may_destroy(call, project)
    base = base_url(request.scope, call.services)
    return paging.show(listing, lambda each: package_json(each, base, may_destroy=may_destroy))


@router.get("/projects/{id}/packages/{package_id}")
async def get_package(
    id: str, package_id: RowId, request: Request, call: AnyCall
) -> PackageDetailJson:
    """Show one package, and the other versions of the same name."""
    async with call.services.db.read() as tx:
        project = await call.project(tx, id, Action.READ_PACKAGE)
        release = await find_release(tx, project, package_id)
        others = await tx.releases.others(release)
    listed = ListedRelease(release, project.full_path, project.target)
    base = base_url(request.scope, call.services)
    shown = package_json(listed, base, may_destroy=_may_destroy(call, project))
    return {**shown, "versions": [version_json(other) for other in others]}


@router.delete("/projects/{id}/packages/{package_id}", status_code=204)
async def delete_package(id: str, package_id: RowId, call: AnyCall) -> None:
    """Delete a release and its files."""
    project, release, _ = await find_files(call, id, package_id, Action.DESTROY_PACKAGE)
    await delete_release(call.services.db, call.by, project, release)


@router.get("/projects/{id}/packages/{package_id}/package_files")
async def list_package_files(
    id: str,
    package_id: RowId,
    call: AnyCall,
    paging: Annotated[Paging, paging_by(*_FILE_ORDERS, keyset=_FILE_ORDERS)],
) -> list[FileJson]:
    """List the files of a package, superseded ones included."""
    async with call.services.db.read() as tx:
        project = await call.project(tx, id, Action.READ_PACKAGE)
        release = await find_release(tx, project, package_id)
        listing = await tx.releases.listed_files(release.id, paging.window)
    return paging.show(listing, file_json)


@router.delete("/projects/{id}/packages/{package_id}/package_files/{file_id}", status_code=204)
async def delete_package_file(id: str, package_id: RowId, file_id: RowId, call: AnyCall) -> None:
    """Delete one file."""
    project, _, files = await find_files(call, id, package_id, Action.DESTROY_PACKAGE)
    await delete_file(call.services.db, call.by, project, pick_file(files, file_id))


@router.get("/projects/{id}/packages/{package_id}/pipelines")
async def list_package_pipelines(
    id: str,
    package_id: RowId,
    call: AnyCall,
    *,
    per_page: Annotated[int, Query(ge=1, le=MAX_PIPELINES_PER_PAGE)] = MAX_PIPELINES_PER_PAGE,  # noqa: ARG001  checked as GitLab does
    cursor: Annotated[str | None, Query(max_length=1024)] = None,  # noqa: ARG001  likewise
) -> Nothing:
    """List the pipelines that built a package: none, as there are none here."""
    async with call.services.db.read() as tx:
        project = await call.project(tx, id, Action.READ_PACKAGE)
        await find_release(tx, project, package_id)
    return []


async def find_release(tx: Transaction, project: Project, package_id: int) -> Release:
    """Return the project's release with this id. Raises Refused (not found)."""
    release = await tx.releases.get(project.id, package_id)
    if release is None:
        raise not_found("404 Package")
    return release


async def find_files(
    call: Call, id_: str, package_id: int, action: Action
) -> tuple[Project, Release, list[PackageFile]]:
    """Return a release and its files, if the caller may do `action` to its project."""
    async with call.services.db.read() as tx:
        project = await call.project(tx, id_, action)
        release = await find_release(tx, project, package_id)
        return project, release, list(await tx.releases.files(release.id))


def pick_file(files: list[PackageFile], file_id: int) -> PackageFile:
    """Return the file with this id. Raises Refused (not found)."""
    for file in files:
        if file.id == file_id:
            return file
    raise not_found("404 Package file")


def _may_destroy(call: Call, project: Project) -> bool:
    return may(call.actor, Action.DESTROY_PACKAGE, project, call.by.at.date())
