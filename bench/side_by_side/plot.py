"""The plot of a run, drawn by matplotlib, which only the benchmark's own environment has.

Run as a script by that environment's Python: plot.py RESULTS.json PICTURE.svg
"""

import json
import sys
from pathlib import Path
from statistics import median
from typing import Any

import matplotlib as mpl  # type: ignore[import-not-found]

mpl.use("svg")
from matplotlib import pyplot as plt

_PANELS = [
    ("per_second", "requests per second\n(more is better)"),
    ("p50_ms", "p50, ms"),
    ("p99_ms", "p99, ms"),
    ("cpu_us", "server CPU for each request, µs"),
]
_MEMORY = [("start", "idle_mb", "at rest"), ("memory", "after_mb", "after the runs")]
_COLOURS = ["#d62728", "#1f77b4", "#2ca02c", "#9467bd", "#8c564b"]


def main(results: Path, picture: Path) -> None:
    """Draw one row of dots for each measurement, and bars of memory below."""
    run = json.loads(results.read_text())
    samples, servers = run["samples"], list(run["servers"])
    rows = [key for key, found in samples.items() if _has_cpu(found)][::-1]
    mpl.rcParams.update({"svg.fonttype": "none", "svg.hashsalt": "bench", "font.size": 9})
    shape = {"height_ratios": [len(rows) + 2, len(_MEMORY) + 2]}
    figure, axes = plt.subplots(2, 4, figsize=(13, 3 + len(rows) * 0.3), gridspec_kw=shape)
    for column, (name, title) in enumerate(_PANELS):
        points = {server: _points(samples, rows, server, name) for server in servers}
        _dots(axes[0][column], points, len(rows), title)
        axes[0][column].set_yticks(range(len(rows)), rows if column == 0 else [""] * len(rows))
        axes[1][column].axis("off")
    _memory(figure.add_subplot(axes[1][0].get_gridspec()[1, :2]), samples, servers)
    figure.legend(*axes[0][0].get_legend_handles_labels(), loc=(0.6, 0.05))
    figure.tight_layout()
    figure.savefig(picture, metadata={"Date": None})


def _has_cpu(found: dict[str, list[dict[str, float]]]) -> bool:
    return any("cpu_us" in sample for rounds in found.values() for sample in rounds)


def _figure(samples: Any, key: str, server: str, name: str) -> float | None:
    values = [sample[name] for sample in samples.get(key, {}).get(server, []) if name in sample]
    return median(values) if values else None


def _points(samples: Any, rows: list[str], server: str, name: str) -> list[tuple[float, int]]:
    found = [(_figure(samples, key, server, name), place) for place, key in enumerate(rows)]
    return [(value, place) for value, place in found if value is not None]


def _dots(axis: Any, points: dict[str, list[tuple[float, int]]], rows: int, title: str) -> None:
    for (server, mine), colour in zip(points.items(), _COLOURS, strict=False):
        values, places = [value for value, _ in mine], [place for _, place in mine]
        axis.plot(values, places, "o", color=colour, label=server, alpha=0.8)
    axis.set_xscale("log")
    axis.set_ylim(-0.5, rows - 0.5)
    axis.set_title(title, fontsize=9)
    axis.grid(visible=True, color="#dddddd")


def _memory(axis: Any, samples: Any, servers: list[str]) -> None:
    for number, (key, name, title) in enumerate(_MEMORY):
        heights = [_figure(samples, key, server, name) or 0 for server in servers]
        places = [place + number * 0.4 for place in range(len(servers))]
        axis.barh(places, heights, 0.35, label=title)
    axis.set_yticks([place + 0.2 for place in range(len(servers))], servers)
    axis.set_title("resident memory (PSS), MB", fontsize=9)
    axis.legend(fontsize=7)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
