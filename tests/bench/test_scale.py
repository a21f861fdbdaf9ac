"""The benchmark of growth still runs: a few requests to two small registries."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.timeout(420)
def test_a_short_run_compares_two_sizes(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("before\n<!-- grown: begin -->\nold\n<!-- grown: end -->\nafter\n")
    asked = ["--sizes", "1k,2k", "--quick", "--only", "group: packages, by", "--write", str(page)]

    done = subprocess.run(
        [sys.executable, "-m", "scaling", *asked],
        env={**os.environ, "PYTHONPATH": f"{ROOT / 'bench'}{os.pathsep}{ROOT / 'tests'}"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=400,
        check=False,
    )

    assert done.returncode == 0, done.stdout
    written = page.read_text()
    rows = [line for line in written.splitlines() if line.startswith("| group: packages, by ")]
    assert [row.split("|")[1].strip() for row in rows] == [
        "group: packages, by name",
        "group: packages, by version",
    ]
    assert "| files | 1,000 | 2,000 | growth |" in written
    assert written.startswith("before\n")
    assert written.endswith("after\n")
    assert "old" not in written
