"""Absolute addresses, where an answer needs one."""

from wheelyard.http.asgi import Scope, header
from wheelyard.http.services import Services


def base_url(scope: Scope, services: Services) -> str:
    """Return `https://host[:port]`: the configured external address, else the request's own."""
    if services.external_url is not None:
        return services.external_url
    return f"{scope['scheme']}://{header(scope, b'host') or 'localhost'}"
