"""Tar archives: what is read, and what is refused before it could do harm."""

import gzip
import io
import tarfile
from collections.abc import Callable, Mapping

import pytest

from distributions import write_plain_tar, write_tar
from wheelyard.domain.archives.gzip_stream import GzipStream
from wheelyard.domain.archives.limits import Limits, Unreadable
from wheelyard.domain.archives.tar_content import TarContents, read_tar
from wheelyard.domain.archives.tar_headers import is_header, parse_pax
from wheelyard.domain.findings import Findings

PLAIN = write_plain_tar([("p-1/PKG-INFO", b"Name: p\n"), ("p-1/setup.py", b"x" * 600)])


def read(content: bytes, limits: Limits | None = None) -> TarContents:
    def is_wanted(name: str) -> bool:
        return name == "p-1/PKG-INFO"

    return read_tar(io.BytesIO(content), len(content), is_wanted, limits or Limits(), Findings())


def refusal(content: bytes, limits: Limits | None = None) -> str:
    with pytest.raises(Unreadable) as caught:
        read(content, limits)
    return caught.value.finding.code


def packed(plain: bytes) -> bytes:
    return gzip.compress(plain, mtime=0)


def changed_header(*changes: tuple[int, bytes]) -> bytes:
    """Overwrite parts of the first header, and mend its checksum; return the plain archive."""
    header = bytearray(PLAIN[:512])
    for offset, value in changes:
        header[offset : offset + len(value)] = value
    header[148:156] = b" " * 8
    header[148:156] = b"%06o\0 " % sum(header)
    return bytes(header) + PLAIN[512:]


def with_header(offset: int, value: bytes, *more: tuple[int, bytes]) -> bytes:
    return packed(changed_header((offset, value), *more))


def link_with_data() -> bytes:
    return with_header(156, b"2")


