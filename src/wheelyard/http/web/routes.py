"""The one table of pages, and the application that they make.

`{place:path}` is the full path of a project or group, nested as deep as it likes; GitLab's `/-/`
ends it. The order counts: what is above wins, so the pages of places come last.
"""

from starlette.routing import BaseRoute, Route, Router

from wheelyard.http.asgi import App
from wheelyard.http.middleware.measured import Routed
from wheelyard.http.middleware.segments import Segments
from wheelyard.http.middleware.unread_bodies import UnreadBodies
from wheelyard.http.services import Services
from wheelyard.http.web import urls
from wheelyard.http.web.admin_routes import ADMIN_PAGES
from wheelyard.http.web.errors import ErrorPages
from wheelyard.http.web.explore_routes import EXPLORE_PAGES
from wheelyard.http.web.group_routes import GROUP_PAGES
from wheelyard.http.web.headers import SecurityHeaders
from wheelyard.http.web.home import show_home
from wheelyard.http.web.name_owners import post_name_owner
from wheelyard.http.web.new_project import post_new_project, show_new_project
from wheelyard.http.web.package_routes import PACKAGE_PAGES
from wheelyard.http.web.pages import Handler, Page
from wheelyard.http.web.place_settings_routes import PLACE_SETTINGS_PAGES
from wheelyard.http.web.places import show_place
from wheelyard.http.web.preferences import post_theme
from wheelyard.http.web.profile_routes import PROFILE_PAGES
from wheelyard.http.web.project_settings_routes import PROJECT_SETTINGS_PAGES
from wheelyard.http.web.sign_in import post_sign_in, post_sign_out, show_sign_in
from wheelyard.http.web.static import StaticFiles

_PAGES: list[tuple[str, str, Handler]] = [
    ("GET", urls.HOME, show_home),
    ("GET", urls.SIGN_IN, show_sign_in),
    ("POST", urls.SIGN_IN, post_sign_in),
    ("POST", urls.SIGN_OUT, post_sign_out),
    ("POST", urls.THEME, post_theme),
    ("GET", urls.NEW_PROJECT, show_new_project),
    ("POST", urls.NEW_PROJECT, post_new_project),
    *PROFILE_PAGES,
    *EXPLORE_PAGES,
    *ADMIN_PAGES,
    # Of a group, and of groups and projects alike.
    ("POST", "/groups/{place:path}/-/packages/owners", post_name_owner),
    *GROUP_PAGES,
    *PLACE_SETTINGS_PAGES,
    # Of a project.
    *PACKAGE_PAGES,
    *PROJECT_SETTINGS_PAGES,
]


def build_web(services: Services) -> App:
    """Return all pages as one ASGI application."""
    routes: list[BaseRoute] = [
        Route(path, Page(handler, services), methods=[method]) for method, path, handler in _PAGES
    ]
    routes.append(Route("/{place:path}", Page(show_place, services)))
    app: App = Segments(Routed(Router(routes, redirect_slashes=False)))
    return SecurityHeaders(StaticFiles(UnreadBodies(ErrorPages(app, services))))
