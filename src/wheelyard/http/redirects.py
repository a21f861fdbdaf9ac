"""Whether a download is sent from here, or the client is sent to the store for it (302).

uv keeps its cache by our addresses, so it can be redirected. pip, poetry and others that cache with
`requests` keep theirs by the address that answered: a presigned one differs every few minutes, so
their caches would never serve. `auto` redirects the former and streams for the others.
"""

from enum import StrEnum
from ipaddress import ip_address
from typing import NamedTuple
from urllib.parse import urlsplit

from wheelyard.domain.keys import BlobKey
from wheelyard.http.asgi import Scope, client_address, header
from wheelyard.ports.blobs import Blobs

_PORTS = {"http": 80, "https": 443}
_REDIRECTED = ("uv/",)


class Delivery(StrEnum):
    """How large files reach the clients: the values of `WHEELYARD_DOWNLOADS`."""

    AUTO = "auto"
    REDIRECT = "redirect"
    STREAM = "stream"


class Redirects:
    """Decides for each request; `external_url` is the address that users know the server by."""

    def __init__(self, blobs: Blobs, delivery: Delivery, external_url: str | None = None) -> None:
        self._blobs = blobs
        self._delivery = delivery
        self._external = external_url

    async def location(self, scope: Scope, key: BlobKey) -> str | None:
        """Return the address to send a GET of a large object to, or None to answer it from here.

        Raises Refused (unavailable) when the store's credentials cannot be had.
        """
        if self._delivery is Delivery.STREAM or scope["method"] != "GET":
            return None
        agent = header(scope, b"user-agent") or ""
        if self._delivery is Delivery.AUTO and not agent.startswith(_REDIRECTED):
            return None
        url = await self._blobs.presigned_url(key)
        return url if url is not None and self._is_safe(scope, url) else None

    def _is_safe(self, scope: Scope, url: str) -> bool:
        """Tell whether a client that comes from here may be sent there.

        Not to our own host and port: clients take the credentials for this server along, and a
        store behind the same proxy refuses two kinds at once. Not from https to http. And not to
        the loopback of another machine: a client there would ask itself.
        """
        target = _origin(url)
        asked = _origin(f"{scope['scheme']}://{header(scope, b'host') or ''}")
        own = _origin(self._external or "")
        if target.netloc in {asked.netloc, own.netloc}:
            return False
        if target.scheme == "http" and "https" in {scope["scheme"], own.scheme}:
            return False
        return not _is_loopback(target.host) or _is_loopback(client_address(scope))


class _Origin(NamedTuple):
    scheme: str
    host: str | None
    port: int | None

    @property
    def netloc(self) -> tuple[str | None, int | None]:
        """What clients compare before they take credentials along."""
        return self.host, self.port


def _origin(url: str) -> _Origin:
    try:
        parts = urlsplit(url)
        return _Origin(parts.scheme, parts.hostname, parts.port or _PORTS.get(parts.scheme))
    except ValueError:  # a Host header may hold anything
        return _Origin("", None, None)


def _is_loopback(host: str | None) -> bool:
    try:
        return host == "localhost" or ip_address(host or "").is_loopback
    except ValueError:
        return False
