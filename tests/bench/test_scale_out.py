"""bench/scale-out still runs, and prints the tables that docs/scaling.md shows."""

import os
import subprocess
import sys

from docs.markdown import ROOT

SHORT = ["--nodes", "1", "--seconds", "1", "--uploads", "8", "--rounds", "1"]


def test_a_short_run_prints_its_tables() -> None:
    modules = os.pathsep.join([str(ROOT / "bench"), str(ROOT / "tests")])
    ended = subprocess.run(
        [sys.executable, "-m", "scaling_out", *SHORT],
        env={**os.environ, "PYTHONPATH": modules},
        capture_output=True,
        text=True,
        timeout=220,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    rows = [line.split("|")[1].strip() for line in ended.stdout.splitlines() if line[:1] == "|"]
    assert rows[2] == "1"
    assert rows[-3:-1] == ["SQLite and disk", "PostgreSQL and S3"]
    document = (ROOT / "docs" / "scaling.md").read_text(encoding="utf-8")
    headings = [line for line in ended.stdout.splitlines() if line.startswith(("| nodes", "| one"))]
    assert len(headings) == 2
    assert all(heading in document for heading in headings)
