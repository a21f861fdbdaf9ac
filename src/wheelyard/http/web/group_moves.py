"""The parts of a group's general settings that change its address, or end it."""

from starlette.responses import Response

from wheelyard.actions.groups import change_group, delete_group
from wheelyard.actions.transfers import transfer_group
from wheelyard.domain.access import Action
from wheelyard.domain.errors import Problem, Refused, invalid
from wheelyard.domain.models.places import Namespace
from wheelyard.http.web import urls
from wheelyard.http.web.group_settings import settings_page
from wheelyard.http.web.page_numbers import read_id
from wheelyard.http.web.view import View


async def post_path(view: View) -> Response:
    """Give the group, and so all that is in it, another path."""
    group, path = await _group(view), view.form.text("path")
    try:
        after = await change_group(view.services.db, view.by, group.id, {"path": path})
    except Refused as refused:
        return await _again(view, group, refused)
    return view.redirect(urls.group_settings(after), f"The group is at /{after.full_path} now.")


async def post_transfer(view: View) -> Response:
    """Move the group into another one, or to the top."""
    group = await _group(view)
    try:
        parent_id = await _parent_id(view)
        after = await transfer_group(view.services.db, view.by, group.id, parent_id)
    except Refused as refused:
        return await _again(view, group, refused)
    return view.redirect(urls.place(after), f"The group is at /{after.full_path} now.")


async def post_deletion(view: View) -> Response:
    """Delete the group with all that is in it, if its path was typed to confirm it."""
    group = await _group(view)
    if view.form.text("confirm_path") != group.full_path:
        message = f"To delete the group, type its path: {group.full_path}"
        problem = Problem("not-confirmed", message, "confirm_path")
        return await _again(view, group, invalid(problem))
    await delete_group(view.services.db, view.by, group.id)
    return view.redirect(urls.HOME, f"Group '{group.name}' was deleted.")


async def _group(view: View) -> Namespace:
    async with view.services.db.read() as tx:
        return await view.group(tx, Action.ADMIN_GROUP)


async def _parent_id(view: View) -> int | None:
    """Return the id of the parent that was chosen; None is the top. Raises Refused (invalid)."""
    chosen = view.form.text("parent_id")
    if not chosen:
        return None
    parent_id = read_id(chosen)
    async with view.services.db.read() as tx:
        parent = None if parent_id is None else await tx.namespaces.get(parent_id)
    if parent is None or not view.may(Action.CREATE_SUBGROUP, parent):
        message = "You may not move groups there."
        raise invalid(Problem("cannot-transfer", message, "parent_id"))
    return parent.id


async def _again(view: View, group: Namespace, refused: Refused) -> Response:
    return await settings_page(view, group, view.form.refused(refused), status=422)
