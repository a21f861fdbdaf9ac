"""Measurements with real clients: pip and uv install a closure of 40 packages, caches empty."""

import os
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from side_by_side.contestant import Contestant
from side_by_side.corpus import CLOSURE_PACKAGES, CLOSURE_ROOT
from side_by_side.environments import client_environment
from side_by_side.measurement import Bench, Measurement
from side_by_side.samples import Sample

_TIMEOUT_SECONDS = 300


def _uv(index: str, folder: Path) -> list[str]:
    command = [str(client_environment("uv") / "uv"), "pip", "install", "--no-config", "--quiet"]
    command += ["--cache-dir", str(folder / "cache"), "--link-mode", "copy"]
    return [*command, "--target", str(folder / "target"), "--index-url", index, CLOSURE_ROOT]


def _pip(index: str, folder: Path) -> list[str]:
    command = [str(client_environment("pip") / "python"), "-m", "pip", "--isolated", "install"]
    command += ["--no-cache-dir", "--disable-pip-version-check", "--no-compile", "--quiet"]
    return [*command, "--target", str(folder / "target"), "--index-url", index, CLOSURE_ROOT]


def _install(
    key: str, client: str, command: Callable[[str, Path], list[str]], *, slow: bool
) -> Measurement:
    def measure(contestant: Contestant, bench: Bench, _round: int) -> Sample | None:
        bench.scratch.mkdir(exist_ok=True)
        with tempfile.TemporaryDirectory(dir=bench.scratch) as name:
            folder = Path(name)
            words = command(contestant.place.index_with_login, folder)
            cpu, started = contestant.process.cpu_seconds(), time.perf_counter()
            subprocess.run(words, check=True, env=_environment(), timeout=_TIMEOUT_SECONDS)
            wall = time.perf_counter() - started
            used = contestant.process.cpu_seconds() - cpu
            installed = len(list((folder / "target").glob("*.dist-info")))
        if installed != CLOSURE_PACKAGES:
            raise RuntimeError(f"{client} installed {installed} packages")
        return {"wall_s": wall, "cpu_us": used * 1e6}

    title = f"{client} installs {CLOSURE_PACKAGES} packages"
    return Measurement(key, title, frozenset({"closure"}), measure, slow)


def _environment() -> dict[str, str]:
    """Return this environment without settings of the user's that lead to other indexes."""
    others = ("PIP_", "UV_", "PYTHONPATH")
    return {key: value for key, value in os.environ.items() if not key.startswith(others)}


INSTALLS = [
    _install("uv", "uv", _uv, slow=False),
    _install("pip", "pip", _pip, slow=True),
]
