"""The headers of every answer of the REST API: it is for whoever asked, and it is JSON.

A cache on the way keeps what it may, and knows an answer for one caller by `Authorization`, not by
`PRIVATE-TOKEN` (RFC 9111, section 3.5). GitLab's API forbids it likewise. What an answer says
itself stays.
"""

from wheelyard.http.asgi import App, Message, Receive, Scope, Send

_HEADERS = ((b"cache-control", b"no-store"), (b"x-content-type-options", b"nosniff"))


class PrivateAnswers:
    """Adds the headers to every answer that lacks them."""

    def __init__(self, app: App) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand on."""

        async def send_privately(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = list(message.get("headers", ()))
                present = {name for name, _ in headers}
                headers += [pair for pair in _HEADERS if pair[0] not in present]
                message = {**message, "headers": headers}
            await send(message)

        await self._app(scope, receive, send_privately)
