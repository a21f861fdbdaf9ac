"""Proof that a form comes from one of our own pages (OWASP's synchroniser token).

The token is made of the secret in the browser's cookie, which no other site can read: of its
session, or of its visit before it is signed in. Each page shows it masked anew, so that the size
of a compressed page tells nothing about it (BREACH). A page of another origin is refused by what
browsers say of it, too, before the token is looked at.
"""

import base64
import binascii
import hashlib
import hmac
import secrets
from urllib.parse import urlsplit

from wheelyard.http.asgi import Scope, header

HEADER = b"x-csrf-token"

_BYTES = 32
_OURS = frozenset({"same-origin", "none"})


def csrf_token(secret: str) -> str:
    """Return a token for a browser with this secret: another text each time, of one meaning."""
    mask = secrets.token_bytes(_BYTES)
    return base64.urlsafe_b64encode(mask + _xor(mask, _proof(secret))).decode()


def is_csrf_token(token: str, secret: str) -> bool:
    """Tell whether `token` was made for a browser with this secret."""
    try:
        raw = base64.b64decode(token.encode(), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return False
    mask, masked = raw[:_BYTES], raw[_BYTES:]
    return len(masked) == _BYTES and hmac.compare_digest(_xor(mask, masked), _proof(secret))


def is_from_here(scope: Scope, external_url: str | None) -> bool:
    """Tell whether the browser says that a page of this server sent the request, or nothing."""
    site = header(scope, b"sec-fetch-site")
    if site is not None and site not in _OURS:
        return False
    origin = header(scope, b"origin")
    if origin is None:
        return True
    hosts = {header(scope, b"host"), urlsplit(external_url or "").netloc or None}
    return _host(origin) in hosts - {None}


def _host(origin: str) -> str:
    try:
        return urlsplit(origin).netloc
    except ValueError:
        return ""


def _proof(secret: str) -> bytes:
    return hashlib.sha256(b"wheelyard csrf\0" + secret.encode()).digest()


def _xor(left: bytes, right: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(left, right, strict=True))
