"""A file of a gigabyte goes through in either direction, and memory stays flat."""

import base64
import hashlib
import os
import shutil
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from distributions import build_metadata, build_wheel, zip_info
from registry import Registry
from running import Server
from serving.publishing import Publisher
from stores import is_bucket

MEBIBYTE = 1024 * 1024
# The bucket of the tests copies all of an object for each part of it that is read.
LARGE_BYTES = (256 if is_bucket() else 1024) * MEBIBYTE
MAX_GROWTH_BYTES = 64 * MEBIBYTE


class Memory:
    """The most memory that a process has held since this was made (Linux: VmHWM)."""

    def __init__(self, pid: int) -> None:
        self._status = Path(f"/proc/{pid}/status")
        Path(f"/proc/{pid}/clear_refs").write_text("5")  # the peak starts anew (proc(5))
        self._before = self._read("VmRSS")

    def growth_bytes(self) -> int:
        """Return how far the peak is above what was held at first."""
        return self._read("VmHWM") - self._before

    def _read(self, field: str) -> int:
        lines = self._status.read_text().splitlines()
        return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(field))


def write_large_wheel(folder: Path) -> Path:
    """Write a wheel whose one large member is stored as it is; nothing of it is compressible."""
    file = folder / "large-1.0-py3-none-any.whl"
    block = os.urandom(MEBIBYTE)
    digest = hashlib.sha256()
    with zipfile.ZipFile(file, "w") as archive:
        with archive.open(zip_info("large/data.bin"), "w", force_zip64=True) as member:
            for _ in range(LARGE_BYTES // MEBIBYTE):
                member.write(block)
                digest.update(block)
        encoded = base64.urlsafe_b64encode(digest.digest()).rstrip(b"=").decode()
        rows = [f"large/data.bin,sha256={encoded},{LARGE_BYTES}"]
        wheel = b"Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        for name, content in {"METADATA": build_metadata("large", "1.0"), "WHEEL": wheel}.items():
            path = f"large-1.0.dist-info/{name}"
            archive.writestr(zip_info(path), content)
            small = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=")
            rows.append(f"{path},sha256={small.decode()},{len(content)}")
        record = "large-1.0.dist-info/RECORD"
        archive.writestr(zip_info(record), "\n".join([*rows, f"{record},,\n"]))
    return file


def read_pieces(file: Path) -> Iterator[bytes]:
    with file.open("rb") as stream:
        while piece := stream.read(MEBIBYTE):
            yield piece


@pytest.mark.timeout(900)  # a bucket of the tests takes its own time
def test_a_gigabyte_in_flat_memory(tmp_path: Path) -> None:
    wheel = write_large_wheel(tmp_path)
    server = Server(tmp_path / "data").start()
    try:
        Registry(server.data).setting("max_file_size_bytes", str(2 * 1024 * MEBIBYTE))
        publisher = Publisher.of(server)
        assert publisher.upload(*build_wheel("small", "1.0")).status_code == 201
        assert publisher.listed("small")
        [worker] = server.worker_pids

        memory = Memory(worker)
        answer = publisher.stream(wheel.name, read_pieces(wheel), wheel.stat().st_size)
        assert answer == (201, b'{"message":"201 Created"}')
        assert memory.growth_bytes() < MAX_GROWTH_BYTES

        memory = Memory(worker)
        url = publisher.listed("large")[wheel.name]
        with publisher.open(url) as download:
            digest = hashlib.file_digest(download.raw, "sha256").hexdigest()
        assert digest in url.split("/")
        assert memory.growth_bytes() < MAX_GROWTH_BYTES
    finally:
        assert server.stop() == 0
        wheel.unlink()
        shutil.rmtree(server.data)  # pytest keeps the folders of three runs
