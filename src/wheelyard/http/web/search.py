"""Search: packages, projects and groups whose names hold what was typed, of those one may see."""

from typing import Any

from starlette.responses import Response

from wheelyard.domain.access import Action
from wheelyard.domain.extent import INSTANCE
from wheelyard.domain.filters import GroupFilter, ProjectFilter, visible_places
from wheelyard.domain.listing import Listing
from wheelyard.domain.reach import group_reach, reach
from wheelyard.domain.releases import ReleaseFilter
from wheelyard.http.web.page_numbers import page_number, window_of
from wheelyard.http.web.view import View
from wheelyard.ports.database import Transaction

_PER_PAGE = 20
_MAX_CHARS = 200
_SCOPES = ("packages", "projects", "groups")
_NOTHING: Listing[Any] = Listing((), has_more=False, total=0)


async def show_search(view: View) -> Response:
    """Show what is found in one of the scopes; htmx asks for the results alone, as one types."""
    text = view.query("search")[:_MAX_CHARS]
    asked = view.query("scope")
    scope = asked if asked in _SCOPES else _SCOPES[0]
    page = page_number(view)
    listing = _NOTHING
    if text:
        async with view.services.db.read() as tx:
            listing = await _find(view, tx, text, scope, page)
    is_part = view.request.headers.get("hx-request") == "true"
    return view.page(
        "search_results.html" if is_part else "search.html",
        search=text,
        scope=scope,
        scopes=_SCOPES,
        listing=listing,
        page=page,
    )


async def _find(view: View, tx: Transaction, text: str, scope: str, page: int) -> Listing[Any]:
    actor, today = view.actor, view.today
    window = window_of(page, _PER_PAGE)
    if scope == "projects":
        within = reach(actor, today, Action.READ_PROJECT)
        wanted = ProjectFilter(within, search=text, searches_namespaces=True)
        return await tx.projects.listing(wanted, window)
    if scope == "groups":
        places = visible_places(actor, today)
        groups = GroupFilter(places, search=text, searches_full_paths=True)
        return await tx.namespaces.groups(groups, window)
    if not view.instance.packages_enabled:
        return _NOTHING
    named = ReleaseFilter(name_part=text)
    return await tx.releases.of_extent(INSTANCE, group_reach(actor, today), named, window)
