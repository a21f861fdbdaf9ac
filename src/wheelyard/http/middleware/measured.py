"""Counts the requests that memory does not answer, by their route.

Which route a request takes is known where it is found, and counted at the end. So whoever finds it
leaves a note in the scope.
"""

from dataclasses import dataclass
from time import perf_counter

from wheelyard.domain.metrics import (
    HTTP_IN_PROGRESS,
    HTTP_REQUESTS,
    HTTP_RESPONSE_BYTES,
    HTTP_SECONDS,
)
from wheelyard.http.asgi import App, Message, Receive, Scope, Send
from wheelyard.ports.metrics import Metrics

_NOTE = "wheelyard.route"
_NONE = "none"
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


@dataclass(slots=True)
class _Note:
    route: str = _NONE


def note_route(scope: Scope, route: str) -> None:
    """Note that a request takes this route: a template, never the address itself.

    The first note counts: the innermost router knows best.
    """
    note = scope.get(_NOTE)
    if isinstance(note, _Note) and note.route == _NONE:
        note.route = route


class Routed:
    """Notes the route that Starlette's or FastAPI's router behind it has taken."""

    def __init__(self, app: App, prefix: str = "") -> None:
        self._app = app
        self._prefix = prefix

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand on, and note the route, of a failure as well."""
        try:
            await self._app(scope, receive, send)
        finally:
            if path := getattr(scope.get("route"), "path", None):
                note_route(scope, self._prefix + path)


class Measured:
    """Counts and times requests and the bytes of their answers."""

    def __init__(self, app: App, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand on, and count."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        metrics, note, began = self._metrics, _Note(), perf_counter()
        status, sent_bytes, declared_bytes = 0, 0, 0

        async def counting_send(message: Message) -> None:
            nonlocal status, sent_bytes, declared_bytes
            if message["type"] == "http.response.start":
                status = message["status"]
                declared_bytes = int(dict(message["headers"]).get(b"content-length", 0))
            elif message["type"] == "http.response.pathsend":
                sent_bytes = declared_bytes
            else:
                sent_bytes += len(message.get("body", b""))
            await send(message)

        metrics.count(HTTP_IN_PROGRESS)
        try:
            await self._app({**scope, _NOTE: note}, receive, counting_send)
        finally:
            method = scope["method"] if scope["method"] in _METHODS else "other"
            metrics.count(HTTP_IN_PROGRESS, amount=-1)
            metrics.count(HTTP_REQUESTS, method, note.route, str(status))
            metrics.count(HTTP_RESPONSE_BYTES, note.route, amount=sent_bytes)
            metrics.observe(HTTP_SECONDS, method, note.route, value=perf_counter() - began)
