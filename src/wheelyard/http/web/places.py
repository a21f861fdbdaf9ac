"""The pages of projects, groups and users, which share one space of addresses."""

from starlette.responses import Response

from wheelyard.domain.access import Action
from wheelyard.domain.errors import not_found
from wheelyard.domain.extent import Extent
from wheelyard.domain.filters import GroupFilter, MemberFilter, ProjectFilter, visible_places
from wheelyard.domain.listing import Window
from wheelyard.domain.models.places import Namespace, NamespaceKind, Project
from wheelyard.domain.reach import group_reach, reach
from wheelyard.domain.releases import ReleaseFilter
from wheelyard.http.web.installation import publishers, pypirc
from wheelyard.http.web.name_owners import collisions_of
from wheelyard.http.web.navigation import shows_packages
from wheelyard.http.web.registry import upload_url
from wheelyard.http.web.view import View
from wheelyard.ports.database import Transaction

_SHOWN = 5
_LISTED = 50


async def show_place(view: View) -> Response:
    """Show whatever is at a full path, if the caller may see it."""
    if view.request.method not in {"GET", "HEAD"}:
        raise not_found("404")
    async with view.services.db.read() as tx:
        namespace = await tx.namespaces.by_path(view.path["place"])
        if namespace is not None:
            return await _show_namespace(view, tx, namespace)
        project = await view.project(tx, Action.READ_PROJECT)
        return await _show_project(view, tx, project)


async def _show_project(view: View, tx: Transaction, project: Project) -> Response:
    recent = members = None
    if shows_packages(view, project):
        window = Window(_SHOWN, is_keyset=True)  # the newest first
        recent = await tx.releases.of_project(project.id, ReleaseFilter(), window)
    if view.user is not None and view.may(Action.READ_MEMBER, project):
        members = await tx.members.listing_with_inherited(
            project, MemberFilter(), Window(_SHOWN), view.today
        )
    url = upload_url(view, project)
    return view.page(
        "project.html",
        place=project,
        project=project,
        recent=recent,
        members=members,
        may_publish=view.may(Action.CREATE_PACKAGE, project),
        upload_url=url,
        pypirc=pypirc(url),
        publishers=publishers(url),
    )


async def _show_namespace(view: View, tx: Transaction, namespace: Namespace) -> Response:
    is_group = namespace.kind is NamespaceKind.GROUP
    if is_group:
        view.allow(Action.READ_GROUP, namespace)
    else:
        view.require_user()
    readable = reach(view.actor, view.today, Action.READ_PROJECT)
    in_here = ProjectFilter(readable, namespace_id=namespace.id)
    subgroups = GroupFilter(visible_places(view.actor, view.today), parent_id=namespace.id)
    recent = None
    if is_group and view.instance.packages_enabled:
        extent, within = Extent(namespace.id, namespace.key), group_reach(view.actor, view.today)
        window = Window(_SHOWN, is_keyset=True)
        recent = await tx.releases.of_extent(extent, within, ReleaseFilter(), window)
    return view.page(
        "namespace.html",
        place=namespace,
        recent=recent,
        index_url=f"{view.base_url}/api/v4/groups/{namespace.id}/-/packages/pypi/simple",
        projects=await tx.projects.listing(in_here, Window(_LISTED, order_by="name")),
        subgroups=await tx.namespaces.groups(subgroups, Window(_LISTED)),
        collisions=await collisions_of(view, tx, namespace),
    )
