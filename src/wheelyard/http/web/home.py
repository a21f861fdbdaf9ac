"""The first page: one's own projects and groups, and what was published lately."""

from starlette.responses import Response

from wheelyard.domain.access import Action
from wheelyard.domain.extent import INSTANCE
from wheelyard.domain.filters import GroupFilter, Places, ProjectFilter, membership, roles_of
from wheelyard.domain.listing import Listing, Window
from wheelyard.domain.reach import reach
from wheelyard.domain.releases import ListedRelease, ReleaseFilter
from wheelyard.http.web import urls
from wheelyard.http.web.first_run import is_first_run
from wheelyard.http.web.view import View

_SHOWN = 10


async def show_home(view: View) -> Response:
    """Show the page; to strangers the sign-in, or how to begin."""
    actor, today = view.actor, view.today
    async with view.services.db.read() as tx:
        first_run = await is_first_run(tx)
        if view.user is None:
            return view.page("first_run.html") if first_run else view.redirect(urls.SIGN_IN)
        mine = ProjectFilter(reach(actor, today, Action.READ_PROJECT), membership(actor, today))
        projects = await tx.projects.listing(mine, Window(_SHOWN))
        places = Places(roles_of(actor, today))
        groups = await tx.namespaces.groups(GroupFilter(places), Window(_SHOWN))
        releases: Listing[ListedRelease] = Listing((), has_more=False)
        if view.instance.packages_enabled:
            releases = await tx.releases.of_extent(
                INSTANCE,
                reach(actor, today, Action.READ_PROJECT, Action.READ_PACKAGE),
                ReleaseFilter(),
                Window(_SHOWN, is_keyset=True),  # by id, the newest first: not counted or sorted
            )
    return view.page(
        "home.html", projects=projects, groups=groups, releases=releases, is_first_run=first_run
    )
