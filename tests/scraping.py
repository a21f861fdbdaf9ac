"""Reading `/-/metrics` in a test, with the parser of Prometheus' own library."""

import time
from collections.abc import Callable, Mapping
from contextlib import suppress

import requests
from prometheus_client.parser import text_string_to_metric_families

DEADLINE_SECONDS = 60

Figures = Mapping[tuple[str, tuple[tuple[str, str], ...]], float]
"""Values by the sample's name and its labels, sorted."""


def parse(text: str) -> Figures:
    """Return every sample of an exposition."""
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def scrape(address: str) -> Figures:
    """Read the figures over a new connection: any worker may answer."""
    answer = requests.get(f"{address}/-/metrics", timeout=60)
    assert answer.status_code == 200, answer.text
    return parse(answer.text)


def value(figures: Figures, name: str, **labels: str) -> float:
    """Return one sample's value, 0 when there is none."""
    return figures.get((name, tuple(sorted(labels.items()))), 0.0)


def await_figures(address: str, holds: Callable[[Figures], bool]) -> Figures:
    """Read the figures until they are as they should be: a request is counted when it has ended.

    A worker that is killed takes connections along that it had not yet accepted.
    """
    deadline = time.monotonic() + DEADLINE_SECONDS
    figures: Figures = {}
    while time.monotonic() < deadline:
        with suppress(requests.ConnectionError):
            if holds(figures := scrape(address)):
                return figures
        time.sleep(0.05)
    shown = [item for item in sorted(figures.items()) if not item[0][0].endswith("_bucket")]
    raise AssertionError(shown)
