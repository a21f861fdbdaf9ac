"""Settings → Access Tokens of a project or a group: each acts as a bot that has a role there."""

from dataclasses import replace

from starlette.responses import Response

from wheelyard.actions.access_tokens import create_access_token
from wheelyard.actions.rotation import rotate_token
from wheelyard.actions.tokens import NewToken, revoke_token
from wheelyard.domain.access import Action, Scope
from wheelyard.domain.errors import Refused, not_found
from wheelyard.domain.models.places import Namespace, Project
from wheelyard.domain.models.tokens import Token, TokenKind
from wheelyard.domain.tokens import TokenFilter
from wheelyard.http.web import urls
from wheelyard.http.web.forms import Form, initial
from wheelyard.http.web.found_places import find_place
from wheelyard.http.web.page_numbers import page_number, read_id, row_id, window_of
from wheelyard.http.web.roles import DEFAULT_ROLE, roles_up_to
from wheelyard.http.web.token_dates import first_expiry, successors_expiry
from wheelyard.http.web.view import View

_PER_PAGE = 20
_FIELDS = {"access_level": "level"}
_SCOPES = (
    (Scope.API, "Everything its role may do: publish, install, and the whole REST API."),
    (Scope.READ_API, "Read everything its role may read: install packages, look at projects."),
    (Scope.SELF_ROTATE, "Replace this token by a new one, with nothing but the token."),
)


async def show_access_tokens(view: View) -> Response:
    """Show the tokens, and the form for another."""
    return await _page(view, await _place(view), _blank(view))


async def post_access_token(view: View) -> Response:
    """Make a token and show its secret, once: in this answer and nowhere else."""
    place, form = await _place(view), view.form
    try:
        new = await create_access_token(
            view.services.db,
            view.by,
            place,
            name=form.text("name"),
            scopes=form.all("scopes"),
            level=read_id(form.text("level")) or 0,
            expires_at=form.day("expires_at"),
            description=form.text("description"),
        )
    except Refused as refused:
        return await _page(view, place, form.refused(refused, _FIELDS), status=422)
    return await _page(view, place, _blank(view), new)


async def post_rotation(view: View) -> Response:
    """Replace a token and show the secret of its successor, once."""
    place, token = await _token(view)
    try:
        new = await rotate_token(
            view.services.db, view.by, token.id, expires_at=successors_expiry(view, token)
        )
    except Refused as refused:
        return await _page(view, place, _blank(view).refused(refused), status=422)
    return await _page(view, place, _blank(view), new)


async def post_end_of_access_token(view: View) -> Response:
    """Revoke a token; the role of its bot ends with it."""
    place, token = await _token(view)
    await revoke_token(view.services.db, view.by, token.id)
    return view.redirect(urls.place_access_tokens(place), f"Token '{token.name}' was revoked.")


async def _place(view: View) -> Project | Namespace:
    async with view.services.db.read() as tx:
        actions = (Action.ADMIN_ACCESS_TOKEN, Action.ADMIN_GROUP_ACCESS_TOKEN)
        return await find_place(view, tx, *actions)


async def _token(view: View) -> tuple[Project | Namespace, Token]:
    """Return the token in the path; another place's is as unknown as one that never was."""
    place = await _place(view)
    async with view.services.db.read() as tx:
        token = await tx.tokens.get(row_id(view, "token_id"))
    if token is None or token.kind is not TokenKind.ACCESS or token.path_key != place.key:
        raise not_found("404 Access Token")
    return place, token


def _blank(view: View) -> Form:
    return initial(expires_at=first_expiry(view).isoformat(), level=str(DEFAULT_ROLE.value))


async def _page(
    view: View,
    place: Project | Namespace,
    form: Form,
    new: NewToken | None = None,
    status: int = 200,
) -> Response:
    page, is_inactive = page_number(view), view.query("state") == "inactive"
    wanted = TokenFilter(
        (TokenKind.ACCESS,), view.today, path_key=place.key, is_active=not is_inactive
    )
    newest_first = replace(window_of(page, _PER_PAGE), order_by="id", is_descending=True)
    async with view.services.db.read() as tx:
        listing = await tx.tokens.list(wanted, newest_first)
        levels = await tx.tokens.access_levels(place)
    return view.page(
        "settings/access_tokens.html",
        place=place,
        form=form,
        new=new,
        listing=listing,
        levels=levels,
        roles=roles_up_to(view.actor.level_at(place.key, view.today)),
        is_inactive=is_inactive,
        page=page,
        scopes=_SCOPES,
        status=status,
    )
