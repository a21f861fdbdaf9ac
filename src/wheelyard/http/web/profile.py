"""One's own profile: the name can be changed; the rest is the administrators' business."""

from starlette.responses import Response

from wheelyard.actions.users import UserChange, change_user
from wheelyard.domain.errors import Refused
from wheelyard.http.web import urls
from wheelyard.http.web.forms import Form, initial
from wheelyard.http.web.view import View


async def show_profile(view: View) -> Response:
    """Show who one is."""
    return _form(view, initial(name=view.require_user().name))


async def post_profile(view: View) -> Response:
    """Change the name that others see."""
    user, services = view.require_user(), view.services
    change = UserChange(name=view.form.text("name"))
    try:
        await change_user(services.db, services.passwords, view.by, user.id, change)
    except Refused as refused:
        return _form(view, view.form.refused(refused), status=422)
    return view.redirect(urls.PROFILE, "Your profile was saved.")


def _form(view: View, form: Form, status: int = 200) -> Response:
    return view.page("profile/profile.html", form=form, user=view.require_user(), status=status)
