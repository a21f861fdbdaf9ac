"""The administrators' first page: what is stored, what is going on, and whether all is well.

Every figure comes from rows that are counted as things happen: the page costs the same in a
registry of a million files.
"""

import platform
from collections.abc import Awaitable
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import perf_counter

from starlette.responses import Response

import wheelyard
from wheelyard.actions.regular_upkeep import UPKEEP
from wheelyard.domain.errors import Refused
from wheelyard.http.web import urls
from wheelyard.http.web.admin import require_admin
from wheelyard.http.web.charts import by_day, ranking
from wheelyard.http.web.view import View

DAYS = 30
_LARGEST = 10
_LATE = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that has to work: what it is, whether it does, and a sentence about it."""

    name: str
    is_well: bool
    sentence: str


async def show_overview(view: View) -> Response:
    """Show the figures and the checks."""
    require_admin(view)
    first = view.today - timedelta(days=DAYS - 1)
    begin = perf_counter()
    async with view.services.db.read() as tx:
        figures = await tx.downloads.of_instance(first)
        largest = await tx.downloads.largest_projects(_LARGEST)
        upkeep_at = await tx.chores.done_at(UPKEEP)
    database = Check("Database", is_well=True, sentence=_answered(perf_counter() - begin))
    checks = [database, await _check("File store", view.services.blobs.check())]
    return view.page(
        "admin/overview.html",
        figures=figures,
        uploads=by_day(figures.uploads_by_day, first, view.today),
        downloads=by_day(figures.downloads_by_day, first, view.today),
        storage=ranking(
            (each.full_path, each.size_bytes, urls.path(each.full_path)) for each in largest
        ),
        days=DAYS,
        checks=[*checks, _upkeep(view, upkeep_at)],
        about=view.services.about,
        version=wheelyard.__version__,
        python=f"{platform.python_implementation()} {platform.python_version()}",
    )


async def _check(name: str, answer: Awaitable[None]) -> Check:
    begin = perf_counter()
    try:
        await answer
    except Refused as refused:
        return Check(name, is_well=False, sentence=refused.detail)
    return Check(name, is_well=True, sentence=_answered(perf_counter() - begin))


def _answered(seconds: float) -> str:
    return f"Answers in {max(seconds * 1000, 0.1):.1f} ms."


def _upkeep(view: View, done_at: datetime | None) -> Check:
    """Tell whether somebody tidies up; a server that began just now has not had to yet."""
    if done_at is None:
        is_new = view.now - view.services.about.started_at < _LATE
        return Check("Upkeep", is_new, "Not done yet." if is_new else "Never done.")
    day = done_at.strftime("%Y-%m-%d %H:%M UTC")
    return Check("Upkeep", view.now - done_at < _LATE, f"Done last at {day}.")
