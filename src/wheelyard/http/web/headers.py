"""The headers that tell a browser what a page of ours may do: hardly anything.

Scripts and styles come from files of this server only, so no text that somebody smuggles into a
page runs. No other page frames ours, gets their address as a referrer, or keeps a hold of their
window. What a handler set itself stays.
"""

from collections.abc import Mapping
from types import MappingProxyType

from wheelyard.http.asgi import App, Message, Receive, Scope, Send

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)

HEADERS: Mapping[bytes, bytes] = MappingProxyType(
    {
        b"content-security-policy": CONTENT_SECURITY_POLICY.encode(),
        b"cross-origin-opener-policy": b"same-origin",
        b"cross-origin-resource-policy": b"same-origin",
        b"permissions-policy": b"camera=(), geolocation=(), microphone=(), payment=()",
        b"referrer-policy": b"same-origin",
        b"x-content-type-options": b"nosniff",
        b"x-frame-options": b"DENY",
    }
)


class SecurityHeaders:
    """Adds the headers to every answer of the web pages."""

    def __init__(self, app: App) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand on, and add what the answer lacks."""

        async def adding_send(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = list(message.get("headers", ()))
                present = {name for name, _ in headers}
                headers += [pair for pair in HEADERS.items() if pair[0] not in present]
                message = {**message, "headers": headers}
            await send(message)

        await self._app(scope, receive, adding_send)
