"""Reads on after an answer that came before the request's body was read.

A browser that is still sending a form, and is refused, would lose the answer if the connection
were closed on it. So the rest is read and forgotten, for a while, and the connection ends then.
"""

from wheelyard.http.asgi import App, Message, Receive, Scope, Send
from wheelyard.http.bodies import Body

_WITHOUT_BODY = frozenset({"GET", "HEAD", "OPTIONS"})


class UnreadBodies:
    """Lets every answer to a form arrive."""

    def __init__(self, app: App) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand on, and read what was left."""
        if scope["type"] != "http" or scope["method"] in _WITHOUT_BODY:
            await self._app(scope, receive, send)
            return
        is_read = False

        async def noting_receive() -> Message:
            nonlocal is_read
            message = await receive()
            is_read = not message.get("more_body", False)  # also when the client went away
            return message

        async def closing_send(message: Message) -> None:
            if message["type"] == "http.response.start" and not is_read:
                headers = [*message.get("headers", ()), (b"connection", b"close")]
                message = {**message, "headers": headers}
            await send(message)

        await self._app(scope, noting_receive, closing_send)
        if not is_read:
            await Body(scope, noting_receive).read_on()
