"""The last resort: a refusal becomes its answer, and a bug one clear sentence and a log entry."""

import orjson
import structlog

from wheelyard.domain.errors import Refused
from wheelyard.http.answers import Answer
from wheelyard.http.asgi import App, Message, Receive, Scope, Send
from wheelyard.http.errors import INTERNAL_ERROR, problem_answer
from wheelyard.http.request_ids import with_id

_log = structlog.get_logger(__name__)

_READ_ONLY = "GET, HEAD"


class Failures:
    """Answers for what the handlers behind it raise."""

    def __init__(self, app: App) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand on, and answer for what comes back as an exception."""
        has_started = False

        async def watched_send(message: Message) -> None:
            nonlocal has_started
            has_started = True
            await send(message)

        try:
            await self._app(scope, receive, watched_send)
        except Refused as refused:
            if has_started:
                _log.warning("an answer broke off", path=scope.get("path"), why=refused.detail)
                raise
            await problem_answer(refused, allow=_READ_ONLY).send(scope, send)
        except Exception:
            # The path may hold anything a client sends, but no secret; the query may, so it
            # stays out of the log.
            _log.exception("request failed", method=scope.get("method"), path=scope.get("path"))
            if has_started or scope["type"] != "http":
                raise
            await _internal_error().send(scope, send)


def _internal_error() -> Answer:
    headers = ((b"content-type", b"application/json"), (b"cache-control", b"no-store"))
    return Answer(500, headers, orjson.dumps({"message": INTERNAL_ERROR} | with_id(500)))
