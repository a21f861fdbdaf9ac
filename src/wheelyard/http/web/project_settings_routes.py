"""The pages of a project's settings, and the forms on them."""

from wheelyard.http.web.pages import Handler
from wheelyard.http.web.project_moves import post_deletion, post_path, post_transfer
from wheelyard.http.web.project_settings import post_settings, show_settings
from wheelyard.http.web.protection import (
    post_rule,
    post_rule_change,
    post_rule_deletion,
    show_rules,
)

_GENERAL = "/{place:path}/edit"
_SETTINGS = "/{place:path}/-/settings"
_RULES = f"{_SETTINGS}/packages_and_registries"

PROJECT_SETTINGS_PAGES: list[tuple[str, str, Handler]] = [
    ("GET", _GENERAL, show_settings),
    ("POST", _GENERAL, post_settings),
    ("POST", f"{_SETTINGS}/path", post_path),
    ("POST", f"{_SETTINGS}/transfer", post_transfer),
    ("POST", f"{_SETTINGS}/delete", post_deletion),
    ("GET", _RULES, show_rules),
    ("POST", _RULES, post_rule),
    ("POST", f"{_RULES}/rules/{{rule_id}}/change", post_rule_change),
    ("POST", f"{_RULES}/rules/{{rule_id}}/delete", post_rule_deletion),
]
