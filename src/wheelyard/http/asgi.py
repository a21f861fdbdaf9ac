"""The shapes of ASGI, named; and what every plain ASGI handler does with a request."""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, Protocol

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

Fields = list[tuple[bytes, bytes]]
"""The fields of a header, their names in lower case."""

Client = tuple[str, int] | None
"""The address and the port that a connection comes from."""


class Front(Protocol):
    """A whole server, as `wheelyard.serving.connection` asks it."""

    def at_once(self, target: bytes, fields: Fields, client: Client) -> tuple[bytes, bytes] | None:
        """Return head and body of the answer to a GET if no waiting is needed for it, else None."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer as an ASGI application."""


def header(scope: Scope, name: bytes) -> str | None:
    """Return the value of a request header (`name` in lower case), or None."""
    value = field(scope, name)
    return None if value is None else value.decode("latin-1")


def field(scope: Scope, name: bytes) -> bytes | None:
    """Return the bytes of a request header (`name` in lower case), or None."""
    value: bytes
    for key, value in scope["headers"]:
        if key == name:
            return value
    return None


def client_address(scope: Scope) -> str:
    """Return the IP address that the request came from."""
    client = scope.get("client")
    return client[0] if client else "unknown"
