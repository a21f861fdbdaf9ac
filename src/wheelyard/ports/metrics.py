"""Where the server counts what it does, and who tells it on."""

from typing import NamedTuple, Protocol

from wheelyard.domain.metrics import Family


class Exposition(NamedTuple):
    """The figures of all processes of this machine, as text for Prometheus."""

    content_type: str
    body: bytes


class Metrics(Protocol):
    """The figures of this process. Counting is for the event loop's thread only."""

    def count(self, family: Family, *labels: str, amount: float = 1) -> None:
        """Add to a counter or a gauge."""

    def observe(self, family: Family, *labels: str, value: float) -> None:
        """Add a value to a histogram."""

    def observe_lowest(self, family: Family, *labels: str, total: float, times: int) -> None:
        """Add several values, `total` together, that all are in a histogram's lowest bucket."""

    async def expose(self, accept: str) -> Exposition:
        """Return all figures, in the form that `accept`, the header of the request, prefers."""
