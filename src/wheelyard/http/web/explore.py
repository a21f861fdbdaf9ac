"""Everything that the caller may see: projects, and what was published in them lately."""

from starlette.responses import Response

from wheelyard.domain.access import Action
from wheelyard.domain.extent import INSTANCE
from wheelyard.domain.filters import ProjectFilter
from wheelyard.domain.listing import Listing, Window
from wheelyard.domain.reach import group_reach, reach
from wheelyard.domain.releases import ListedRelease, ReleaseFilter
from wheelyard.http.web.page_numbers import page_number, window_of
from wheelyard.http.web.view import View

_PER_PAGE = 20
_RECENT = 10


async def show_explore(view: View) -> Response:
    """Show projects, the newest first, and recent releases; strangers see what is public."""
    page = page_number(view)
    wanted = ProjectFilter(reach(view.actor, view.today, Action.READ_PROJECT))
    releases: Listing[ListedRelease] = Listing((), has_more=False)
    async with view.services.db.read() as tx:
        projects = await tx.projects.listing(wanted, window_of(page, _PER_PAGE))
        if view.instance.packages_enabled:
            releases = await tx.releases.of_extent(
                INSTANCE,
                group_reach(view.actor, view.today),
                ReleaseFilter(),
                Window(_RECENT, is_keyset=True),
            )
    return view.page("explore.html", projects=projects, releases=releases, page=page)
