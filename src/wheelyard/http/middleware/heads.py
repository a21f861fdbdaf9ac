"""HEAD for the REST API: what GET would answer, without the body (RFC 9110, section 9.3.2).

GitLab answers it at every address that has GET, and python-gitlab has `head()` for them; FastAPI's
routes know no HEAD of their own.
"""

from wheelyard.http.asgi import App, Message, Receive, Scope, Send


class Heads:
    """Asks the application behind it for GET, and keeps the body back."""

    def __init__(self, app: App) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand on; HEAD as GET."""
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self._app(scope, receive, send)
            return

        async def send_head(message: Message) -> None:
            if message["type"] == "http.response.body":
                message = {**message, "body": b""}
            await send(message)

        await self._app({**scope, "method": "GET"}, receive, send_head)
