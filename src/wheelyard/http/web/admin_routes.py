"""The table of the administrators' pages, for `wheelyard.http.web.routes`."""

from wheelyard.http.web import urls
from wheelyard.http.web.admin import (
    post_block,
    post_settings,
    post_user,
    show_audit,
    show_settings,
    show_users,
)
from wheelyard.http.web.overview import show_overview
from wheelyard.http.web.pages import Handler

ADMIN_PAGES: list[tuple[str, str, Handler]] = [
    ("GET", urls.ADMIN, show_overview),
    ("GET", urls.ADMIN_USERS, show_users),
    ("POST", urls.ADMIN_USERS, post_user),
    ("POST", f"{urls.ADMIN_USERS}/{{user_id}}/block", post_block),
    ("POST", f"{urls.ADMIN_USERS}/{{user_id}}/unblock", post_block),
    ("GET", urls.ADMIN_SETTINGS, show_settings),
    ("POST", urls.ADMIN_SETTINGS, post_settings),
    ("GET", urls.ADMIN_AUDIT, show_audit),
]
