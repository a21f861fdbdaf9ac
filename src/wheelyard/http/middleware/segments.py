"""Path segments, decoded one by one: so an encoded slash stays in its segment. For REST and pages.

GitLab's `:id` may be a URL-encoded full path (`group%2Fproject`). A server decodes the whole path
at once and so makes segments that the client did not send; this puts the path together again
from the raw one, with `%2F` for a slash inside a segment. A literal percent sign occurs in no
name here, so `%2F` has one meaning only: a segment that was sent with `%25` is not found.

A slash at the end means nothing: `/group/project/` is `/group/project`, as in GitLab. A redirect
would cost time, and lose what was sent.
"""

from wheelyard.domain.errors import not_found
from wheelyard.http.asgi import App, Receive, Scope, Send
from wheelyard.http.paths import decode_segment

ENCODED_SLASH = "%2F"


class Segments:
    """Replaces `path` by one whose segments are those of the raw path."""

    def __init__(self, app: App) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Set the path and hand on. Raises Refused (not found) for segments nothing can have."""
        if scope["type"] == "http":
            path = scope["raw_path"].removesuffix(b"/") or b"/"
            segments = [_decode(raw) for raw in path.split(b"/")]
            scope = {**scope, "path": "/".join(segments)}
        await self._app(scope, receive, send)


def _decode(raw: bytes) -> str:
    text = decode_segment(raw)
    if text is None or "%" in text:
        raise not_found("404")
    return text.replace("/", ENCODED_SLASH)
