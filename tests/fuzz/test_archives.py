"""The archive readers against damaged and malicious files: no crash, no hang, no second opinion.

What the readers accept without an error is opened by the standard library as well: if the two
disagree about what is inside, an installer would see another file than we checked.
"""

import gzip
import io
import struct
import tarfile
import time
import zipfile
from collections.abc import Callable, Iterable

import pytest

from distributions import (
    build_metadata,
    build_record,
    build_sdist,
    build_wheel,
    write_plain_tar,
    write_zip,
)
from fuzz.mutating import NUMBERS, Mutator, seeds
from wheelyard.domain.archives.limits import Limits
from wheelyard.domain.archives.tar_content import read_tar
from wheelyard.domain.archives.zip_directory import read_directory
from wheelyard.domain.findings import CODES, Findings, Severity
from wheelyard.domain.inspection import Inspection, inspect_file
from wheelyard.inspection_rules import inspection_rules

MAX_SECONDS = 5.0
"""For one small file, on a busy machine."""

DOCUMENT = build_metadata(
    "my-pkg",
    "1.0",
    requires_python=">=3.9",
    fields=[
        *(
            ("Summary", "naïve"),
            ("Requires-Dist", "a[b]>=1; extra == 'c'"),
            ("Dynamic", "Platform"),
        ),
        *(("Project-URL", "Home, https://example.org"), ("Classifier", "Topic :: Utilities")),
        *(("Author-email", "A <a@example.org>"), ("License-Expression", "MIT")),
    ],
    description="Title\n=====\n\ntext\n",
    format_version="2.4",
)
INFO, TOP = "my_pkg-1.0.dist-info", "my_pkg-1.0"
ENTRY_POINTS = {f"{INFO}/entry_points.txt": b"[console_scripts]\nx = my_pkg:main\n"}
WHEEL_NAME, WHEEL = build_wheel("my-pkg", "1.0", metadata=DOCUMENT, files=ENTRY_POINTS)
SDIST_NAME, SDIST = build_sdist("my-pkg", "1.0", metadata=DOCUMENT, files={"a/b.py": b"x"})
PLAIN_TAR = gzip.decompress(SDIST)
ZIP_NAME = "my_pkg-1.0.zip"
ZIP_MEMBERS = {f"{TOP}/PKG-INFO": DOCUMENT, f"{TOP}/setup.py": b"", f"{TOP}/a/b.py": b"x"}


