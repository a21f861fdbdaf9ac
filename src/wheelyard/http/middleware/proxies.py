"""The client's address and scheme when a trusted proxy stands in front.

Forwarding headers are believed only from the configured networks, and read from the right: the
first address that is not a trusted proxy is the client. Whatever stands left of it was written
by the client and means nothing. Some proxies append to the header, others (HAProxy) add one of
their own behind the client's: several are one list (RFC 9110, section 5.3).
"""

from collections.abc import Sequence
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_address

from wheelyard.http.asgi import App, Receive, Scope, Send

Network = IPv4Network | IPv6Network

_PROXIED = "wheelyard.proxied"
_FORWARDING = frozenset(
    {
        b"forwarded",
        b"via",
        b"x-forwarded-for",
        b"x-forwarded-host",
        b"x-forwarded-proto",
        b"x-real-ip",
    }
)

_REMEMBERED = 1024
"""For how many addresses it is remembered whether they are trusted: proxies are few."""


class Proxies:
    """The networks of the proxies that are trusted, and what such a proxy says."""

    def __init__(self, networks: Sequence[Network]) -> None:
        self._networks = tuple(networks)
        self._is_trusted = lru_cache(_REMEMBERED)(self._is_listed)

    def sent(self, scope: Scope) -> bool:
        """Tell whether a trusted proxy sent this request: `scope` is as the server made it."""
        client = scope.get("client")
        return bool(self._networks) and client is not None and self._is_trusted(client[0])

    def forwarded(self, scope: Scope) -> Scope:
        """Return the scope with the client and the scheme that a trusted proxy tells."""
        if not self.sent(scope):
            return scope
        peer, port = scope["client"]
        hops = _listed(scope, b"x-forwarded-for")
        scheme = (_listed(scope, b"x-forwarded-proto") or [""])[-1]
        return {
            **scope,
            "client": (self._client(peer, hops), port),
            _PROXIED: bool(hops),
            "scheme": scheme if scheme in {"http", "https"} else scope["scheme"],
        }

    def _client(self, peer: str, hops: list[str]) -> str:
        address = peer
        for hop in reversed(hops):
            candidate = _address(hop)
            if candidate is None:
                break
            address = candidate
            if not self._is_trusted(candidate):
                break
        return address

    def _is_listed(self, address: str) -> bool:
        plain = _address(address)
        return plain is not None and any(ip_address(plain) in net for net in self._networks)


class TrustedProxies:
    """Replaces `client` and `scheme` by what a trusted proxy says."""

    def __init__(self, app: App, proxies: Proxies) -> None:
        self._app = app
        self._proxies = proxies

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Set what the proxy says, if it is one of ours, and hand on."""
        if scope["type"] == "http":
            scope = self._proxies.forwarded(scope)
        await self._app(scope, receive, send)


def is_forwarded(scope: Scope) -> bool:
    """Tell whether a request says of itself that a proxy has forwarded it."""
    return any(name in _FORWARDING for name, _ in scope["headers"])


def is_proxied(scope: Scope) -> bool:
    """Tell whether the client's address is what a trusted proxy has said."""
    return bool(scope.get(_PROXIED))


def _listed(scope: Scope, name: bytes) -> list[str]:
    """Return the values of all headers of this name, in their order, as one list."""
    joined = b",".join(value for key, value in scope["headers"] if key == name)
    return [part.strip() for part in joined.decode("latin-1").split(",")] if joined else []


def _address(text: str) -> str | None:
    """Return the address in its normal form, or None when it is not one."""
    try:
        address = ip_address(text)
    except ValueError:
        return None
    mapped = getattr(address, "ipv4_mapped", None)
    return str(mapped or address)
