"""A slash at the end of an address means nothing: `/group/project/` is `/group/project`."""

from wheelyard.http.asgi import App, Receive, Scope, Send


class TrailingSlash:
    """Hands on without it; a redirect would only cost time."""

    def __init__(self, app: App) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand on."""
        path: str = scope["path"]
        if len(path) > 1 and path.endswith("/"):
            scope = {**scope, "path": path[:-1]}
        await self._app(scope, receive, send)
