"""What a browser remembers for whoever uses it: the theme."""

from starlette.responses import Response

from wheelyard.http.web import urls
from wheelyard.http.web.theme import keep_theme, parse_theme
from wheelyard.http.web.view import View


async def post_theme(view: View) -> Response:
    """Keep a theme, and go back to the page that asked."""
    theme = parse_theme(view.form.text("theme"))
    view.add_cookie(keep_theme(view.request.scope, view.services, theme))
    return view.redirect(urls.safe_redirect(view.form.text("back_to")) or urls.HOME)
