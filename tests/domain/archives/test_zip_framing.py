"""ZIP archives that two readers could see differently: each is refused, whatever else is right.

The framing attacks are those that registries and installers had to learn of, one by one.
"""

import io
import struct
import zipfile
from collections.abc import Callable, Mapping

import pytest

from distributions import write_zip, zip_info
from wheelyard.domain.archives.limits import Limits, Unreadable
from wheelyard.domain.archives.zip_content import Contents, hash_member, read_members
from wheelyard.domain.archives.zip_directory import read_directory
from wheelyard.domain.findings import Findings

LOCAL, CENTRAL, END = b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06"
MEMBERS = [("a.txt", b"first " * 50), ("b.txt", b"second " * 50)]
GOOD = write_zip(MEMBERS)


def read(content: bytes, limits: Limits | None = None) -> tuple[Contents, set[str]]:
    """Read an archive whole; return its contents and the codes that were noted."""
    findings = Findings()
    source, size, limits = io.BytesIO(content), len(content), limits or Limits()
    directory = read_directory(source, size, limits, findings)
    wanted = {name: 10_000 for name, _ in MEMBERS}
    contents = read_members(
        source, size, directory, wanted=wanted, limits=limits, findings=findings
    )
    return contents, {finding.code for finding in findings.listed()}


def refusal(content: bytes, limits: Limits | None = None) -> str:
    with pytest.raises(Unreadable) as caught:
        read(content, limits)
    return caught.value.finding.code


def patch(record: bytes, offset: int, form: str, value: int, content: bytes = GOOD) -> bytes:
    changed = bytearray(content)
    struct.pack_into(form, changed, content.find(record) + offset, value)
    return bytes(changed)


def end64(entries: int = 2, size: int | None = None, record_size: int = 44, at: int = 0) -> bytes:
    """Return the good archive with ZIP64 end records in front of the plain one."""
    start, end = GOOD.find(CENTRAL), GOOD.find(END)
    length = end - start if size is None else size
    record = struct.pack(
        "<4sQ2H2L4Q", b"PK\x06\x06", record_size, 45, 45, 0, 0, entries, entries, length, start
    )
    locator = struct.pack("<4sLQL", b"PK\x06\x07", 0, end + at, 1)
    return GOOD[:end] + record + locator + GOOD[end:]


def with_local_name(name: bytes) -> bytes:
    at = GOOD.find(LOCAL) + 30
    return GOOD[:at] + name + GOOD[at + len(name) :]


def overlapping() -> bytes:
    """Both directory entries point to the first member, as overlapping bombs do."""
    second = GOOD.find(CENTRAL, GOOD.find(CENTRAL) + 4)
    return GOOD[:second] + patch(CENTRAL, 42, "<L", 0, GOOD[second:])


