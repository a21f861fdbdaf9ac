"""What every handler is given: the ports, a clock, and what the server knows of itself."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from wheelyard.domain.metadata_rules import Rules
from wheelyard.http.about import About
from wheelyard.http.limits import Limits
from wheelyard.http.middleware.proxies import Network
from wheelyard.http.redirects import Delivery
from wheelyard.http.usage import UsageCollector
from wheelyard.ports.blobs import Blobs
from wheelyard.ports.database import Database
from wheelyard.ports.metrics import Metrics
from wheelyard.ports.passwords import Passwords
from wheelyard.ports.spool import Spool


@dataclass(frozen=True, slots=True)
class Services:
    """The machinery behind the handlers, put together by `wheelyard.app`.

    rules: what the checks of an upload go by.
    clock: returns the present moment in UTC.
    usage: where a request leaves which token and which file it used.
    about: what this process runs on.
    metrics: where what is done is counted.
    limits: who has sent too many wrong secrets.
    delivery: how large files reach the clients, where they are in an object store.
    metrics_from: the networks from which the figures may be read without a token.
    external_url: the address users know the server by, without a slash at the end, or None
        to take it from each request.
    """

    db: Database
    blobs: Blobs
    spool: Spool
    passwords: Passwords
    rules: Rules
    clock: Callable[[], datetime]
    usage: UsageCollector
    about: About
    metrics: Metrics
    limits: Limits = field(default_factory=Limits)
    delivery: Delivery = Delivery.AUTO
    metrics_from: tuple[Network, ...] = ()
    external_url: str | None = None
