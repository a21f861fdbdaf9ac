"""One upload for every code a finding can have: the table that shows what each code means.

Each case is made from the good wheel or the good sdist by one change.
"""

import gzip
import io
import stat
import struct
import tarfile
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from distributions import (
    build_metadata,
    build_record,
    build_sdist,
    build_wheel,
    compute_digests,
    upload_fields,
    write_plain_tar,
    write_tar,
    write_zip,
    zip_info,
)
from wheelyard.domain.archives.limits import Limits
from wheelyard.domain.form import UploadForm
from wheelyard.domain.inspection import Inspection, inspect_distribution
from wheelyard.domain.metadata_rules import Rules

INFO = "my_pkg-1.0.dist-info"
TOP = "my_pkg-1.0"
LOCAL, CENTRAL, END = b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06"


@dataclass(frozen=True)
class Upload:
    """A file, the fields of its form that differ from the usual ones, and the rules.

    `sent_as_files` are the fields that come as file parts.
    """

    filename: str
    content: bytes
    fields: Mapping[str, list[str]] = field(default_factory=dict)
    rules: Rules = field(default_factory=Rules)
    sent_as_files: tuple[str, ...] = ()

    def inspect(self) -> Inspection:
        usual = upload_fields("my_pkg-1.0-py3-none-any.whl", self.content)
        usual["sha256_digest"] = [compute_digests(self.content).sha256]
        if not self.filename.endswith(".whl"):
            usual |= {"filetype": ["sdist"], "pyversion": ["source"]}
        form = {name: values for name, values in (usual | dict(self.fields)).items() if values}
        return inspect_distribution(
            io.BytesIO(self.content),
            filename=self.filename,
            size_bytes=len(self.content),
            digests=compute_digests(self.content),
            form=UploadForm(form, self.sent_as_files),
            rules=self.rules,
        )


WHEEL_NAME, WHEEL = build_wheel("my-pkg", "1.0")
SDIST_NAME, SDIST = build_sdist("my-pkg", "1.0")
PKG_INFO = build_metadata("my-pkg", "1.0")
GOOD = {"wheel": Upload(WHEEL_NAME, WHEEL), "sdist": Upload(SDIST_NAME, SDIST)}


def form(**fields: list[str]) -> Upload:
    return Upload(WHEEL_NAME, WHEEL, fields)


def action(value: str) -> Upload:
    return Upload(WHEEL_NAME, WHEEL, {":action": [value]})


def named(filename: str, content: bytes = WHEEL) -> Upload:
    return Upload(filename, content)


def wheel(files: Mapping[str, bytes] | None = None, *without: str) -> Upload:
    return Upload(*build_wheel("my-pkg", "1.0", files=files, without=without))


def raw_zip(content: bytes) -> Upload:
    return Upload(WHEEL_NAME, content)


def raw_tar(content: bytes) -> Upload:
    return Upload(SDIST_NAME, content)


def patched(signature: bytes, offset: int, form: str, value: int, content: bytes = WHEEL) -> Upload:
    """Overwrite a number in the first record of this kind."""
    changed = bytearray(content)
    struct.pack_into(form, changed, content.find(signature) + offset, value)
    return raw_zip(bytes(changed))


def zip_with(name: str | zipfile.ZipInfo, data: bytes = b"") -> Upload:
    """Add a member to a ZIP sdist."""
    members = [(f"{TOP}/PKG-INFO", PKG_INFO), (name, data)]
    return Upload("my_pkg-1.0.zip", write_zip(members))


def tar_with(
    name: str,
    type_: bytes = tarfile.REGTYPE,
    target: str = "",
    pax: Mapping[str, str] | None = None,
) -> Upload:
    """Add a member to an sdist."""
    info = tarfile.TarInfo(name)
    info.type, info.linkname, info.pax_headers = type_, target, dict(pax or {})
    return raw_tar(write_tar([(f"{TOP}/PKG-INFO", PKG_INFO), (info, b"")]))


def metadata(**keywords: object) -> Upload:
    document = build_metadata("my-pkg", "1.0", **keywords)  # type: ignore[arg-type]  # a table's row
    return Upload(*build_wheel("my-pkg", "1.0", metadata=document))


