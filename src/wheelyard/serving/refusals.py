"""The answers to what never becomes a request: they are made once, and close the connection."""


def _refusal(status: bytes, sentence: bytes, *fields: bytes) -> bytes:
    """Make the answer to what is no request."""
    body = b'{"message":"%b - %b"}' % (status, sentence)
    length = b"content-length: %d" % len(body)
    head = (b"HTTP/1.1 " + status, b"content-type: application/json", length, *fields)
    return b"\r\n".join((*head, b"connection: close", b"", body))


MALFORMED = _refusal(b"400 Bad Request", b"This is not HTTP/1.1.")
UNKNOWN_METHOD = _refusal(
    b"405 Method Not Allowed",
    b"There is no such method.",
    b"allow: GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS",
)
TOO_LARGE = _refusal(
    b"431 Request Header Fields Too Large",
    b"The first line and the header of a request may take 64 KiB.",
)
