"""The administrators' pages: users, the instance's settings, and the audit events.

To everybody else there is nothing at these addresses.
"""

from starlette.responses import Response

from wheelyard.actions.settings import change_settings
from wheelyard.actions.users import create_user, set_blocked
from wheelyard.domain.audit import EventFilter
from wheelyard.domain.errors import Refused, not_found
from wheelyard.domain.filters import UserFilter
from wheelyard.domain.models.events import EntityType
from wheelyard.domain.passwords import MAX_PASSWORD_CHARS
from wheelyard.http.web import urls
from wheelyard.http.web.forms import Form, initial
from wheelyard.http.web.page_numbers import page_number, row_id, window_of
from wheelyard.http.web.view import View

_PER_PAGE = 20
_MAX_CHARS = 255
_KINDS = {"user": EntityType.USER, "group": EntityType.GROUP, "project": EntityType.PROJECT}
_KINDS |= {"instance": EntityType.INSTANCE}


def require_admin(view: View) -> None:
    """Let administrators pass. Raises Refused: unauthenticated, not found."""
    view.require_user()
    if not view.actor.is_admin:
        raise not_found("404")


async def show_users(view: View) -> Response:
    """List users, the newest first, and the form for another."""
    require_admin(view)
    return await _users(view, Form())


async def post_user(view: View) -> Response:
    """Create a user."""
    require_admin(view)
    form, services = view.form, view.services
    try:
        user = await create_user(
            services.db,
            services.passwords,
            view.by,
            username=form.text("username"),
            name=form.text("name") or None,
            email=form.text("email") or None,
            password=form.raw("password") or None,
            is_admin=form.has("admin"),
        )
    except Refused as refused:
        return await _users(view, form.refused(refused, {"path": "username"}), status=422)
    return view.redirect(urls.ADMIN_USERS, f"User '{user.username}' was created.")


async def post_block(view: View) -> Response:
    """Block a user, or with `unblock` at the end of the address unblock them."""
    require_admin(view)
    is_blocked = view.request.scope["path"].rstrip("/").endswith("/block")
    user_id = row_id(view, "user_id")
    user = await set_blocked(view.services.db, view.by, user_id, is_blocked=is_blocked)
    done = "blocked" if is_blocked else "unblocked"
    return view.redirect(urls.ADMIN_USERS, f"User '{user.username}' was {done}.")


async def show_settings(view: View) -> Response:
    """Show the instance's settings."""
    require_admin(view)
    values = {key: _shown(value) for key, value in view.instance.as_dict().items()}
    return view.page("admin/settings.html", form=initial(**values))


async def post_settings(view: View) -> Response:
    """Save those of the instance's settings that were changed, all or none."""
    require_admin(view)
    texts = {
        key: view.form.text(key)
        for key, value in view.instance.as_dict().items()
        if view.form.text(key, _shown(value)) != _shown(value)
    }
    try:
        await change_settings(view.services.db, view.by, texts)
    except Refused as refused:
        return view.page("admin/settings.html", form=view.form.refused(refused), status=422)
    return view.redirect(urls.ADMIN_SETTINGS, "The settings were saved.")


async def show_audit(view: View) -> Response:
    """List what was changed, the newest first."""
    require_admin(view)
    kind, page = view.query("about"), page_number(view)
    async with view.services.db.read() as tx:
        wanted = EventFilter(_KINDS.get(kind))
        listing = await tx.audit.find(wanted, window_of(page, _PER_PAGE))
    return view.page("admin/audit.html", listing=listing, about=kind, kinds=_KINDS, page=page)


async def _users(view: View, form: Form, status: int = 200) -> Response:
    search, page = view.query("search")[:_MAX_CHARS], page_number(view)
    wanted = UserFilter(search=search or None, searches_emails=True, is_bot=False)
    async with view.services.db.read() as tx:
        listing = await tx.users.listing(wanted, window_of(page, _PER_PAGE))
    return view.page(
        "admin/users.html",
        form=form,
        listing=listing,
        search=search,
        page=page,
        most_password_chars=MAX_PASSWORD_CHARS,
        status=status,
    )


def _shown(value: bool | int | str) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
