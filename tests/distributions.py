"""Wheels and sdists made in memory for tests: deterministic, and right in every detail.

What a test wants wrong it says by an argument, or by changing the bytes it got.
"""

import base64
import gzip
import hashlib
import io
import tarfile
import zipfile
from collections.abc import Collection, Iterable, Mapping, Sequence

from wheelyard.domain.models.packages import Digests

_EPOCH = (1980, 1, 1, 0, 0, 0)
_FILE_MODE = 0o100644


def build_metadata(
    name: str,
    version: str,
    *,
    requires_python: str | None = None,
    fields: Sequence[tuple[str, str]] = (),
    description: str = "",
    format_version: str = "2.1",
) -> bytes:
    """Return a METADATA or PKG-INFO document."""
    lines = [f"Metadata-Version: {format_version}", f"Name: {name}", f"Version: {version}"]
    lines += [] if requires_python is None else [f"Requires-Python: {requires_python}"]
    lines += [f"{field}: {value}" for field, value in fields]
    return ("\n".join(lines) + "\n" + (f"\n{description}" if description else "")).encode()


def build_wheel(
    name: str,
    version: str,
    *,
    metadata: bytes | None = None,
    files: Mapping[str, bytes] | None = None,
    tag: str = "py3-none-any",
    without: Collection[str] = (),
    record: bytes | None = None,
    requires_python: str | None = None,
) -> tuple[str, bytes]:
    """Return the file name and the bytes of a wheel.

    `files` are added to (or, by the same name, replace) the usual ones, and `without` leaves
    some out; RECORD lists what is there, unless `record` is given.
    """
    escaped = name.lower().replace("-", "_").replace(".", "_")
    dist_info = f"{escaped}-{version}.dist-info"
    document = metadata or build_metadata(name, version, requires_python=requires_python)
    wheel = f"Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: {tag}\n"
    members: dict[str, bytes] = {
        f"{escaped}/__init__.py": b'"""A package."""\n',
        f"{dist_info}/METADATA": document,
        f"{dist_info}/WHEEL": wheel.encode(),
        **(files or {}),
    }
    record_name = f"{dist_info}/RECORD"
    members = {path: content for path, content in members.items() if path not in without}
    if record_name not in without:
        members[record_name] = build_record(members, record_name) if record is None else record
    return f"{escaped}-{version}-{tag}.whl", write_zip(members.items())


def build_sdist(
    name: str,
    version: str,
    *,
    metadata: bytes | None = None,
    files: Mapping[str, bytes] | None = None,
    requires_python: str | None = None,
) -> tuple[str, bytes]:
    """Return the file name and the bytes of a .tar.gz; `files` count from its top folder."""
    escaped = name.lower().replace("-", "_").replace(".", "_")
    top = f"{escaped}-{version}"
    document = metadata or build_metadata(name, version, requires_python=requires_python)
    members = {"PKG-INFO": document, f"{escaped}.py": b"", **(files or {})}
    content = write_tar((f"{top}/{path}", data) for path, data in members.items())
    return f"{top}.tar.gz", content


def build_record(members: Mapping[str, bytes], record_name: str) -> bytes:
    """Return the RECORD of these members."""
    rows = []
    for path, content in members.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
        rows.append(f"{path},sha256={digest},{len(content)}\n")
    return "".join([*rows, f"{record_name},,\n"]).encode()


def write_zip(
    members: Iterable[tuple[str | zipfile.ZipInfo, bytes]],
    compression: int = zipfile.ZIP_DEFLATED,
    comment: bytes = b"",
) -> bytes:
    """Return a ZIP archive of the members, in their order; equal names are written twice."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", compression) as archive:
        archive.comment = comment
        for name, content in members:
            info = name if isinstance(name, zipfile.ZipInfo) else zip_info(name)
            archive.writestr(info, content, compression)
    return target.getvalue()


def zip_info(name: str) -> zipfile.ZipInfo:
    """Return the header of an ordinary ZIP member."""
    info = zipfile.ZipInfo(name, _EPOCH)
    info.create_system = 3
    info.external_attr = _FILE_MODE << 16
    return info


def write_tar(members: Iterable[tuple[str | tarfile.TarInfo, bytes]]) -> bytes:
    """Return a .tar.gz of the members, in their order."""
    return gzip.compress(write_plain_tar(members), mtime=0)


def write_plain_tar(members: Iterable[tuple[str | tarfile.TarInfo, bytes]]) -> bytes:
    """Return a tar archive of the members, not compressed."""
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for name, content in members:
            info = name if isinstance(name, tarfile.TarInfo) else tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return target.getvalue()


def compute_digests(content: bytes) -> Digests:
    """Return the digests that a server computes of these bytes."""
    return Digests(
        sha256=hashlib.sha256(content).hexdigest(),
        md5=hashlib.md5(content, usedforsecurity=False).hexdigest(),
        blake2_256=hashlib.blake2b(content, digest_size=32).hexdigest(),
    )


def upload_fields(filename: str, content: bytes, **fields: str) -> dict[str, list[str]]:
    """Return the form that an ordinary client sends with the file; `fields` add or replace."""
    is_wheel = filename.endswith(".whl")
    stem = filename.removesuffix(".tar.gz").removesuffix(".zip")
    name, version = stem.split("-")[:2] if is_wheel else stem.rsplit("-", 1)
    usual = {
        ":action": "file_upload",
        "protocol_version": "1",
        "metadata_version": "2.1",
        "name": name,
        "version": version,
        "filetype": "bdist_wheel" if is_wheel else "sdist",
        "pyversion": stem.split("-")[-3] if is_wheel else "source",
        "sha256_digest": hashlib.sha256(content).hexdigest(),
    }
    return {field: [value] for field, value in {**usual, **fields}.items()}
