"""An application for tests of connections, in the same process."""

import asyncio

from wheelyard.http.asgi import Message, Receive, Scope, Send


class Answering:
    """An application that answers after it was told to, and knows nothing by heart."""

    def __init__(self) -> None:
        self.may_answer = asyncio.Event()
        self.asked: list[Scope] = []
        self.heard: list[Message] = []

    def at_once(self, *_: object) -> None:
        pass

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await receive()
            await send({"type": "lifespan.startup.complete"})
            await receive()
            return
        self.asked.append(scope)
        self.heard.append(await receive())
        if scope["path"] == "/listening":
            self.heard.append(await receive())
        await self.may_answer.wait()
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body", "body": b""})
