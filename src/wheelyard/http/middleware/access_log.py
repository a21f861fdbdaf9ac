"""One log line per request, where an operator wants that."""

import time

import structlog

from wheelyard.http.asgi import App, Message, Receive, Scope, Send, client_address
from wheelyard.http.middleware.proxies import Proxies
from wheelyard.http.request_ids import HEADER

_log = structlog.get_logger(__name__)


class AccessLog:
    """Logs method, path, status, id and so on; never the query, which may hold a token."""

    def __init__(self, app: App, proxies: Proxies) -> None:
        self._app = app
        self._proxies = proxies

    def at_once(self, *_: object) -> None:
        """Answer nothing so: every request is to be logged."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand on, and log the answer when it has been sent."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        status, request_id = 0, b""

        async def noting_send(message: Message) -> None:
            nonlocal status, request_id
            if message["type"] == "http.response.start":
                status = message["status"]
                request_id = dict(message["headers"]).get(HEADER, b"")
            await send(message)

        started = time.perf_counter()
        try:
            await self._app(scope, receive, noting_send)
        finally:
            _log.info(
                "request",
                method=scope["method"],
                path=scope["raw_path"].decode("latin-1"),
                status=status,
                duration_ms=round((time.perf_counter() - started) * 1000, 1),
                address=client_address(self._proxies.forwarded(scope)),
                request_id=request_id.decode(),
            )
