"""Rates and costs: pages and uploads of nodes at once, and of two kinds of nodes in turn."""

import statistics
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from side_by_side.load import Target, figures_of, wrk
from side_by_side.uploads import make_form, upload_forms
from side_by_side.wheels import Distribution

from scaling_out.nodes import Cluster, postgres_cpu_seconds

_CONNECTIONS = 16
_UPLOADERS = 8


@dataclass(frozen=True, slots=True)
class Rate:
    """How many of something a second, and the microseconds of CPU each: of nodes and database."""

    per_second: float
    cpu_us: float
    database_cpu_us: float = 0.0


def pages(cluster: Cluster, seconds: int) -> Rate:
    """Read the page from all nodes at once; it is in memory."""
    targets = [cluster.page(node) for node in cluster.nodes]
    _load(targets, 1)
    before = cluster.cpu_seconds()
    rates = _load(targets, seconds)
    spent = cluster.cpu_seconds() - before
    return Rate(sum(rates), spent / (sum(rates) * seconds) * 1e6)


def uploads(cluster: Cluster, wheels: Sequence[Distribution]) -> Rate:
    """Upload wheels to all nodes at once, over eight connections in all."""
    nodes = cluster.nodes
    lanes = [
        [make_form(wheel) for wheel in wheels[number :: len(nodes)]] for number in range(len(nodes))
    ]
    at_once = max(1, _UPLOADERS // len(nodes))
    before, of_database = cluster.cpu_seconds(), postgres_cpu_seconds()
    started = time.perf_counter()
    with ThreadPoolExecutor(len(nodes)) as pool:
        done = [
            pool.submit(upload_forms, cluster.place(node), lane, at_once)
            for node, lane in zip(nodes, lanes, strict=True)
        ]
        for each in done:
            each.result()
    taken = time.perf_counter() - started
    count = len(wheels)
    spent = cluster.cpu_seconds() - before
    return Rate(
        count / taken,
        spent / count * 1e6,
        (postgres_cpu_seconds() - of_database) / count * 1e6,
    )


def beside(first: Cluster, second: Cluster, rounds: int, seconds: int) -> tuple[Rate, Rate, float]:
    """Read the page from both in turn; the last is the median ratio of the second's CPU."""
    measured = [(pages(first, seconds), pages(second, seconds)) for _ in range(rounds)]
    ratio = statistics.median(b.cpu_us / a.cpu_us for a, b in measured)
    return _middle([a for a, _ in measured]), _middle([b for _, b in measured]), ratio


def _middle(rates: Sequence[Rate]) -> Rate:
    return Rate(
        statistics.median(rate.per_second for rate in rates),
        statistics.median(rate.cpu_us for rate in rates),
    )


def _load(targets: Sequence[Target], seconds: int) -> list[float]:
    connections = max(1, _CONNECTIONS // len(targets))
    with ThreadPoolExecutor(len(targets)) as pool:
        outputs = pool.map(lambda target: wrk(target, connections, seconds), targets)
        return [figures_of(output)["per_second"] for output in outputs]
