"""The pages that projects and groups have alike, below the address of each: tokens and members."""

from wheelyard.http.web.deploy_tokens import (
    post_deploy_token,
    post_revocation,
    show_deploy_tokens,
)
from wheelyard.http.web.members import (
    post_member,
    post_member_change,
    post_member_removal,
    show_members,
)
from wheelyard.http.web.pages import Handler
from wheelyard.http.web.place_access_tokens import (
    post_access_token,
    post_end_of_access_token,
    post_rotation,
    show_access_tokens,
)

_TOKENS = "settings/access_tokens"

_BELOW: list[tuple[str, str, Handler]] = [
    ("GET", "settings/repository", show_deploy_tokens),
    ("POST", "settings/repository", post_deploy_token),
    ("POST", "deploy_tokens/{token_id}/revoke", post_revocation),
    ("GET", _TOKENS, show_access_tokens),
    ("POST", _TOKENS, post_access_token),
    ("POST", f"{_TOKENS}/{{token_id}}/rotate", post_rotation),
    ("POST", f"{_TOKENS}/{{token_id}}/revoke", post_end_of_access_token),
    ("GET", "KIND_members", show_members),
    ("POST", "KIND_members", post_member),
    ("POST", "KIND_members/{user_id}/change", post_member_change),
    ("POST", "KIND_members/{user_id}/remove", post_member_removal),
]

PLACE_SETTINGS_PAGES: list[tuple[str, str, Handler]] = [
    (method, f"{place}/-/{path.replace('KIND', kind)}", handler)
    # In this order: what fits a project's address fits a group's.
    for place, kind in (("/groups/{place:path}", "group"), ("/{place:path}", "project"))
    for method, path, handler in _BELOW
]
