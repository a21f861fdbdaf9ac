"""What measuring yields: samples of rounds, and the medians and ratios that are shown of them."""

from dataclasses import asdict, dataclass, field
from statistics import median
from typing import Any, TypeAlias

# One round's figures of one server; the name of each says its unit:
# per_second p50_ms p99_ms cpu_us gb_per_second wall_s cpu_s start_s idle_mb after_mb ...
Sample: TypeAlias = dict[str, float]


@dataclass(slots=True)
class Results:
    """All samples of a run: measurement, then server, then one for each round."""

    machine: dict[str, str]
    servers: dict[str, str]  # name to version and configuration
    samples: dict[str, dict[str, list[Sample]]] = field(default_factory=dict)
    failures: dict[str, list[str]] = field(default_factory=dict)  # of each server

    def add(self, measurement: str, server: str, sample: Sample) -> None:
        """Keep one more round's figures."""
        self.samples.setdefault(measurement, {}).setdefault(server, []).append(sample)

    def add_failure(self, measurement: str, server: str, words: str) -> None:
        """Keep that a server did not serve in a round."""
        self.failures.setdefault(server, []).append(f"{measurement}: {words}")

    def figure(self, measurement: str, server: str, name: str) -> float | None:
        """Return the median of a figure over the rounds; None if it was not measured."""
        values = self._values(measurement, server, name)
        return median(values) if values else None

    def ratio(self, measurement: str, name: str, server: str, peer: str) -> float | None:
        """Return the median of the rounds' ratios: what stands side by side is compared."""
        ours, theirs = (self._values(measurement, who, name) for who in (server, peer))
        pairs = [(a, b) for a, b in zip(ours, theirs, strict=False) if b > 0]
        return median(a / b for a, b in pairs) if pairs else None

    def as_json(self) -> dict[str, Any]:
        """Return everything, for a file."""
        return asdict(self)

    def _values(self, measurement: str, server: str, name: str) -> list[float]:
        rounds = self.samples.get(measurement, {}).get(server, [])
        return [sample[name] for sample in rounds if name in sample]
