"""Static files: read once, named by their content, compressed at first use, kept by browsers.

An address holds a hash of the content, so it may be kept for ever; another hash is not found.
"""

import hashlib
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType

from wheelyard.domain.negotiate import Encoding, choose_encoding
from wheelyard.http.answers import Answer, Headers
from wheelyard.http.asgi import App, Receive, Scope, Send, header
from wheelyard.http.encodings import encode
from wheelyard.http.middleware.measured import note_route

FOLDERS = [Path(__file__).parents[2] / "static" / name for name in ("web", "vendor")]
PREFIX = "/static/"

_HASH_CHARS = 12
_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
}
_FOREVER = b"public, max-age=31536000, immutable"


def _read() -> tuple[dict[str, str], dict[str, tuple[str, bytes]]]:
    """Return name to address, and address to content type and content."""
    addresses, contents = {}, {}
    for path in sorted(path for folder in FOLDERS for path in folder.iterdir()):
        if path.suffix in _TYPES:
            content = path.read_bytes()
            fingerprint = hashlib.sha256(content).hexdigest()[:_HASH_CHARS]
            address = f"{PREFIX}{path.stem}.{fingerprint}{path.suffix}"
            addresses[path.name] = address
            contents[address] = (_TYPES[path.suffix], content)
    return addresses, contents


_addresses, _contents = _read()
ADDRESSES = MappingProxyType(_addresses)
"""The address of each file, by its name."""


class StaticFiles:
    """Answers for `/static/…`, and hands everything else on."""

    def __init__(self, app: App) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or hand on what is not a static file."""
        if scope["path"] in _contents and scope["method"] in {"GET", "HEAD"}:
            note_route(scope, "/static/{file}")
            encoding = choose_encoding(header(scope, b"accept-encoding"))
            await _answer(scope["path"], encoding).send(scope, send)
        else:
            await self._app(scope, receive, send)


@lru_cache(maxsize=256)
def _answer(address: str, encoding: Encoding) -> Answer:
    content_type, content = _contents[address]
    body, used = encode(content, encoding)
    headers: Headers = (
        (b"content-type", content_type.encode()),
        (b"cache-control", _FOREVER),
        (b"vary", b"Accept-Encoding"),
    )
    if used is not Encoding.IDENTITY:
        headers = (*headers, (b"content-encoding", used.value.encode()))
    return Answer(200, headers, body)
