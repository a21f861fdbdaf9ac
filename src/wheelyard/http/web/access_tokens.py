"""Somebody's own personal access tokens: make, rotate and revoke them.

A new secret is in the answer to the form that made it, and nowhere else: not in a cookie, not in
an address, and no cache may keep that page.
"""

from dataclasses import replace

from starlette.responses import Response

from wheelyard.actions.rotation import rotate_token
from wheelyard.actions.tokens import NewToken, create_personal_token, revoke_token
from wheelyard.domain.access import PERSONAL_SCOPES, Scope
from wheelyard.domain.errors import Refused, not_found
from wheelyard.domain.models.tokens import Token, TokenKind
from wheelyard.domain.tokens import MAX_TEXT_CHARS, TokenFilter
from wheelyard.http.web import urls
from wheelyard.http.web.flash import Tone
from wheelyard.http.web.forms import Form, initial
from wheelyard.http.web.page_numbers import page_number, row_id, window_of
from wheelyard.http.web.token_dates import first_expiry, successors_expiry
from wheelyard.http.web.view import View

_PER_PAGE = 20
_SCOPES = (
    (Scope.API, "Everything you may do: publish, install, and the whole REST API."),
    (Scope.READ_API, "Read everything you may read: install packages, look at projects."),
    (Scope.READ_USER, "Read your own profile."),
    (Scope.SELF_ROTATE, "Replace this token by a new one, with nothing but the token."),
)


async def show_access_tokens(view: View) -> Response:
    """Show the list and the form; `name`, `description` and `scopes` of the query fill it in."""
    view.require_user()
    form = initial(
        name=view.query("name")[:MAX_TEXT_CHARS],
        description=view.query("description")[:MAX_TEXT_CHARS],
        scopes=PERSONAL_SCOPES.intersection(view.query("scopes").replace(" ", ",").split(",")),
        expires_at=first_expiry(view).isoformat(),
    )
    return await _page(view, form)


async def post_access_token(view: View) -> Response:
    """Make a token and show its secret, once."""
    user = view.require_user()
    form = view.form
    try:
        new = await create_personal_token(
            view.services.db,
            view.by,
            username=user.username,
            name=form.text("name"),
            scopes=form.all("scopes"),
            expires_at=form.day("expires_at"),
            description=form.text("description"),
        )
    except Refused as refused:
        return await _page(view, form.refused(refused), status=422)
    return await _page(view, initial(expires_at=first_expiry(view).isoformat()), new)


async def post_rotation(view: View) -> Response:
    """Replace a token and show the secret of its successor, once."""
    token = await _own_token(view)
    blank = initial(expires_at=first_expiry(view).isoformat())
    try:
        new = await rotate_token(
            view.services.db, view.by, token.id, expires_at=successors_expiry(view, token)
        )
    except Refused as refused:
        return await _page(view, blank.refused(refused), status=422)
    return await _page(view, blank, new)


async def post_revocation(view: View) -> Response:
    """End a token."""
    token = await _own_token(view)
    await revoke_token(view.services.db, view.by, token.id)
    said = f"Token '{token.name}' was revoked."
    return view.redirect(urls.ACCESS_TOKENS, said, Tone.SUCCESS)


async def _own_token(view: View) -> Token:
    """Return the token in the path; somebody else's is as unknown as one that never was."""
    user = view.require_user()
    async with view.services.db.read() as tx:
        token = await tx.tokens.get(row_id(view, "token_id"))
    if token is None or token.kind is not TokenKind.PERSONAL or token.user_id != user.id:
        raise not_found("404 Token")
    return token


async def _page(view: View, form: Form, new: NewToken | None = None, status: int = 200) -> Response:
    user = view.require_user()
    page = page_number(view)
    active = TokenFilter((TokenKind.PERSONAL,), view.today, user.id, is_active=True)
    is_inactive = view.query("state") == "inactive"
    shown = replace(active, is_active=not is_inactive)
    newest_first = replace(window_of(page, _PER_PAGE), order_by="id", is_descending=True)
    async with view.services.db.read() as tx:
        listing = await tx.tokens.list(shown, newest_first)
    return view.page(
        "profile/access_tokens.html",
        form=form,
        new=new,
        listing=listing,
        is_inactive=is_inactive,
        page=page,
        scopes=_SCOPES,
        status=status,
    )
