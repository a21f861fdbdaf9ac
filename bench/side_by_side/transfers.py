"""The load of large files: connections that read as fast as they can, in large blocks.

wrk reads 8 kB at a time and is slower than the servers here, so that it would measure itself.
"""

import http.client
import time
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

from side_by_side.load import LoadFailedError, Target
from side_by_side.processes import ServerProcess
from side_by_side.samples import Sample

_BLOCK_BYTES = 1 << 20
_TIMEOUT_SECONDS = 60


def run_transfers(
    server: ServerProcess, target: Target, connections: int, seconds: float
) -> Sample:
    """Read the file over and over on all connections; return per_second, cpu_us, gb_per_second.

    Only whole files count, and the clock ends with the last of them. Raises LoadFailedError.
    """
    _read_files(target, seconds=0)  # warm up
    with ThreadPoolExecutor(connections) as pool:
        before, started = server.cpu_seconds(), time.perf_counter()
        lanes = list(pool.map(lambda _: _read_files(target, seconds), range(connections)))
        wall, cpu_seconds = time.perf_counter() - started, server.cpu_seconds() - before
    sizes = [size_bytes for lane in lanes for size_bytes in lane]
    return {
        "per_second": len(sizes) / wall,
        "cpu_us": cpu_seconds / len(sizes) * 1e6,
        "gb_per_second": sum(sizes) / wall / 1e9,
    }


def _read_files(target: Target, seconds: float) -> list[int]:
    """Read whole files on one connection until the time is over; return their sizes, at least 1."""
    parts = urlsplit(target.url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=_TIMEOUT_SECONDS)
    buffer = bytearray(_BLOCK_BYTES)
    deadline, sizes = time.monotonic() + seconds, list[int]()
    try:
        while not sizes or time.monotonic() < deadline:
            connection.request("GET", parts.path, headers=dict(target.headers))
            sizes.append(_read_answer(connection.getresponse(), buffer))
    except (OSError, http.client.HTTPException) as error:
        raise LoadFailedError(f"{target.url}: {error}") from error
    finally:
        connection.close()
    return sizes


def _read_answer(response: http.client.HTTPResponse, buffer: bytearray) -> int:
    expected = int(response.headers.get("Content-Length", "0"))
    received = 0
    while block := response.readinto(buffer):
        received += block
    if response.status != 200 or received != expected:  # noqa: PLR2004
        raise LoadFailedError(f"status {response.status}, {received} of {expected} bytes")
    return received