def members_of(wheel: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(wheel)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def changed_wheel(mutator: Mutator) -> tuple[str, bytes]:
    return WHEEL_NAME, mutator.changed(WHEEL)


def changed_members(mutator: Mutator) -> tuple[str, bytes]:
    """Change what is in a wheel, or a member's name, and pack it well again."""
    members = members_of(WHEEL)
    del members[f"{INFO}/RECORD"]
    for name in mutator.sample(sorted(members), mutator.randint(1, 2)):
        content = members.pop(name)
        if mutator.random() < 0.3:
            name = mutator.changed(name.encode(), 1).decode("latin-1")  # noqa: PLW2901  the new one
        else:
            content = mutator.changed(content)
        members[name[:200]] = content
    record = build_record(members, f"{INFO}/RECORD")
    if mutator.random() < 0.3:
        record = mutator.changed(record)
    return WHEEL_NAME, packed({**members, f"{INFO}/RECORD": record})


def changed_zip_numbers(mutator: Mutator) -> tuple[str, bytes]:
    """Overwrite numbers in the records of a ZIP archive."""
    content = bytearray(WHEEL)
    places = [
        place
        for signature, length in ((b"PK\x03\x04", 30), (b"PK\x01\x02", 46), (b"PK\x05\x06", 22))
        for start in find_all(WHEEL, signature)
        for place in range(start + 4, start + length - 1)
    ]
    for _ in range(mutator.randint(1, 3)):
        form = mutator.choice(("<B", "<H"))
        value = mutator.choice((*NUMBERS, mutator.randrange(2**16)))
        struct.pack_into(
            form, content, mutator.choice(places), value & (0xFF if "B" in form else 0xFFFF)
        )
    return WHEEL_NAME, bytes(content)


def changed_zip_sdist(mutator: Mutator) -> tuple[str, bytes]:
    name = mutator.choice(sorted(ZIP_MEMBERS))
    return ZIP_NAME, packed({**ZIP_MEMBERS, name: mutator.changed(ZIP_MEMBERS[name])})


def changed_sdist(mutator: Mutator) -> tuple[str, bytes]:
    return SDIST_NAME, mutator.changed(SDIST)


def changed_tar(mutator: Mutator) -> tuple[str, bytes]:
    """Change the tar archive below the compression."""
    return SDIST_NAME, gzip.compress(mutator.changed(PLAIN_TAR), 1, mtime=0)


def changed_tar_headers(mutator: Mutator) -> tuple[str, bytes]:
    """Change fields of tar headers, and make their checksums right again."""
    content = bytearray(PLAIN_TAR)
    starts = [
        start for start in range(0, len(content), 512) if content[start + 257 :][:5] == b"ustar"
    ]
    for start in mutator.sample(starts, mutator.randint(1, len(starts))):
        offset, length = mutator.choice(
            ((0, 100), (100, 8), (124, 12), (156, 1), (157, 100), (345, 155))
        )
        field = bytes(content[start + offset : start + offset + length])
        content[start + offset : start + offset + length] = mutator.changed(field, 2).ljust(
            length, b"\0"
        )[:length]
        content[start + 148 : start + 156] = b" " * 8
        checksum = sum(content[start : start + 512])
        content[start + 148 : start + 156] = b"%06o\0 " % checksum
    return SDIST_NAME, gzip.compress(bytes(content), 1, mtime=0)


def odd_tar(mutator: Mutator) -> tuple[str, bytes]:
    """Write a tar archive of odd members with the standard library."""
    hidden = tarfile.TarInfo(f"{TOP}/hidden").tobuf(tarfile.USTAR_FORMAT)
    members: list[tuple[str | tarfile.TarInfo, bytes]] = [(f"{TOP}/PKG-INFO", DOCUMENT)]
    for number in range(mutator.randint(1, 3)):
        name = mutator.choice(("x", "é", "x/", "../x", "x" * 150, "d/" * 60, ".", ""))
        info = tarfile.TarInfo(mutator.choice((f"{TOP}/{number}{name}", f"{TOP}/", "x")))
        info.type = bytes([mutator.choice(b"00001222\x00\x00\x005577gxLKSV36")])
        info.linkname = mutator.choice(("", "x", "../../etc/passwd", f"{TOP}/PKG-INFO", "/"))
        info.mode = mutator.choice((0, 0o644, 0o7777))
        if mutator.random() < 0.5:
            key = mutator.choice(("path", "linkpath", "size", "GNU.sparse.size", "uid", "mtime"))
            value = mutator.choice(("7", "512", "0", f"{TOP}/y", f"{TOP}/y/", "é"))
            info.pax_headers = {key: value}
        data = mutator.choice((b"", b"", b"data", hidden, hidden + b"x"))
        members.insert(mutator.randint(0, len(members)), (info, data))
    return SDIST_NAME, gzip.compress(write_plain_tar(members), 1, mtime=0)


def find_all(content: bytes, wanted: bytes) -> Iterable[int]:
    start = content.find(wanted)
    while start >= 0:
        yield start
        start = content.find(wanted, start + 1)


def packed(members: dict[str, bytes]) -> bytes:
    return write_zip(members.items())


KINDS: dict[str, Callable[[Mutator], tuple[str, bytes]]] = {
    "wheel": changed_wheel,
    "wheel-members": changed_members,
    "zip-numbers": changed_zip_numbers,
    "zip-sdist": changed_zip_sdist,
    "sdist": changed_sdist,
    "tar": changed_tar,
    "tar-headers": changed_tar_headers,
    "odd-tar": odd_tar,
}


@pytest.mark.timeout(0)
def test_archives(fuzz_seconds: float) -> None:
    kinds = list(KINDS)
    for seed in seeds(fuzz_seconds):
        kind = kinds[seed % len(kinds)]
        filename, content = KINDS[kind](Mutator(seed))
        begun = time.monotonic()
        inspection = inspect_file(io.BytesIO(content), filename, len(content), inspection_rules())
        assert time.monotonic() - begun < MAX_SECONDS, (kind, seed)
        check(inspection, filename, content, (kind, seed))


def check(inspection: Inspection, filename: str, content: bytes, which: tuple[str, int]) -> bool:
    """Hold what was found against what may be; return whether the file is accepted."""
    for finding in inspection.findings:
        assert finding.code in CODES, which
        assert finding.message.isprintable(), which
        assert len(finding.message) < 1000, which
    if inspection.facts is None:
        assert inspection.is_fatal, which
        return False
    if any(finding.severity is not Severity.WARNING for finding in inspection.findings):
        return False
    assert inspection.facts.normalised_name == "my-pkg", which
    assert inspection.facts.version == "1.0", which
    names, metadata = read_by_library(filename, content)
    assert names == read_by_us(filename, content), which
    assert metadata == inspection.facts.metadata, which
    return True


def read_by_us(filename: str, content: bytes) -> list[str]:
    source = io.BytesIO(content)
    if filename.endswith(".tar.gz"):
        members = read_tar(source, len(content), lambda _: False, Limits(), Findings()).members
        return [member.name for member in members]
    directory = read_directory(source, len(content), Limits(), Findings())
    return [entry.name for entry in directory.entries]


def read_by_library(filename: str, content: bytes) -> tuple[list[str], bytes]:
    """Return what the standard library finds: the members, all of them read, and the metadata."""
    if filename.endswith(".tar.gz"):
        with tarfile.open(fileobj=io.BytesIO(content), mode="r:gz") as tar:
            members = tar.getmembers()
            files = {member.name: tar.extractfile(member) for member in members if member.isreg()}
            assert len(files) == sum(member.isreg() for member in members)
            read = {name: file.read() for name, file in files.items() if file is not None}
            names = [member.name.removeprefix("./") for member in members]
            return names, read[f"{TOP}/PKG-INFO"]
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        member = f"{INFO}/METADATA" if filename.endswith(".whl") else f"{TOP}/PKG-INFO"
        return archive.namelist(), archive.read(member)


def test_the_ways_to_change_reach_both_outcomes() -> None:
    """The fuzz is worth its time: what it makes is accepted now and then, and refused."""
    for kind in ("wheel-members", "zip-numbers", "zip-sdist", "tar", "tar-headers", "odd-tar"):
        accepted = set()
        for seed in range(1000):
            filename, content = KINDS[kind](Mutator(seed))
            inspection = inspect_file(io.BytesIO(content), filename, len(content))
            accepted.add(check(inspection, filename, content, (kind, seed)))
            if len(accepted) > 1:
                break
        assert accepted == {True, False}, kind
