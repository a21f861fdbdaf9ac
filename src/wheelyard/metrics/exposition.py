"""From the slots of all worker processes to Prometheus' text, by prometheus_client."""

import json
from array import array
from collections.abc import Iterable, Iterator
from itertools import accumulate
from pathlib import Path

from prometheus_client import CollectorRegistry
from prometheus_client.exposition import choose_encoder
from prometheus_client.metrics_core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector

from wheelyard import __version__
from wheelyard.domain.metrics import FAMILIES, Family, Kind
from wheelyard.metrics.slots import CELL_BYTES, CELLS, is_held, whole_lines
from wheelyard.ports.metrics import Exposition

_BY_NAME = {family.name: family for family in FAMILIES}

_Sums = dict[tuple[str, ...], list[float]]
"""The numbers of each series, over all processes, by its family's name and its labels' values."""


def expose(folder: Path, accept: str) -> Exposition:
    """Return the figures that are counted in a folder."""
    registry = CollectorRegistry()
    registry.register(_Figures(folder))
    encode, content_type = choose_encoder(accept)
    return Exposition(content_type, encode(registry))


class _Figures(Collector):
    """The figures of a folder, for the library."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def collect(self) -> Iterator[Metric]:
        """Return every family, those without a series too."""
        sums = _sums(sorted(self._folder.glob("*.cells")))
        for family in FAMILIES:
            series = [(key[1:], cells) for key, cells in sums.items() if key[0] == family.name]
            yield _metric(family, series)
        version = GaugeMetricFamily(
            "wheelyard_build_info", "The version that runs.", labels=["version"]
        )
        version.add_metric([__version__], 1)
        yield version


def _sums(slots: Iterable[Path]) -> _Sums:
    sums: _Sums = {}
    for path in slots:
        is_alive = is_held(path)
        lines = whole_lines(path.with_suffix(".names"))  # first: what they name is there by then
        cells = array("d", path.read_bytes()[: CELLS * CELL_BYTES])
        for name, labels, position in map(json.loads, lines):
            family = _BY_NAME[name]
            if family.kind is Kind.GAUGE and not is_alive:
                continue
            part = cells[position : position + family.cells]
            known = sums.get((name, *labels))
            added = part if known is None else [a + b for a, b in zip(known, part, strict=True)]
            sums[name, *labels] = list(added)
    return sums


def _metric(family: Family, series: Iterable[tuple[tuple[str, ...], list[float]]]) -> Metric:
    if family.kind is Kind.HISTOGRAM:
        return _histogram(family, series)
    of_kind = CounterMetricFamily if family.kind is Kind.COUNTER else GaugeMetricFamily
    metric = of_kind(family.name, family.meaning, labels=family.labels)
    for labels, (value,) in series:
        metric.add_metric(labels, value)
    return metric


def _histogram(family: Family, series: Iterable[tuple[tuple[str, ...], list[float]]]) -> Metric:
    metric = HistogramMetricFamily(family.name, family.meaning, labels=family.labels)
    bounds = [*map(str, family.bounds), "+Inf"]
    for labels, (total, *counts) in series:
        buckets = list(zip(bounds, accumulate(counts), strict=True))
        metric.add_metric(labels, buckets, total)
    return metric
