"""HEAD for every address that answers GET, as GitLab's API does (RFC 9110, section 9.3.2).

`curl --head` is how scripts ask for `X-Total` without the list.
"""

from wheelyard.http.asgi import App, Message, Receive, Scope, Send


class Heads:
    """Answers HEAD with what GET answers, without its content."""

    def __init__(self, app: App) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand on; a HEAD as GET, since the API has routes for GET only."""
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self._app(scope, receive, send)
            return

        async def send_without_content(message: Message) -> None:
            if message["type"] == "http.response.body":
                message = {**message, "body": b""}
            await send(message)

        await self._app({**scope, "method": "GET"}, receive, send_without_content)
