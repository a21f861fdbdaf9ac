"""Answers as values: a status, headers and a body in memory, and how one is sent."""

from dataclasses import dataclass

from wheelyard.http.asgi import Scope, Send

Headers = tuple[tuple[bytes, bytes], ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer; `headers` are without Content-Length, which follows from the body."""

    status: int
    headers: Headers = ()
    body: bytes = b""

    async def send(self, scope: Scope, send: Send) -> None:
        """Send it; HEAD gets the headers of GET and no body."""
        length = (b"content-length", str(len(self.body)).encode())
        # RFC 9110 8.6: no Content-Length with 204, and none is needed with 304.
        headers = self.headers if self.status in {204, 304} else (*self.headers, length)
        await send({"type": "http.response.start", "status": self.status, "headers": headers})
        body = b"" if scope["method"] == "HEAD" else self.body
        await send({"type": "http.response.body", "body": body})
