"""The parts of a project's general settings that change its address, or end it."""

from starlette.responses import Response

from wheelyard.actions.projects import change_project, delete_project
from wheelyard.actions.transfers import transfer_project
from wheelyard.domain.access import Action
from wheelyard.domain.errors import Problem, Refused, invalid
from wheelyard.domain.models.places import Namespace, Project
from wheelyard.http.web import urls
from wheelyard.http.web.page_numbers import read_id
from wheelyard.http.web.project_settings import settings_page
from wheelyard.http.web.view import View


async def post_path(view: View) -> Response:
    """Give the project another path in its namespace."""
    project = await _project(view, Action.ADMIN_PROJECT)
    path = view.form.text("path")
    try:
        after = await change_project(view.services.db, view.by, project.id, {"path": path})
    except Refused as refused:
        return await _again(view, project, refused)
    return view.redirect(urls.project_settings(after), f"The project is at /{after.full_path} now.")


async def post_transfer(view: View) -> Response:
    """Move the project to another namespace."""
    project = await _project(view, Action.REMOVE_PROJECT)
    try:
        namespace = await _target(view)
        after = await transfer_project(view.services.db, view.by, project.id, namespace.id)
    except Refused as refused:
        return await _again(view, project, refused)
    return view.redirect(urls.place(after), f"The project is at /{after.full_path} now.")


async def post_deletion(view: View) -> Response:
    """Delete the project, if its path was typed to confirm it."""
    project = await _project(view, Action.REMOVE_PROJECT)
    if view.form.text("confirm_path") != project.full_path:
        message = f"To delete the project, type its path: {project.full_path}"
        problem = Problem("not-confirmed", message, "confirm_path")
        return await _again(view, project, invalid(problem))
    await delete_project(view.services.db, view.by, project.id)
    above = project.full_path.rpartition("/")[0]
    return view.redirect(urls.path(above), f"Project '{project.name}' was deleted.")


async def _project(view: View, action: Action) -> Project:
    async with view.services.db.read() as tx:
        return await view.project(tx, action)


async def _target(view: View) -> Namespace:
    """Return the namespace that was chosen. Raises Refused (invalid), also for a hidden one."""
    namespace_id = read_id(view.form.text("namespace_id"))
    async with view.services.db.read() as tx:
        namespace = None if namespace_id is None else await tx.namespaces.get(namespace_id)
    if namespace is None or not view.may(Action.RECEIVE_PROJECT, namespace):
        message = "You may not move projects there."
        raise invalid(Problem("cannot-transfer", message, "namespace_id"))
    return namespace


async def _again(view: View, project: Project, refused: Refused) -> Response:
    return await settings_page(view, project, view.form.refused(refused), status=422)
