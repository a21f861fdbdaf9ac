"""One's own password."""

from starlette.responses import Response

from wheelyard.actions.own_password import change_own_password
from wheelyard.actions.sessions import begin_session
from wheelyard.domain.errors import Problem, Reason, Refused, invalid
from wheelyard.domain.models.users import User
from wheelyard.domain.passwords import MAX_PASSWORD_CHARS, MIN_PASSWORD_CHARS
from wheelyard.http.asgi import header
from wheelyard.http.web import urls
from wheelyard.http.web.forms import Form
from wheelyard.http.web.sign_in import keep_session
from wheelyard.http.web.view import View

_FIELDS = {"password": "new_password"}


async def show_password(view: View) -> Response:
    """Show the form."""
    view.require_user()
    return _form(view, Form())


async def post_password(view: View) -> Response:
    """Change the password; this browser stays signed in, all others are signed out."""
    user = view.require_user()
    try:
        after = await _change(view, user)
    except Refused as refused:
        return _form(view, Form().refused(refused, _FIELDS), status=422)
    async with view.services.db.write() as tx:
        user_agent = header(view.request.scope, b"user-agent")
        new = await begin_session(tx, view.by, after, user_agent)
    keep_session(view, new)
    return view.redirect(urls.PASSWORD, "Your password was changed. Other browsers are signed out.")


async def _change(view: View, user: User) -> User:
    current, new = view.form.raw("current_password"), view.form.raw("new_password")
    if new != view.form.raw("password_confirmation"):
        message = "The two new passwords are not the same."
        raise invalid(Problem("unlike-passwords", message, "password_confirmation"))
    services, address = view.services, view.by.address
    services.limits.check_sign_in(address, user.username)
    try:
        return await change_own_password(
            services.db, services.passwords, view.by, user.id, current=current, new=new
        )
    except Refused as refused:
        if refused.reason is Reason.UNAUTHENTICATED:
            services.limits.sign_in_failed(address, user.username, current)
        raise


def _form(view: View, form: Form, status: int = 200) -> Response:
    return view.page(
        "profile/password.html",
        form=form,
        least=MIN_PASSWORD_CHARS,
        most=MAX_PASSWORD_CHARS,
        status=status,
    )
