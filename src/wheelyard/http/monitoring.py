"""`/-/metrics`: the figures of this node's processes, for Prometheus.

They tell how much a server is used, so not everybody may read them: whoever asks from an address
of `WHEELYARD_METRICS_FROM`, and administrators with a token, from everywhere. For others there is
no such address, as in GitLab.
"""

from ipaddress import ip_address

from starlette.requests import Request
from starlette.responses import Response

from wheelyard.domain.access import Scope
from wheelyard.domain.errors import Refused, not_found
from wheelyard.http.asgi import Scope as Connection
from wheelyard.http.asgi import client_address
from wheelyard.http.auth import authenticate, read_credential
from wheelyard.http.middleware.proxies import is_forwarded, is_proxied
from wheelyard.http.services import Services

_SCOPES = frozenset({Scope.API, Scope.READ_API})


async def metrics(request: Request) -> Response:
    """Answer with the figures as text, in Prometheus' own form or OpenMetrics'."""
    services: Services = request.app.state.services
    if not (_is_near(services, request.scope) or await _is_administrator(services, request.scope)):
        raise not_found("404")
    content_type, body = await services.metrics.expose(request.headers.get("accept", ""))
    return Response(body, 200, {"cache-control": "no-store"}, content_type)


def _is_near(services: Services, scope: Connection) -> bool:
    """Tell whether the client's own address is one of those that may.

    Where a proxy forwards a request, and is not trusted to say for whom, nobody knows the client.
    """
    if is_forwarded(scope) and not is_proxied(scope):
        return False
    try:
        address = ip_address(client_address(scope))
    except ValueError:
        return False
    address = getattr(address, "ipv4_mapped", None) or address
    return any(address in network for network in services.metrics_from)


async def _is_administrator(services: Services, scope: Connection) -> bool:
    credential, now = read_credential(scope["headers"]), services.clock()
    if credential is None:
        return False
    try:
        async with services.db.read() as tx:
            actor = await authenticate(services, tx, scope, credential, now=now)
    except Refused:
        return False
    return actor.is_admin and not (actor.scopes or frozenset()).isdisjoint(_SCOPES)
