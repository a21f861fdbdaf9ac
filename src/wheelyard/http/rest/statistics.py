"""Storage and download figures, of a project and of one package. GitLab has none of these."""

from datetime import date, timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Query

from wheelyard.domain.access import Action
from wheelyard.http.rest.calls import AnyCall, Call
from wheelyard.http.rest.package_lists import require_registry
from wheelyard.http.rest.packages import find_release
from wheelyard.http.rest.row_ids import RowId
from wheelyard.http.rest.shapes.figures import FiguresJson, figures_json

router = APIRouter(tags=["Statistics"], dependencies=[Depends(require_registry)])

MAX_DAYS = 366
DEFAULT_DAYS = 30

Days = Annotated[int, Query(ge=1, le=MAX_DAYS, description="How many days, up to today (UTC).")]


@router.get("/projects/{id}/packages/statistics")
async def get_project_statistics(id: str, call: AnyCall, days: Days = DEFAULT_DAYS) -> FiguresJson:
    """Show how much a project stores, and its downloads by day."""
    async with call.services.db.read() as tx:
        project = await call.project(tx, id, Action.READ_PACKAGE)
        return figures_json(await tx.downloads.of_project(project.id, _since(call, days)))


@router.get("/projects/{id}/packages/{package_id}/statistics")
async def get_package_statistics(
    id: str, package_id: RowId, call: AnyCall, days: Days = DEFAULT_DAYS
) -> FiguresJson:
    """Show how much a package stores, and its downloads by day."""
    async with call.services.db.read() as tx:
        project = await call.project(tx, id, Action.READ_PACKAGE)
        release = await find_release(tx, project, package_id)
        return figures_json(await tx.downloads.of_release(release.id, _since(call, days)))


def _since(call: Call, days: int) -> date:
    return call.by.at.date() - timedelta(days=days - 1)
