"""Signing in and out."""

from starlette.responses import Response

from wheelyard.actions.sessions import NewSession, sign_in, sign_out
from wheelyard.domain.errors import Reason, Refused
from wheelyard.domain.sessions import LIFETIME
from wheelyard.http.asgi import header
from wheelyard.http.cookies import drop_cookie, set_cookie
from wheelyard.http.sessions import SESSION_COOKIE
from wheelyard.http.web import urls
from wheelyard.http.web.first_run import is_first_run
from wheelyard.http.web.forms import Form
from wheelyard.http.web.view import VISIT_COOKIE, View

_WRONG = frozenset({Reason.UNAUTHENTICATED, Reason.FORBIDDEN})


async def show_sign_in(view: View) -> Response:
    """Show the form, to whoever is not signed in."""
    back_to = urls.safe_redirect(view.query("redirect_to")) or urls.HOME
    if view.user is not None:
        return view.redirect(back_to)
    return await _form(view, view.form, back_to)


async def post_sign_in(view: View) -> Response:
    """Begin a session and go on to where the person wanted to be."""
    login, password = view.form.text("login"), view.form.raw("password")
    back_to = urls.safe_redirect(view.form.text("redirect_to")) or urls.HOME
    limits, address = view.services.limits, view.by.address
    limits.check_sign_in(address, login)
    try:
        new = await sign_in(
            view.services.db,
            view.services.passwords,
            view.by,
            login=login,
            password=password,
            user_agent=header(view.request.scope, b"user-agent"),
        )
    except Refused as refused:
        if refused.reason not in _WRONG:
            raise
        if refused.reason is Reason.UNAUTHENTICATED:
            limits.sign_in_failed(address, login, password)
        again = Form({"login": [login]}).refused(Refused(Reason.INVALID, refused.detail))
        return await _form(view, again, back_to, status=422)
    keep_session(view, new)
    return view.redirect(back_to)


async def post_sign_out(view: View) -> Response:
    """End the session."""
    if view.signed_in is not None:
        await sign_out(view.services.db, view.by, view.signed_in.session)
    scope = view.request.scope
    view.add_cookie(drop_cookie(scope, view.services, SESSION_COOKIE))
    return view.redirect(urls.SIGN_IN, "You are signed out.")


def keep_session(view: View, new: NewSession) -> None:
    """Give the browser a session that has just begun, in place of whatever it had."""
    scope, services = view.request.scope, view.services
    age = int(LIFETIME.total_seconds())
    view.add_cookie(set_cookie(scope, services, SESSION_COOKIE, new.secret, age))
    view.add_cookie(drop_cookie(scope, services, VISIT_COOKIE))


async def _form(view: View, form: Form, back_to: str, status: int = 200) -> Response:
    async with view.services.db.read() as tx:
        first_run = await is_first_run(tx)
    return view.page(
        "sign_in.html", form=form, back_to=back_to, is_first_run=first_run, status=status
    )
