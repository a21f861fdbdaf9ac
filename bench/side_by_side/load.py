"""The load of reads: wrk, and its figures beside the server's CPU time."""

import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass

from side_by_side.debian import program
from side_by_side.processes import ServerProcess
from side_by_side.samples import Sample

_GRACE_SECONDS = 60
_SECONDS = {"us": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0}
_BYTES = {"B": 1, "KB": 2**10, "MB": 2**20, "GB": 2**30}


class LoadFailedError(Exception):
    """A server did not serve as it should under load, so that the figures mean nothing."""


@dataclass(frozen=True, slots=True)
class Target:
    """An address and the headers that it is asked with."""

    url: str
    headers: Mapping[str, str]


def run_wrk(server: ServerProcess, target: Target, connections: int, seconds: int) -> Sample:
    """Drive `target` from one thread; return per_second, p50_ms, p99_ms, cpu_us, gb_per_second.

    Raises LoadFailedError if any answer is not 2xx or 3xx, a connection breaks, or none answers.
    """
    wrk(target, connections, 1)  # warm up
    before = server.cpu_seconds()
    output = wrk(target, connections, seconds)
    cpu_seconds = server.cpu_seconds() - before
    requests = int(_find(r"(\d+) requests in", output))
    return figures_of(output) | {"cpu_us": cpu_seconds / requests * 1e6}


def wrk(target: Target, connections: int, seconds: int) -> str:
    """Run wrk and return what it prints. Raises LoadFailedError, see run_wrk."""
    command = [program("wrk", "wrk"), "-t1", f"-c{connections}", f"-d{seconds}s"]
    command += ["--latency", "--timeout", "30s"]
    for name, value in target.headers.items():
        command += ["-H", f"{name}: {value}"]
    done = subprocess.run(
        [*command, target.url],
        capture_output=True,
        text=True,
        check=True,
        timeout=seconds + _GRACE_SECONDS,
    )
    if bad := re.search(r"Non-2xx or 3xx responses: \d+|Socket errors: .*", done.stdout):
        raise LoadFailedError(f"{target.url}: {bad[0]}")
    if " 0 requests in" in done.stdout:
        raise LoadFailedError(f"{target.url}: no answer in {seconds} s")
    return done.stdout


def figures_of(output: str) -> Sample:
    """Return per_second, p50_ms, p99_ms and gb_per_second from what wrk printed."""
    return {
        "per_second": float(_find(r"Requests/sec:\s+([\d.]+)", output)),
        "p50_ms": _number(_find(r"\n\s+50%\s+(\S+)", output), _SECONDS) * 1e3,
        "p99_ms": _number(_find(r"\n\s+99%\s+(\S+)", output), _SECONDS) * 1e3,
        "gb_per_second": _number(_find(r"Transfer/sec:\s+(\S+)", output), _BYTES) / 1e9,
    }


def _find(pattern: str, text: str) -> str:
    match = re.search(pattern, text)
    if match is None:
        raise LoadFailedError(f"wrk's output has no {pattern}:\n{text}")
    return match[1]


def _number(text: str, units: Mapping[str, float]) -> float:
    match = re.fullmatch(r"([\d.]+)([A-Za-z]+)", text)
    if match is None:
        raise LoadFailedError(f"wrk's output has {text!r} for a figure")
    return float(match[1]) * units[match[2]]
