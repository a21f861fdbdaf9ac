"""Gives a request its id: for its log lines, for its answer, and for whoever renders an error."""

from structlog.contextvars import bound_contextvars

from wheelyard.http.asgi import App, Message, Receive, Scope, Send
from wheelyard.http.request_ids import FIELD, HEADER, RequestIds


class Identified:
    """Sets `X-Request-Id`; what is answered from memory has it from `wheelyard.http.simple`."""

    def __init__(self, app: App, ids: RequestIds) -> None:
        self._app = app
        self._ids = ids

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand on, with the id in the context of the logs."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        # Of several fields the last one is the nearest proxy's.
        request_id = self._ids.of(scope, dict(scope["headers"]).get(HEADER))

        async def adding_send(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = (*message.get("headers", ()), (HEADER, request_id))
                message = {**message, "headers": headers}
            await send(message)

        with bound_contextvars(**{FIELD: request_id.decode()}):
            await self._app(scope, receive, adding_send)
