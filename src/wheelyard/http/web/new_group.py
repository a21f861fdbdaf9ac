"""Making a group, at the top or in another one."""

from starlette.responses import Response

from wheelyard.actions.groups import create_group
from wheelyard.domain.access import Action, Level, Visibility
from wheelyard.domain.errors import Problem, Refused, invalid
from wheelyard.domain.models.places import Namespace
from wheelyard.domain.names import check_path, path_of_name
from wheelyard.domain.settings import parse_choice
from wheelyard.http.web import urls
from wheelyard.http.web.destinations import groups_with_role
from wheelyard.http.web.forms import Form, initial
from wheelyard.http.web.page_numbers import read_id
from wheelyard.http.web.view import View

_FIELDS = {"visibility_level": "visibility"}


async def show_new_group(view: View) -> Response:
    """Show the form; `parent_id` in the query chooses where the group will be."""
    view.require_user()
    form = initial(
        parent_id=view.query("parent_id"), visibility=view.instance.default_group_visibility
    )
    return await _form(view, form)


async def post_new_group(view: View) -> Response:
    """Make the group and show it."""
    view.require_user()
    try:
        group = await _create(view)
    except Refused as refused:
        return await _form(view, view.form.refused(refused, _FIELDS), status=422)
    return view.redirect(urls.place(group), f"Group '{group.name}' was created.")


async def _create(view: View) -> Namespace:
    form = view.form
    name, parent = form.text("name"), await _parent(view)
    if not name:
        raise invalid(Problem("no-name", "A group needs a name.", "name"))
    path = check_path(form.text("path") or path_of_name(name), top_level=parent is None)
    return await create_group(
        view.services.db,
        view.by,
        full_path=path if parent is None else f"{parent.full_path}/{path}",
        name=name,
        visibility=parse_choice(Visibility, "visibility", form.text("visibility")),
        description=form.text("description"),
    )


async def _parent(view: View) -> Namespace | None:
    """Return the group that was chosen. Raises Refused (invalid), also for a hidden one."""
    chosen = view.form.text("parent_id")
    if not chosen:
        return None
    parent_id = read_id(chosen)
    async with view.services.db.read() as tx:
        parent = None if parent_id is None else await tx.namespaces.get(parent_id)
    if parent is None or not view.may(Action.CREATE_SUBGROUP, parent):
        message = "You may not create groups there."
        raise invalid(Problem("invalid-parent", message, "parent_id"))
    return parent


async def _form(view: View, form: Form, status: int = 200) -> Response:
    async with view.services.db.read() as tx:
        groups = await groups_with_role(view, tx, Level.MAINTAINER)
    parents = [("", "None: at the top"), *((group.id, group.full_path) for group in groups)]
    return view.page("new_group.html", form=form, parents=parents, status=status)
