"""The members of a project or group: those right here, and those by way of a group above."""

from collections.abc import Mapping

from starlette.responses import Response

from wheelyard.actions.members import add_member, change_member, remove_member
from wheelyard.domain.access import ROLES, Action, Level
from wheelyard.domain.errors import Problem, Reason, Refused, invalid
from wheelyard.domain.filters import MemberFilter
from wheelyard.domain.models.places import Namespace, Project
from wheelyard.http.web import urls
from wheelyard.http.web.forms import Form, initial
from wheelyard.http.web.found_places import find_place
from wheelyard.http.web.page_numbers import page_number, row_id, window_of
from wheelyard.http.web.roles import DEFAULT_ROLE, roles_up_to
from wheelyard.http.web.view import View

_PER_PAGE = 20
_MAX_CHARS = 255
_READ = (Action.READ_MEMBER, Action.READ_MEMBER)
_ADMIN = (Action.ADMIN_MEMBER, Action.ADMIN_GROUP_MEMBER)
_FIELDS: Mapping[str, str] = {"access_level": "level", "user_id": "username"}
_NOT_OF_THE_INVITATION = dict.fromkeys(
    ("access_level", "expires_at", "new_level", "new_expires_at"), ""
)


async def show_members(view: View) -> Response:
    """List everybody with a role; `search` of the query narrows it."""
    view.require_user()
    return await _page(view, await _place(view, _READ), _blank())


async def post_member(view: View) -> Response:
    """Give somebody a role who has none right here."""
    place = await _place(view, _ADMIN)
    try:
        name = await _add(view, place)
    except Refused as refused:
        return await _again(view, place, refused)
    return view.redirect(urls.members(place), f"{name} is a member now.")


async def post_member_change(view: View) -> Response:
    """Give a member another role, and another end of it."""
    place, user_id = await _place(view, _ADMIN), row_id(view, "user_id")
    try:
        level, expires_at = _level(view.form, "new_level"), view.form.day("new_expires_at")
        member = await change_member(
            view.services.db, view.by, place, user_id, level=level, expires_at=expires_at
        )
    except Refused as refused:
        return await _again(view, place, refused, _NOT_OF_THE_INVITATION)
    return view.redirect(urls.members(place), f"The role of {member.name} was saved.")


async def post_member_removal(view: View) -> Response:
    """Take away a role; anybody may leave by this way."""
    user_id = row_id(view, "user_id")
    is_leaving = user_id == view.require_user().id
    place = await _place(view, _READ if is_leaving else _ADMIN)
    try:
        await remove_member(view.services.db, view.by, place, user_id)
    except Refused as refused:
        return await _again(view, place, refused)
    if is_leaving:
        return view.redirect(urls.HOME, f"You left {place.full_path}.")
    return view.redirect(urls.members(place), "The member was removed.")


async def _add(view: View, place: Project | Namespace) -> str:
    """Add whom the form names, and return their name. A role that has ended is given anew."""
    form, db = view.form, view.services.db
    level, expires_at = _level(form, "level"), form.day("expires_at")
    username = form.text("username").removeprefix("@")
    async with db.read() as tx:
        user = await tx.users.by_username(username)
        if user is None:
            message = f"There is no user '{username[:40]}'."
            raise invalid(Problem("unknown-user", message, "username"))
        before = await tx.members.get(place, user)
    end = None if before is None else before.expires_at
    give = change_member if end is not None and end <= view.today else add_member
    await give(db, view.by, place, user.id, level=level, expires_at=expires_at)
    return user.name


def _level(form: Form, name: str) -> Level:
    text = form.text(name)
    roles = {str(level.value): level for level in ROLES.values()}
    if text not in roles:
        raise invalid(Problem("invalid-level", "Select a role.", name))
    return roles[text]


async def _place(view: View, actions: tuple[Action, Action]) -> Project | Namespace:
    async with view.services.db.read() as tx:
        return await find_place(view, tx, *actions)


def _blank() -> Form:
    return initial(level=str(DEFAULT_ROLE.value))


async def _again(
    view: View,
    place: Project | Namespace,
    refused: Refused,
    fields: Mapping[str, str] = _FIELDS,
) -> Response:
    """Show the page with why nothing was done; what the caller may not do is 403 there too."""
    form = Form({**_blank().values, **view.form.values})
    if refused.reason is not Reason.FORBIDDEN:
        return await _page(view, place, form.refused(refused, fields), status=422)
    said = refused.detail.removeprefix("403 Forbidden - ")
    shown = Form(form.values, (Problem("forbidden", said),))
    return await _page(view, place, shown, status=403)


async def _page(view: View, place: Project | Namespace, form: Form, status: int = 200) -> Response:
    search, page = view.query("search")[:_MAX_CHARS], page_number(view)
    wanted, window = MemberFilter(search or None), window_of(page, _PER_PAGE)
    async with view.services.db.read() as tx:
        listing = await tx.members.listing_with_inherited(place, wanted, window, view.today)
    own = view.actor.level_at(place.key, view.today)
    return view.page(
        "members.html",
        place=place,
        form=form,
        listing=listing,
        search=search,
        page=page,
        own_level=own,
        roles=roles_up_to(own),
        may_change=view.may(_ADMIN[isinstance(place, Namespace)], place),
        status=status,
    )
