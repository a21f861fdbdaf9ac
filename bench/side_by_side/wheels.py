"""Wheels made on the spot: valid, of a chosen size, equal in every run for equal arguments."""

import hashlib
import os
import random
import zipfile
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_BLOCK_BYTES = 1 << 20
_BARE_BYTES = 1_340  # a wheel of this module without payload, about


@dataclass(frozen=True, slots=True)
class Distribution:
    """One wheel on disk, and what an upload form has to say about it."""

    name: str
    version: str
    path: Path
    metadata: bytes
    requires: tuple[str, ...]


def make_wheel(
    folder: Path, name: str, version: str, size_bytes: int, requires: tuple[str, ...] = ()
) -> Distribution:
    """Write a wheel of about `size_bytes` that does not compress, unless it is there."""
    package = name.replace("-", "_")
    path = folder / f"{package}-{version}-py3-none-any.whl"
    metadata = _metadata(name, version, requires)
    if not path.exists():
        partial = path.with_suffix(f".{os.getpid()}")
        _write(partial, f"{package}-{version}.dist-info", package, metadata, size_bytes)
        partial.rename(path)
    return Distribution(name, version, path, metadata, requires)


def _metadata(name: str, version: str, requires: tuple[str, ...]) -> bytes:
    lines = ["Metadata-Version: 2.1", f"Name: {name}", f"Version: {version}"]
    lines += ["Summary: made for a benchmark", "Requires-Python: >=3.9"]
    lines += [f"Requires-Dist: {requirement}" for requirement in requires]
    return ("\n".join(lines) + "\n").encode()


def _write(path: Path, info: str, package: str, metadata: bytes, size_bytes: int) -> None:
    records = []
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:

        def add(member: str, blocks: Iterator[bytes]) -> None:
            digest, length = hashlib.sha256(), 0
            entry = zipfile.ZipInfo(member, (2020, 1, 1, 0, 0, 0))
            with archive.open(entry, "w", force_zip64=size_bytes > 1 << 31) as stream:
                for block in blocks:
                    stream.write(block)
                    digest.update(block)
                    length += len(block)
            coded = urlsafe_b64encode(digest.digest()).rstrip(b"=").decode()
            records.append(f"{member},sha256={coded},{length}")

        add(f"{package}/__init__.py", iter([b""]))
        add(f"{package}/data.bin", _payload(f"{info}", size_bytes - _BARE_BYTES))
        add(f"{info}/METADATA", iter([metadata]))
        kind = b"Wheel-Version: 1.0\nGenerator: bench\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        add(f"{info}/WHEEL", iter([kind]))
        archive.writestr(
            zipfile.ZipInfo(f"{info}/RECORD", (2020, 1, 1, 0, 0, 0)),
            "\n".join([*records, f"{info}/RECORD,,"]) + "\n",
        )


def _payload(seed: str, size_bytes: int) -> Iterator[bytes]:
    source = random.Random(seed)  # noqa: S311  bytes that do not compress, not a secret
    while size_bytes > 0:
        yield source.randbytes(min(size_bytes, _BLOCK_BYTES))
        size_bytes -= _BLOCK_BYTES
