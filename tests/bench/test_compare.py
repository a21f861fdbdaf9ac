"""The benchmark still runs: a few seconds of it, on Wheelyard alone."""

import json
import os
import subprocess
import sys
from pathlib import Path

BENCH = Path(__file__).resolve().parents[2] / "bench"


def test_a_short_run_measures_wheelyard(tmp_path: Path) -> None:
    out = tmp_path / "results.json"

    done = subprocess.run(
        [sys.executable, "-m", "side_by_side", "--smoke", "--out", out],
        env={**os.environ, "PYTHONPATH": str(BENCH)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=200,
        check=False,
    )

    assert done.returncode == 0, done.stdout
    run = json.loads(out.read_text())
    samples = {key: rounds["wheelyard"][0] for key, rounds in run["samples"].items()}
    assert run["failures"] == {}
    for read in ("page", "page-304", "metadata", "wheel-2k"):
        assert samples[read]["per_second"] > 0
        assert samples[read]["cpu_us"] > 0
        assert samples[read]["p50_ms"] <= samples[read]["p99_ms"]
    assert samples["upload"]["per_second"] > 0
    assert samples["visible"]["first_read"] == 1
    assert samples["start"]["start_s"] > 0
    assert samples["memory"]["after_mb"] > 10
