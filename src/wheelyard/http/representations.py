"""A representation (RFC 9110) that is in memory: its bytes, its ETag, and how it is sent."""

from dataclasses import dataclass

from wheelyard.domain.conditional import if_none_match
from wheelyard.http.answers import Headers
from wheelyard.http.asgi import Send


@dataclass(frozen=True, slots=True)
class Representation:
    """Bytes with the header fields of 200 and those of 304, made once.

    The heads are the same for a connection, from `HTTP/1.1` on to the last of these fields.
    """

    body: bytes
    etag: str
    ok: Headers
    not_modified: Headers
    ok_head: bytes
    not_modified_head: bytes

    def is_known(self, condition: bytes | None) -> bool:
        """Tell whether `condition` (If-None-Match) names it, so that the answer is 304."""
        return condition is not None and if_none_match(condition.decode("latin-1"), self.etag)

    async def send(
        self, send: Send, condition: bytes | None, *, with_body: bool = True, further: Headers = ()
    ) -> bool:
        """Send 200, or 304 when `condition` (If-None-Match) names it; return whether it was 200.

        HEAD is `with_body=False`; `further` are header fields of this one answer.
        """
        is_known = self.is_known(condition)
        status, headers = (304, self.not_modified) if is_known else (200, self.ok)
        start = {"type": "http.response.start", "status": status, "headers": headers + further}
        await send(start)
        body = b"" if is_known or not with_body else self.body
        await send({"type": "http.response.body", "body": body})
        return not is_known


def represent(
    body: bytes, etag: str, headers: Headers, only_with_body: Headers = ()
) -> Representation:
    """Make a representation of `body`; a 304 goes without the fields `only_with_body`."""
    always = (*headers, (b"etag", etag.encode()))
    length = (b"content-length", str(len(body)).encode())
    ok = (*always, *only_with_body, length)
    return Representation(
        body, etag, ok, always, _head(b"200 OK", ok), _head(b"304 Not Modified", always)
    )


def _head(status: bytes, headers: Headers) -> bytes:
    fields = b"".join(b"%b: %b\r\n" % field for field in headers)
    return b"HTTP/1.1 %b\r\n%b" % (status, fields)
