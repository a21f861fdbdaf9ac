"""The table of pages about oneself; `wheelyard.http.web.routes` takes them in."""

from wheelyard.http.web import urls
from wheelyard.http.web.access_tokens import (
    post_access_token,
    post_revocation,
    post_rotation,
    show_access_tokens,
)
from wheelyard.http.web.own_password import post_password, show_password
from wheelyard.http.web.own_sessions import post_end_of_session, show_sessions
from wheelyard.http.web.pages import Handler
from wheelyard.http.web.profile import post_profile, show_profile

PROFILE_PAGES: list[tuple[str, str, Handler]] = [
    ("GET", urls.PROFILE, show_profile),
    ("POST", urls.PROFILE, post_profile),
    ("GET", urls.PASSWORD, show_password),
    ("POST", urls.PASSWORD, post_password),
    ("GET", urls.SESSIONS, show_sessions),
    ("POST", f"{urls.SESSIONS}/{{session_id}}/end", post_end_of_session),
    ("GET", urls.ACCESS_TOKENS, show_access_tokens),
    ("POST", urls.ACCESS_TOKENS, post_access_token),
    ("POST", f"{urls.ACCESS_TOKENS}/{{token_id}}/rotate", post_rotation),
    ("POST", f"{urls.ACCESS_TOKENS}/{{token_id}}/revoke", post_revocation),
]