ATTACKS: Mapping[str, tuple[Callable[[], bytes], str]] = {
    "empty file": (lambda: b"", "archive-unreadable"),
    "not an archive": (lambda: b"x" * 500, "archive-unreadable"),
    "bytes in front": (lambda: b"#!/bin/sh\n" + GOOD, "archive-hidden-bytes"),
    "bytes behind": (lambda: GOOD + b"\0", "archive-trailing-bytes"),
    "two archives": (lambda: GOOD + GOOD, "archive-hidden-bytes"),
    "cut off": (lambda: GOOD[:-1], "archive-unreadable"),
    "count too low": (
        lambda: patch(END, 8, "<H", 1, patch(END, 10, "<H", 1)),
        "archive-inconsistent",
    ),
    "count too high": (
        lambda: patch(END, 8, "<H", 3, patch(END, 10, "<H", 3)),
        "archive-inconsistent",
    ),
    "counts differ": (lambda: patch(END, 8, "<H", 1), "zip-multi-disk"),
    "directory too short": (lambda: patch(END, 12, "<L", 40), "archive-hidden-bytes"),
    "directory elsewhere": (lambda: patch(END, 16, "<L", 0), "archive-hidden-bytes"),
    "unknown record": (lambda: patch(CENTRAL, 0, "<L", 0), "archive-inconsistent"),
    "directory name too long": (lambda: patch(CENTRAL, 28, "<H", 999), "archive-inconsistent"),
    "member on another disk": (lambda: patch(CENTRAL, 34, "<H", 1), "zip-multi-disk"),
    "other local name": (lambda: with_local_name(b"z.txt"), "archive-inconsistent"),
    "other local size": (lambda: patch(LOCAL, 22, "<L", 1), "archive-inconsistent"),
    "other local method": (lambda: patch(LOCAL, 8, "<H", 0), "archive-inconsistent"),
    "other local flags": (lambda: patch(LOCAL, 6, "<H", 0x800), "archive-inconsistent"),
    "no local header": (lambda: patch(LOCAL, 0, "<L", 0), "archive-inconsistent"),
    "local name beyond the end": (lambda: patch(LOCAL, 26, "<H", 60000), "archive-inconsistent"),
    "size declared too small": (
        lambda: patch(CENTRAL, 24, "<L", 10, patch(LOCAL, 22, "<L", 10)),
        "archive-inconsistent",
    ),
    "size declared too large": (
        lambda: patch(CENTRAL, 24, "<L", 999, patch(LOCAL, 22, "<L", 999)),
        "archive-inconsistent",
    ),
    "wrong checksum": (
        lambda: patch(CENTRAL, 16, "<L", 0, patch(LOCAL, 14, "<L", 0)),
        "archive-unreadable",
    ),
    "damaged contents": (lambda: patch(LOCAL, 36, "<L", 0xFFFFFFFF), "archive-unreadable"),
    "overlapping members": (overlapping, "archive-hidden-bytes"),
    "masked header": (lambda: patch(CENTRAL, 8, "<H", 0x2000), "zip-encrypted"),
    "ZIP64 with another count": (lambda: end64(entries=1), "archive-inconsistent"),
    "ZIP64 with another size": (lambda: end64(size=1), "archive-inconsistent"),
    "ZIP64 with extensible data": (lambda: end64(record_size=60), "archive-inconsistent"),
    "ZIP64 record elsewhere": (lambda: end64(at=-1), "archive-inconsistent"),
    "ZIP64 marks without record": (
        lambda: patch(END, 16, "<L", 0xFFFFFFFF),
        "archive-inconsistent",
    ),
    "ZIP64 marks without field": (
        lambda: patch(CENTRAL, 24, "<L", 0xFFFFFFFF),
        "archive-inconsistent",
    ),
}


def test_a_good_archive_is_read() -> None:
    contents, codes = read(GOOD)
    assert codes == set()
    assert dict(contents.documents) == dict(MEMBERS)


def test_an_archive_with_zip64_records_is_read() -> None:
    contents, codes = read(end64())
    assert codes == set()
    assert len(contents.members) == 2


def test_a_member_with_forced_zip64_sizes_is_read() -> None:
    target = io.BytesIO()
    with (
        zipfile.ZipFile(target, "w") as archive,
        archive.open(zip_info("a.txt"), "w", force_zip64=True) as member,
    ):
        member.write(b"x")
    contents, codes = read(target.getvalue())
    assert codes == set()
    assert contents.documents == {"a.txt": b"x"}


@pytest.mark.parametrize("attack", ATTACKS)
def test_attack_is_refused(attack: str) -> None:
    make, code = ATTACKS[attack]
    assert refusal(make()) == code


def test_a_bomb_is_refused_before_it_unpacks() -> None:
    content = write_zip([("zeros", bytes(2_000_000))])
    assert refusal(content, Limits(free_unpacked_bytes=1_000_000)) == "archive-bomb"
    assert read(content, Limits(free_unpacked_bytes=2_000_000))[1] == set()


def test_the_whole_is_bounded_whatever_the_ratio() -> None:
    content = write_zip([("a", b"0123456789")], zipfile.ZIP_STORED)
    assert refusal(content, Limits(max_unpacked_bytes=9)) == "archive-bomb"


def test_a_document_over_its_limit_is_refused() -> None:
    content = write_zip([("a.txt", bytes(10_001))])
    assert refusal(content) == "metadata-too-large"


def test_a_member_can_be_hashed_again() -> None:
    source = io.BytesIO(GOOD)
    directory = read_directory(source, len(GOOD), Limits(), Findings())
    digest = hash_member(source, directory.entries[1], "sha512")
    assert len(digest) == 64
    assert digest == hash_member(source, directory.entries[1], "sha512")


@pytest.mark.parametrize(
    ("extra", "is_noted"),
    [
        (b"", False),
        (struct.pack("<HHL", 0x5455, 4, 0), False),
        (struct.pack("<HHHH", 1, 0, 1, 0), True),  # ZIP64 twice
        (struct.pack("<HHBL", 0x7075, 10, 1, 0) + b"other", True),  # another Unicode path
        (struct.pack("<HH", 0x7075, 2) + b"\1\0", True),  # too short for one
    ],
)
def test_extra_fields(*, extra: bytes, is_noted: bool) -> None:
    info = zip_info("a.txt")
    info.extra = extra
    assert ("zip-extra-field" in read(write_zip([(info, b"x")]))[1]) is is_noted
