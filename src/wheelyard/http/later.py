"""An application that is made when it is first asked for: unused, it takes no memory."""

import asyncio
from collections.abc import Callable

from wheelyard.http.asgi import App, Receive, Scope, Send


class Later:
    """Hands on to the application that `make` returns; the first requests wait for it.

    It is made in a thread, since its modules take long to import: others are served meanwhile.
    """

    def __init__(self, make: Callable[[], App]) -> None:
        self._make = make
        self._making = asyncio.Lock()
        self._app: App | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand on. Raises what `make` raises; the next request tries again."""
        app = self._app or await self._made()
        await app(scope, receive, send)

    async def _made(self) -> App:
        async with self._making:
            if self._app is None:
                self._app = await asyncio.to_thread(self._make)
            return self._app
