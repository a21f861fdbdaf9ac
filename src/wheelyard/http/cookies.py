"""Cookies: read from a request, and set so that no script, other site or plain connection has them.

RFC 6265bis. Behind TLS the names begin with `__Host-`: a browser takes such a cookie only from
this very host, over TLS and for the whole host, so neither a neighbour's subdomain nor a plain
connection can plant one.
"""

from wheelyard.http.asgi import Scope
from wheelyard.http.services import Services

Header = tuple[bytes, bytes]

_PREFIX = "__Host-"


def is_secure(scope: Scope, services: Services) -> bool:
    """Tell whether the browser reaches the server over TLS."""
    external = services.external_url or ""
    return external.startswith("https://") or scope["scheme"] == "https"


def read_cookie(scope: Scope, services: Services, name: str) -> str | None:
    """Return the value of one of our cookies, or None."""
    wanted = _full_name(scope, services, name)
    for header, raw in scope["headers"]:
        if header == b"cookie":
            text: str = raw.decode("latin-1")
            for pair in text.split(";"):
                key, _, content = pair.strip().partition("=")
                if key == wanted:
                    return content.strip('"')
    return None


def set_cookie(
    scope: Scope, services: Services, name: str, value: str, max_age_seconds: int | None = None
) -> Header:
    """Return the header that sets a cookie; without an age it goes when the browser closes."""
    parts = [f"{_full_name(scope, services, name)}={value}", "Path=/", "HttpOnly", "SameSite=Lax"]
    if max_age_seconds is not None:
        parts.append(f"Max-Age={max_age_seconds}")
    if is_secure(scope, services):
        parts.append("Secure")
    return b"set-cookie", "; ".join(parts).encode("latin-1")


def drop_cookie(scope: Scope, services: Services, name: str) -> Header:
    """Return the header that makes the browser forget a cookie."""
    return set_cookie(scope, services, name, "", 0)


def _full_name(scope: Scope, services: Services, name: str) -> str:
    return f"{_PREFIX}{name}" if is_secure(scope, services) else name
