"""What a maintainer marks: yanked releases and files (PEP 592), the status of a name (PEP 792).

GitLab has neither; the addresses are in its style.
"""

from typing import Annotated

from fastapi import APIRouter, Body, Depends
from pydantic import BaseModel

from wheelyard.actions.releases import set_status, yank
from wheelyard.domain.access import Action
from wheelyard.domain.errors import not_found
from wheelyard.domain.names import normalise_name
from wheelyard.domain.status import ProjectStatus
from wheelyard.http.rest.calls import AnyCall, Call
from wheelyard.http.rest.package_lists import require_registry
from wheelyard.http.rest.packages import find_files, pick_file
from wheelyard.http.rest.row_ids import RowId
from wheelyard.http.rest.shapes.names import NameStatusJson, name_status_json
from wheelyard.http.rest.shapes.packages import (
    FileJson,
    ReleaseWithFilesJson,
    file_json,
    release_with_files_json,
)

router = APIRouter(tags=["Packages"], dependencies=[Depends(require_registry)])


class Yank(BaseModel):
    """Why a release or file is yanked."""

    reason: str | None = None


class Status(BaseModel):
    """The status marker of a package name (PEP 792)."""

    status: ProjectStatus
    reason: str | None = None


YankBody = Annotated[Yank | None, Body()]


@router.put("/projects/{id}/packages/{package_id}/yank")
async def yank_package(
    id: str, package_id: RowId, call: AnyCall, body: YankBody = None
) -> ReleaseWithFilesJson:
    """Yank all files of a release (PEP 592)."""
    return await _yank_release(call, id, package_id, (body or Yank()).reason or "")


@router.delete("/projects/{id}/packages/{package_id}/yank")
async def unyank_package(id: str, package_id: RowId, call: AnyCall) -> ReleaseWithFilesJson:
    """Take back the yank of all files of a release."""
    return await _yank_release(call, id, package_id, None)


@router.put("/projects/{id}/packages/{package_id}/package_files/{file_id}/yank")
async def yank_package_file(
    id: str, package_id: RowId, file_id: RowId, call: AnyCall, body: YankBody = None
) -> FileJson:
    """Yank one file (PEP 592)."""
    return await _yank_file(call, id, package_id, file_id, (body or Yank()).reason or "")


@router.delete("/projects/{id}/packages/{package_id}/package_files/{file_id}/yank")
async def unyank_package_file(
    id: str, package_id: RowId, file_id: RowId, call: AnyCall
) -> FileJson:
    """Take back the yank of one file."""
    return await _yank_file(call, id, package_id, file_id, None)


@router.get("/projects/{id}/packages/pypi/status/{package_name}")
async def get_package_status(id: str, package_name: str, call: AnyCall) -> NameStatusJson:
    """Show the status marker of a package name."""
    name = normalise_name(package_name)
    async with call.services.db.read() as tx:
        project = await call.project(tx, id, Action.READ_PACKAGE)
        marked = None if name is None else await tx.releases.status(project.id, name)
    if marked is None:
        raise not_found("404 Package")
    return name_status_json(marked)


@router.put("/projects/{id}/packages/pypi/status/{package_name}")
async def put_package_status(
    id: str, package_name: str, body: Status, call: AnyCall
) -> NameStatusJson:
    """Mark a package name: active, deprecated, archived or quarantined."""
    name = normalise_name(package_name)
    async with call.services.db.read() as tx:
        project = await call.project(tx, id, Action.ADMIN_PACKAGE)
    if name is None:
        raise not_found("404 Package")
    marked = await set_status(
        call.services.db, call.by, project, name, status=body.status, reason=body.reason
    )
    return name_status_json(marked)


async def _yank_release(
    call: Call, id_: str, package_id: int, reason: str | None
) -> ReleaseWithFilesJson:
    project, release, _ = await find_files(call, id_, package_id, Action.ADMIN_PACKAGE)
    await yank(call.services.db, call.by, project, release, reason=reason)
    _, _, files = await find_files(call, id_, package_id, Action.ADMIN_PACKAGE)
    return release_with_files_json(release, files)


async def _yank_file(
    call: Call, id_: str, package_id: int, file_id: int, reason: str | None
) -> FileJson:
    project, release, files = await find_files(call, id_, package_id, Action.ADMIN_PACKAGE)
    file = pick_file(files, file_id)
    await yank(call.services.db, call.by, project, release, reason=reason, file=file)
    _, _, files = await find_files(call, id_, package_id, Action.ADMIN_PACKAGE)
    return file_json(pick_file(files, file_id))
