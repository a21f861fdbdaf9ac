"""The pages that make groups and change them, and the forms on them."""

from wheelyard.http.web import urls
from wheelyard.http.web.group_moves import post_deletion, post_path, post_transfer
from wheelyard.http.web.group_settings import post_settings, show_settings
from wheelyard.http.web.new_group import post_new_group, show_new_group
from wheelyard.http.web.pages import Handler

_GROUP = "/groups/{place:path}/-"

GROUP_PAGES: list[tuple[str, str, Handler]] = [
    ("GET", urls.NEW_GROUP, show_new_group),
    ("POST", urls.NEW_GROUP, post_new_group),
    ("GET", f"{_GROUP}/edit", show_settings),
    ("POST", f"{_GROUP}/edit", post_settings),
    ("POST", f"{_GROUP}/settings/path", post_path),
    ("POST", f"{_GROUP}/settings/transfer", post_transfer),
    ("POST", f"{_GROUP}/settings/delete", post_deletion),
]
