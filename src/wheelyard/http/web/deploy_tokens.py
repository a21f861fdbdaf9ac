"""Settings → Repository → Deploy Tokens, of a project or a group: make, list and revoke them."""

from starlette.responses import Response

from wheelyard.actions.tokens import NewToken, create_deploy_token, revoke_token
from wheelyard.domain.access import Action, Scope
from wheelyard.domain.errors import Refused, not_found
from wheelyard.domain.models.places import Namespace, Project
from wheelyard.domain.models.tokens import TokenKind
from wheelyard.domain.tokens import TokenFilter
from wheelyard.http.web import urls
from wheelyard.http.web.forms import Form
from wheelyard.http.web.found_places import find_place
from wheelyard.http.web.page_numbers import page_number, row_id, window_of
from wheelyard.http.web.view import View

_PER_PAGE = 20
_SCOPES = (
    (Scope.READ_PACKAGE_REGISTRY, "Install packages."),
    (Scope.WRITE_PACKAGE_REGISTRY, "Install and publish packages."),
)


async def show_deploy_tokens(view: View) -> Response:
    """Show the tokens that work, and the form for another."""
    return await _page(view, await _place(view), Form())


async def post_deploy_token(view: View) -> Response:
    """Make a token and show its secret, once: in this answer and nowhere else."""
    place, form = await _place(view), view.form
    try:
        new = await create_deploy_token(
            view.services.db,
            view.by,
            full_path=place.full_path,
            name=form.text("name"),
            scopes=form.all("scopes"),
            username=form.text("username") or None,
            expires_at=form.day("expires_at"),
        )
    except Refused as refused:
        return await _page(view, place, form.refused(refused), status=422)
    return await _page(view, place, Form(), new)


async def post_revocation(view: View) -> Response:
    """End a token."""
    place = await _place(view)
    async with view.services.db.read() as tx:
        token = await tx.tokens.get(row_id(view, "token_id"))
    if token is None or token.kind is not TokenKind.DEPLOY or token.path_key != place.key:
        raise not_found("404 Deploy Token")
    await revoke_token(view.services.db, view.by, token.id)
    said = f"Deploy token '{token.name}' was revoked."
    return view.redirect(urls.repository_settings(place), said)


async def _place(view: View) -> Project | Namespace:
    async with view.services.db.read() as tx:
        actions = (Action.ADMIN_DEPLOY_TOKEN, Action.ADMIN_GROUP_DEPLOY_TOKEN)
        return await find_place(view, tx, *actions)


async def _page(
    view: View,
    place: Project | Namespace,
    form: Form,
    new: NewToken | None = None,
    status: int = 200,
) -> Response:
    page = page_number(view)
    wanted = TokenFilter((TokenKind.DEPLOY,), view.today, path_key=place.key, is_active=True)
    async with view.services.db.read() as tx:
        listing = await tx.tokens.list(wanted, window_of(page, _PER_PAGE))
    return view.page(
        "settings/repository.html",
        place=place,
        form=form,
        new=new,
        listing=listing,
        page=page,
        scopes=_SCOPES,
        status=status,
    )
