"""Request ids: one for each request, to find its log lines by what its answer showed.

An id is a prefix of the process and a number: it costs a fraction of a microsecond, and no two
processes share one. A trusted proxy may have given the request an id already; then that one goes
on, so that the logs of both speak of the same thing.
"""

import itertools
import re
import secrets

from structlog.contextvars import get_contextvars

from wheelyard.http.asgi import Scope
from wheelyard.http.middleware.proxies import Proxies

HEADER = b"x-request-id"
FIELD = "request_id"
"""What logs and the JSON of errors call it."""

_WELL_FORMED = re.compile(rb"[A-Za-z0-9._:=+/@-]{1,128}")
"""What an id may be: it goes into headers, logs and pages as it is. UUIDs fit, and AWS's traces."""


class RequestIds:
    """Gives ids; those that a client sends are taken over from `proxies` only."""

    def __init__(self, proxies: Proxies) -> None:
        self._proxies = proxies
        self._prefix = secrets.token_hex(6).encode()
        self._numbers = itertools.count(1)

    def of(self, scope: Scope, sent: bytes | None) -> bytes:
        """Return the id of a request, whose header field for it is `sent`.

        `scope` still has the client that is connected, be it a proxy.
        """
        if sent is not None and _WELL_FORMED.fullmatch(sent) and self._proxies.sent(scope):
            return sent
        return b"%b-%x" % (self._prefix, next(self._numbers))


def present_id() -> str:
    """Return the id of the request that is being answered; empty outside of one."""
    return str(get_contextvars().get(FIELD, ""))


def with_id(status: int) -> dict[str, str]:
    """Return what an error's JSON says beside the rest: the id, where the fault is the server's."""
    is_ours = status >= 500  # noqa: PLR2004  RFC 9110, 15.6
    return {FIELD: request_id} if is_ours and (request_id := present_id()) else {}
