"""Making a project."""

from starlette.responses import Response

from wheelyard.actions.projects import create_project
from wheelyard.domain.access import Action, Level, Visibility
from wheelyard.domain.errors import Problem, Refused, invalid
from wheelyard.domain.models.places import Project
from wheelyard.domain.names import path_of_name
from wheelyard.domain.settings import parse_choice
from wheelyard.http.web import urls
from wheelyard.http.web.destinations import namespaces_with_role
from wheelyard.http.web.forms import Form, initial
from wheelyard.http.web.view import View

_FIELDS = {"visibility_level": "visibility"}


async def show_new_project(view: View) -> Response:
    """Show the form; `namespace` in the query chooses where the project will be."""
    user = view.require_user()
    form = initial(
        namespace=view.query("namespace") or user.username,
        visibility=view.instance.default_project_visibility,
    )
    return await _form(view, form)


async def post_new_project(view: View) -> Response:
    """Make the project and show it."""
    view.require_user()
    try:
        project = await _create(view)
    except Refused as refused:
        return await _form(view, view.form.refused(refused, _FIELDS), status=422)
    return view.redirect(urls.place(project), f"Project '{project.name}' was created.")


async def _create(view: View) -> Project:
    name, path = view.form.text("name"), view.form.text("path")
    if not name:
        raise invalid(Problem("no-name", "A project needs a name.", "name"))
    async with view.services.db.read() as tx:
        namespace = await tx.namespaces.by_path(view.form.text("namespace"))
    if namespace is None or not view.may(Action.CREATE_PROJECT, namespace):
        message = "You may not create projects there."
        raise invalid(Problem("invalid-namespace", message, "namespace"))
    return await create_project(
        view.services.db,
        view.by,
        full_path=f"{namespace.full_path}/{path or path_of_name(name)}",
        name=name,
        visibility=parse_choice(Visibility, "visibility", view.form.text("visibility")),
        description=view.form.text("description"),
    )


async def _form(view: View, form: Form, status: int = 200) -> Response:
    async with view.services.db.read() as tx:
        places = await namespaces_with_role(view, tx, Level.DEVELOPER)
    namespaces = [(place.full_path, place.full_path) for place in places]
    return view.page("new_project.html", form=form, namespaces=namespaces, status=status)