def metadata_field(name: str, value: str, format_version: str = "2.4") -> Upload:
    return metadata(fields=[(name, value)], format_version=format_version)


def document(content: bytes) -> Upload:
    return Upload(*build_wheel("my-pkg", "1.0", metadata=content))


def with_rules(upload: Upload, rules: Rules) -> Upload:
    return Upload(upload.filename, upload.content, upload.fields, rules)


def record(change: Callable[[bytes], bytes]) -> Upload:
    """Change the RECORD of the good wheel."""
    with zipfile.ZipFile(io.BytesIO(WHEEL)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    del members[f"{INFO}/RECORD"]
    changed = change(build_record(members, f"{INFO}/RECORD"))
    return Upload(*build_wheel("my-pkg", "1.0", record=changed))


class Stream(io.RawIOBase):
    """A target that cannot seek, as a pipe: ZIP sizes are then written behind the data."""

    def __init__(self) -> None:
        super().__init__()
        self.written = b""

    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        chunk = bytes(data)  # type: ignore[call-overload]  # any buffer
        self.written += chunk
        return len(chunk)


def streamed_zip() -> bytes:
    """Return the good wheel as a tool writes it that cannot seek."""
    target = Stream()
    with (
        zipfile.ZipFile(io.BytesIO(WHEEL)) as good,
        zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as out,
    ):
        for name in good.namelist():
            out.writestr(zip_info(name), good.read(name), zipfile.ZIP_DEFLATED)
    return target.written


def with_mode(name: str, mode: int) -> zipfile.ZipInfo:
    info = zip_info(name)
    info.external_attr = mode << 16
    return info


def with_extra(extra: bytes) -> zipfile.ZipInfo:
    info = zip_info(f"{TOP}/x")
    info.extra = extra
    return info


def zip_bomb() -> Upload:
    limits = Limits(free_unpacked_bytes=100_000)
    return with_rules(zip_with(f"{TOP}/zeros", bytes(1_000_000)), Rules(limits))


def renamed(content: bytes, old: bytes, new: bytes) -> Upload:
    return raw_zip(content.replace(old, new))


def polyglot() -> bytes:
    """Return a gzip file whose last member's trailing data are a ZIP archive."""
    return SDIST + write_zip([("x", b"")])


def two_streams() -> bytes:
    plain = gzip.decompress(SDIST)
    return gzip.compress(plain[:1024], mtime=0) + gzip.compress(plain[1024:], mtime=0)


def endless_tar() -> bytes:
    plain = write_plain_tar([(f"{TOP}/PKG-INFO", PKG_INFO)])
    return gzip.compress(plain.rstrip(b"\0").ljust(1024, b"\0"), mtime=0)


def _unrendered(_text: str, _content_type: str | None) -> str | None:
    return None


_KNOWN = Rules(known_classifiers=frozenset({"Programming Language :: Python"}))
_WHEEL_FILE = f"{INFO}/WHEEL"
_ENTRY_POINTS = f"{INFO}/entry_points.txt"

FORM: Mapping[str, Callable[[], Upload]] = {
    "form-action": lambda: action("submit"),
    "form-protocol-version": lambda: form(protocol_version=["2"]),
    "form-field-missing": lambda: form(version=[]),
    "form-name-invalid": lambda: form(name=["-my-pkg"]),
    "form-version-invalid": lambda: form(version=["one"]),
    "form-not-utf8": lambda: form(author=["\udcff"]),
    "form-filetype": lambda: form(filetype=["bdist_egg"]),
    "form-pyversion": lambda: form(pyversion=["source"]),
    "form-repeated-field": lambda: form(name=["my-pkg", "my-pkg"]),
    "form-field-too-long": lambda: form(author=["x" * 70_000]),
    "form-field-is-file": lambda: Upload(WHEEL_NAME, WHEEL, sent_as_files=("name",)),
    "form-nul": lambda: form(author=["a\0b"]),
    "form-differs": lambda: form(requires_dist=["hidden"]),
    "digest-malformed": lambda: form(md5_digest=["zz"]),
    "digest-mismatch": lambda: form(sha256_digest=["0" * 64]),
    "filename-unsafe": lambda: named("../my_pkg-1.0-py3-none-any.whl"),
    "filename-unknown-type": lambda: named("my_pkg-1.0.egg"),
    "filename-invalid": lambda: named("my_pkg-1.0.whl"),
    "filename-not-normalised": lambda: named("My.Pkg-1.0-py3-none-any.whl"),
    "filename-zip-sdist": lambda: zip_with(f"{TOP}/x"),
    "name-mismatch": lambda: form(name=["other"]),
    "version-mismatch": lambda: form(version=["2.0"]),
    "requires-python-mismatch": lambda: form(requires_python=[">=3.9"]),
}

ARCHIVE: Mapping[str, Callable[[], Upload]] = {
    "archive-unreadable": lambda: raw_zip(b"junk"),
    "archive-polyglot": lambda: raw_tar(polyglot()),
    "archive-bomb": zip_bomb,
    "archive-too-many-members": lambda: with_rules(GOOD["wheel"], Rules(Limits(max_members=2))),
    "archive-trailing-bytes": lambda: raw_zip(WHEEL + b"x"),
    "archive-hidden-bytes": lambda: raw_zip(
        WHEEL[: WHEEL.find(CENTRAL)] + b"hidden" + WHEEL[WHEEL.find(CENTRAL) :]
    ),
    "archive-inconsistent": lambda: patched(LOCAL, 14, "<L", 0),
    "zip-multi-disk": lambda: patched(END, 4, "<H", 1),
    "zip-version": lambda: patched(CENTRAL, 6, "<H", 64),
    "zip-encrypted": lambda: patched(CENTRAL, 8, "<H", 1),
    "zip-compression": lambda: raw_zip(write_zip([("a", b"x")], zipfile.ZIP_BZIP2)),
    "zip-data-descriptor": lambda: raw_zip(streamed_zip()),
    "zip-comment": lambda: Upload(
        "my_pkg-1.0.zip", write_zip([(f"{TOP}/PKG-INFO", PKG_INFO)], comment=b"hello")
    ),
    "zip-extra-field": lambda: zip_with(with_extra(struct.pack("<HHBL", 0x7075, 5, 1, 0))),
    "gzip-several-streams": lambda: raw_tar(two_streams()),
    "tar-sparse-member": lambda: tar_with(f"{TOP}/x", pax={"GNU.sparse.major": "1"}),
    "tar-member-type": lambda: tar_with(f"{TOP}/x", b"V"),
    "tar-no-end": lambda: raw_tar(endless_tar()),
    "member-unsafe-path": lambda: tar_with(f"{TOP}/../../x"),
    "member-name-encoding": lambda: renamed(WHEEL, b"__init__", b"\xff\xfeinit__"),
    "member-name-characters": lambda: tar_with(f"{TOP}/a//b"),
    "member-name-too-long": lambda: tar_with(f"{TOP}/" + "x" * 5000),
    "member-duplicate": lambda: tar_with(f"{TOP}/PKG-INFO"),
    "member-case-collision": lambda: wheel({"My_Pkg/__init__.py": b""}),
    "member-file-is-directory": lambda: wheel({"my_pkg/__init__.py/x": b""}),
    "member-link": lambda: zip_with(with_mode(f"{TOP}/x", stat.S_IFLNK | 0o777), b"/etc"),
    "member-link-escapes": lambda: tar_with(f"{TOP}/x", tarfile.SYMTYPE, "../../etc"),
    "member-device": lambda: tar_with(f"{TOP}/x", tarfile.FIFOTYPE),
}

WHEELS: Mapping[str, Callable[[], Upload]] = {
    "wheel-several-dist-info": lambda: wheel({"other-1.0.dist-info/METADATA": b""}),
    "wheel-dist-info-name": lambda: named("my_pkg-1.1-py3-none-any.whl"),
    "wheel-data-scheme": lambda: wheel({"my_pkg-1.0.data/lib/x": b""}),
    "wheel-file-missing": lambda: wheel(None, _WHEEL_FILE),
    "wheel-file-invalid": lambda: wheel({_WHEEL_FILE: b"nothing"}),
    "wheel-version": lambda: wheel({_WHEEL_FILE: b"Wheel-Version: 2.0\n"}),
    "wheel-version-newer": lambda: wheel({_WHEEL_FILE: b"Wheel-Version: 1.9\n"}),
    "wheel-tags-differ": lambda: named("my_pkg-1.0-py2-none-any.whl"),
    "record-missing": lambda: wheel(None, f"{INFO}/RECORD"),
    "record-invalid": lambda: record(lambda text: text + b'"'),
    "record-mismatch": lambda: record(lambda text: text.replace(b",17\n", b",18\n")),
    "record-weak-hash": lambda: record(lambda text: text.replace(b"sha256=", b"md5=")),
    "record-member-unlisted": lambda: record(lambda text: text.partition(b"\n")[2]),
    "record-member-absent": lambda: record(lambda text: text + b"absent.py,,\n"),
    "record-duplicate-row": lambda: record(lambda text: text + text),
    "entry-points-invalid": lambda: wheel({_ENTRY_POINTS: b"a = b\n"}),
    "entry-point-name": lambda: wheel({_ENTRY_POINTS: b"[console_scripts]\n../a = b:c\n"}),
    "entry-point-value": lambda: wheel({_ENTRY_POINTS: b"[console_scripts]\na = b c\n"}),
    "license-file-missing": lambda: metadata_field("License-File", "LICENSE"),
    "sdist-top-directory": lambda: tar_with("beside.py"),
    "sdist-directory-name": lambda: raw_tar(write_tar([("my_pkg/PKG-INFO", PKG_INFO)])),
}

METADATA: Mapping[str, Callable[[], Upload]] = {
    "metadata-missing": lambda: wheel(None, f"{INFO}/METADATA"),
    "metadata-too-large": lambda: document(
        PKG_INFO + b"".join(b"A%d: b\n" % i for i in range(200))
    ),
    "metadata-unreadable": lambda: metadata_field("Content-Type", "multipart/mixed"),
    "metadata-name-invalid": lambda: document(build_metadata("my pkg", "1.0")),
    "metadata-version-invalid": lambda: document(build_metadata("my-pkg", "one")),
    "metadata-encoding": lambda: document(PKG_INFO + b"Author: \xff\n"),
    "metadata-malformed-line": lambda: document(PKG_INFO + b"what is this\n"),
    "metadata-control-character": lambda: metadata_field("Author", "a\x01b"),
    "metadata-repeated-field": lambda: document(PKG_INFO + b"Summary: a\nSummary: b\n"),
    "metadata-unknown-field": lambda: metadata_field("Colour", "blue"),
    "metadata-format-version": lambda: metadata(format_version="9.0"),
    "metadata-format-newer": lambda: metadata(format_version="2.99"),
    "metadata-field-too-new": lambda: metadata_field("License-Expression", "MIT", "2.1"),
    "metadata-invalid": lambda: metadata_field("Dynamic", "name"),
    "metadata-field-too-long": lambda: metadata_field("Author", "x" * 70_000),
    "summary-too-long": lambda: metadata_field("Summary", "x" * 513),
    "email-invalid": lambda: metadata_field("Author-email", "nobody"),
    "url-invalid": lambda: metadata_field("Home-page", "javascript:alert(1)"),
    "url-label": lambda: metadata_field("Project-URL", f"{'x' * 33}, https://example.org"),
    "classifier-invalid": lambda: metadata_field("Classifier", "Nonsense"),
    "classifier-unknown": lambda: with_rules(metadata_field("Classifier", "A :: B"), _KNOWN),
    "dependency-invalid": lambda: metadata_field("Requires-Dist", "a b c"),
    "dependency-direct-url": lambda: metadata_field(
        "Requires-Dist", "a @ https://example.org/a.zip"
    ),
    "license-conflict": lambda: metadata(
        fields=[("License", "MIT"), ("License-Expression", "MIT")], format_version="2.4"
    ),
    "license-classifier": lambda: metadata(
        fields=[
            ("Classifier", "License :: OSI Approved :: MIT License"),
            ("License-Expression", "MIT"),
        ],
        format_version="2.4",
    ),
    "description-not-renderable": lambda: with_rules(
        metadata(description="text"), Rules(render=_unrendered)
    ),
}

CASES: Mapping[str, Callable[[], Upload]] = {**FORM, **ARCHIVE, **WHEELS, **METADATA}
