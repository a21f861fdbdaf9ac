"""The lists of a project's and a group's packages: found, put in order and paged by the address."""

from typing import Any

from starlette.responses import Response

from wheelyard.domain.access import Action
from wheelyard.domain.errors import not_found
from wheelyard.domain.extent import Extent
from wheelyard.domain.models.places import NamespaceKind
from wheelyard.domain.reach import group_reach
from wheelyard.http.web import urls
from wheelyard.http.web.installation import publishers, pypirc
from wheelyard.http.web.list_state import parse_state
from wheelyard.http.web.registry import open_registry, upload_url
from wheelyard.http.web.templates import size
from wheelyard.http.web.view import View


async def show_packages(view: View) -> Response:
    """Show a project's list, or to htmx the list alone."""
    state = parse_state(view.query)
    async with view.services.db.read() as tx:
        project = await open_registry(view, tx, Action.READ_PACKAGE)
        listing = await tx.releases.of_project(project.id, state.filter, state.window)
        contents = await tx.downloads.contents([item.id for item in listing.items])
    url = upload_url(view, project)
    return _answer(
        view,
        place=project,
        project=project,
        may_publish=view.may(Action.CREATE_PACKAGE, project),
        listed_at=urls.project_packages(project),
        state=state,
        listing=listing,
        contents=contents,
        pypirc=pypirc(url),
        publishers=publishers(url),
    )


async def show_group_packages(view: View) -> Response:
    """Show the list of a group: the packages of those of its projects that the caller may read."""
    state = parse_state(view.query)
    async with view.services.db.read() as tx:
        group = await view.group(tx)
        if group.kind is not NamespaceKind.GROUP or not view.instance.packages_enabled:
            raise not_found("404")
        extent, readable = Extent(group.id, group.key), group_reach(view.actor, view.today)
        listing = await tx.releases.of_extent(extent, readable, state.filter, state.window)
        contents = await tx.downloads.contents([item.id for item in listing.items])
    return _answer(
        view,
        place=group,
        project=None,
        may_publish=False,
        listed_at=urls.group_packages(group),
        state=state,
        listing=listing,
        contents=contents,
    )


def _answer(view: View, **values: Any) -> Response:
    """Answer with the page, or with the part of it that htmx asks for."""
    template = "packages/list.html" if _is_part(view) else "packages/index.html"
    limit = limit_text(view.instance.max_file_size_bytes)
    response = view.page(template, limit=limit, **values)
    response.headers["Vary"] += ", HX-Request"
    return response


def limit_text(max_bytes: int) -> str:
    """Return a limit as whoever set it thinks of it: 50 MiB, or 20.5 MB."""
    mebibytes, rest = divmod(max_bytes, 2**20)
    return size(max_bytes) if rest else f"{mebibytes} MiB"


def _is_part(view: View) -> bool:
    """Tell whether only the list is asked for; a browser that goes back wants the whole page."""
    headers = view.request.headers
    return "hx-request" in headers and "hx-history-restore-request" not in headers