def with_type(
    kind: bytes, data: bytes, *, next_type: bytes = b"0", next_name: bytes = b"p-1/PKG-INFO"
) -> bytes:
    """Put a member of this type in front, and change the one behind it."""
    info = tarfile.TarInfo("x")
    info.type = kind
    info.size = len(data)
    padded = data.ljust(-(-len(data) // 512) * 512, b"\0")
    return packed(
        info.tobuf(tarfile.USTAR_FORMAT)
        + padded
        + changed_header((156, next_type), (0, next_name + b"\0"))
    )


ATTACKS: Mapping[str, tuple[Callable[[], bytes], str]] = {
    "not gzip": (lambda: PLAIN, "archive-unreadable"),
    "cut gzip": (lambda: packed(PLAIN)[:-9], "archive-unreadable"),
    "damaged gzip": (lambda: packed(PLAIN)[:20] + bytes(60), "archive-unreadable"),
    "bytes behind gzip": (lambda: packed(PLAIN) + b"behind", "archive-trailing-bytes"),
    "bytes behind tar": (lambda: packed(PLAIN + b"behind"), "archive-trailing-bytes"),
    "cut header": (lambda: packed(PLAIN[:300]), "archive-unreadable"),
    "cut data": (lambda: packed(PLAIN[:1700]), "archive-unreadable"),
    "cut padding": (lambda: packed(PLAIN[:530]), "archive-unreadable"),
    "wrong checksum": (lambda: packed(b"q" + PLAIN[1:]), "archive-unreadable"),
    "size is no number": (lambda: with_header(124, b"1_000"), "archive-unreadable"),
    "size beyond the end": (lambda: with_header(124, b"77777777777"), "metadata-too-large"),
    "ambiguous prefix": (
        lambda: with_header(257, b"ustar  \0" + b" " * 80 + b"x"),
        "archive-inconsistent",
    ),
    "link with data": (link_with_data, "archive-inconsistent"),
    "GNU sparse": (lambda: with_type(b"S", b""), "tar-sparse-member"),
    "pax sparse": (lambda: with_type(b"x", b"22 GNU.sparse.size=10\n"), "tar-sparse-member"),
    "pax record twice": (
        lambda: with_type(b"x", b"8 path=a\n"[:9].replace(b"8", b"9") * 2),
        "archive-inconsistent",
    ),
    # Python's tarfile takes these two for the end of the archive; other readers go on.
    "mode is no number": (lambda: with_header(100, b"000x644"), "archive-unreadable"),
    "time is no number": (lambda: with_header(136, b"1_000"), "archive-unreadable"),
    "description of nothing": (
        lambda: packed(gzip.decompress(with_type(b"x", b"9 path=b\n"))[:1024] + bytes(1024)),
        "archive-inconsistent",
    ),
    "description at a cut": (
        lambda: packed(gzip.decompress(with_type(b"L", b"x\0"))[:1024]),
        "archive-inconsistent",
    ),
    # A reader that takes the other size, or the other name, takes data for a header.
    "two sizes": (lambda: with_type(b"x", b"9 size=9\n"), "archive-inconsistent"),
    "folder by one name": (
        lambda: with_type(b"x", b"13 path=p-1/\n", next_type=b"\0"),
        "archive-inconsistent",
    ),
    "file by one name": (
        lambda: with_type(b"x", b"9 path=a\n", next_type=b"\0", next_name=b"a/"),
        "archive-inconsistent",
    ),
    "prefix without a name": (
        lambda: with_header(0, b"\0" * 100, (345, b"p-1")),
        "archive-inconsistent",
    ),
    "pax damaged": (lambda: with_type(b"x", b"what"), "archive-unreadable"),
    "pax and GNU name": (
        lambda: packed(
            gzip.decompress(with_type(b"L", b"a\0"))[:1024]
            + gzip.decompress(with_type(b"x", b"9 path=b\n"))
        ),
        "archive-inconsistent",
    ),
    "global path": (lambda: with_type(b"g", b"9 path=a\n"), "archive-inconsistent"),
    "overlong header": (lambda: with_type(b"x", bytes(1024 * 1024 + 1)), "metadata-too-large"),
    "row of gzip streams": (lambda: packed(PLAIN) + packed(b"") * 40, "archive-inconsistent"),
}


def test_members_and_the_wanted_document_are_read() -> None:
    contents = read(packed(PLAIN))
    assert [(member.name, member.size_bytes) for member in contents.members] == [
        ("p-1/PKG-INFO", 8),
        ("p-1/setup.py", 600),
    ]
    assert contents.document == b"Name: p\n"


@pytest.mark.parametrize("format_", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_long_names_are_read_in_every_format(format_: int) -> None:
    name = "p-1/" + "d" * 90 + "/" + "f" * 90
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w:gz", format=format_) as archive:
        archive.addfile(tarfile.TarInfo(name))
    assert [member.name for member in read(target.getvalue()).members] == [name]


@pytest.mark.parametrize("attack", ATTACKS)
def test_attack_is_refused(attack: str) -> None:
    make, code = ATTACKS[attack]
    assert refusal(make()) == code


def test_a_bomb_stops_while_it_unpacks() -> None:
    content = write_tar([("p-1/zeros", bytes(5_000_000))])
    assert refusal(content, Limits(free_unpacked_bytes=1_000_000)) == "archive-bomb"


def test_the_number_of_members_is_bounded() -> None:
    content = write_tar([(f"p-1/{number}", b"") for number in range(5)])
    assert refusal(content, Limits(max_members=4)) == "archive-too-many-members"
    assert refusal(content, Limits(max_directory_bytes=20)) == "archive-too-many-members"


def test_base_256_sizes_are_read() -> None:
    size = b"\x80" + (8).to_bytes(11, "big")
    assert read(with_header(124, size)).members[0].size_bytes == 8


def test_numbers_may_be_absent_or_negative() -> None:
    for odd in (b"\xff" * 12, b"\0" * 12, b" " * 12, b"\0garbage"):
        assert len(read(with_header(136, odd)).members) == 2


def test_a_zero_block_is_a_header_of_nothing() -> None:
    assert not is_header(b"\1" * 512)
    assert not is_header(b"short")


def test_pax_records_may_hold_anything() -> None:
    assert parse_pax(b"12 path=a=b\n") == {"path": b"a=b"}
    assert parse_pax(b"12 path=\xc3\xa4\n\n") == {"path": b"\xc3\xa4\n"}


def test_a_gzip_stream_gives_what_is_asked_for() -> None:
    stream = GzipStream(io.BytesIO(packed(b"0123456789")), 100)
    assert stream.read(3) == b"012"
    assert stream.skip(4) == 4
    assert stream.read(100) == b"789"
    assert stream.read(1) == b""
