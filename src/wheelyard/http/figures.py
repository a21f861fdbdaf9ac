"""Counting reads of the index: their routes, and the fast way for those that memory answers.

`{index}` stands for the addresses of an index: a project's, a group's or the instance's.
"""

import asyncio
from dataclasses import dataclass, field

from wheelyard.domain.metrics import (
    HTTP_REQUESTS,
    HTTP_RESPONSE_BYTES,
    HTTP_SECONDS,
    INDEX_READS,
)
from wheelyard.ports.metrics import Metrics

LIST_ROUTE = "{index}/simple/"
PAGE_ROUTE = "{index}/simple/{name}/"
FILE_ROUTE = "{index}/files/{sha256}/{filename}"
JSON_ROUTE = "{index}/pypi/{name}/json"
UPLOAD_ROUTE = "/api/v4/projects/{id}/packages/pypi"

LIST, PAGE, FILE = "list", "page", "file"
MEMORY, STORES = "memory", "stores"

PUBLISH_SECONDS = 0.5
"""After what time the figures of memory's answers are on the board."""

_LOWEST = HTTP_SECONDS.bounds[0]


@dataclass(slots=True)
class Tally:
    """What memory has answered of one kind of document since it was last published.

    slow_seconds: the times of the answers that took longer than the first bucket goes.
    """

    ok: int = 0
    not_modified: int = 0
    seconds: float = 0.0
    size_bytes: int = 0
    slow_seconds: list[float] = field(default_factory=list)


class MemoryFigures:
    """The figures of the reads that memory answers.

    They are kept in plain numbers and added to the board twice a second: an addition in shared
    memory takes three times as long, and each answer would need five.
    """

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics
        self._is_planned = False
        self.list = Tally()
        self.page = Tally()
        self.file = Tally()
        self.publish()

    def answered(self, tally: Tally, size_bytes: int, seconds: float, is_whole: bool) -> None:
        """Count an answer: 200 with its bytes, or 304."""
        if is_whole:
            tally.ok += 1
            tally.size_bytes += size_bytes
        else:
            tally.not_modified += 1
        tally.seconds += seconds
        if seconds > _LOWEST:
            tally.slow_seconds.append(seconds)
        if not self._is_planned:
            self._is_planned = True
            asyncio.get_running_loop().call_later(PUBLISH_SECONDS, self.publish)

    def publish(self) -> None:
        """Add what was counted to the board."""
        self._is_planned = False
        _publish(self._metrics, LIST, LIST_ROUTE, self.list)
        _publish(self._metrics, PAGE, PAGE_ROUTE, self.page)
        _publish(self._metrics, FILE, FILE_ROUTE, self.file)
        self.list, self.page, self.file = Tally(), Tally(), Tally()


def _publish(metrics: Metrics, document: str, route: str, tally: Tally) -> None:
    answers = tally.ok + tally.not_modified
    metrics.count(HTTP_REQUESTS, "GET", route, "200", amount=tally.ok)
    metrics.count(HTTP_REQUESTS, "GET", route, "304", amount=tally.not_modified)
    metrics.count(HTTP_RESPONSE_BYTES, route, amount=tally.size_bytes)
    metrics.count(INDEX_READS, document, MEMORY, amount=answers)
    metrics.count(INDEX_READS, document, STORES, amount=0)
    fast, slow = answers - len(tally.slow_seconds), tally.slow_seconds
    fast_seconds = tally.seconds - sum(slow)
    metrics.observe_lowest(HTTP_SECONDS, "GET", route, total=fast_seconds, times=fast)
    for seconds in slow:
        metrics.observe(HTTP_SECONDS, "GET", route, value=seconds)
