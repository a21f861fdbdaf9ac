"""The folder that a run's servers keep their data in; gone when the run ends."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def run_folder(cache: Path) -> Iterator[Path]:
    """Make a folder below `cache`, and remove it at the end, with those of killed runs."""
    for left in cache.glob("run-*"):
        if not Path("/proc", left.name.split("-")[1]).exists():
            shutil.rmtree(left, ignore_errors=True)
    with tempfile.TemporaryDirectory(dir=cache, prefix=f"run-{os.getpid()}-") as name:
        yield Path(name)
