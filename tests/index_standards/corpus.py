"""Odd but legal distributions, some hundred packages of them, for the readers of the index.

Everything here must be accepted by a strict project. What a page has to say of each file stands
beside its bytes; publishing and reading are left to the fixtures and the tests.
"""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass

from packaging.tags import parse_tag
from packaging.utils import canonicalize_name

from distributions import build_metadata, build_sdist, build_wheel, write_zip


@dataclass(frozen=True)
class Odd:
    """A distribution, and what the index must say of it.

    `yanked` is the reason it is yanked for after publishing, None for not at all; a superseded
    file is published before the others and replaced by one of the same name.
    """

    name: str
    filename: str
    content: bytes
    metadata: bytes
    requires_python: str | None = None
    yanked: str | None = None
    is_superseded: bool = False

    @property
    def page(self) -> str:
        return canonicalize_name(self.name)


def wheel(
    name: str,
    version: str = "1.0",
    *,
    tag: str = "py3-none-any",
    build: str = "",
    metadata: bytes | None = None,
    requires_python: str | None = None,
    extra: bytes = b"",
    yanked: str | None = None,
    is_superseded: bool = False,
) -> Odd:
    document = metadata or build_metadata(name, version, requires_python=requires_python)
    package = canonicalize_name(name).replace("-", "_")
    lines = ["Wheel-Version: 1.0", "Generator: corpus", "Root-Is-Purelib: true"]
    lines += [f"Tag: {each}" for each in sorted(map(str, parse_tag(tag)))]
    lines += [f"Build: {build}"] if build else []
    files = {
        f"{package}-{version}.dist-info/WHEEL": "\n".join([*lines, ""]).encode(),
        f"{package}/extra.txt": extra,
    }
    filename, content = build_wheel(
        canonicalize_name(name),
        version,
        metadata=document,
        files=files,
        tag=f"{build}-{tag}" if build else tag,
    )
    return Odd(name, filename, content, document, requires_python, yanked, is_superseded)


def sdist(name: str, version: str = "1.0", *, metadata: bytes | None = None) -> Odd:
    document = metadata or build_metadata(name, version)
    filename, content = build_sdist(canonicalize_name(name), version, metadata=document)
    return Odd(name, filename, content, document)


def zip_sdist(name: str, version: str = "1.0") -> Odd:
    document, top = build_metadata(name, version), f"{name}-{version}"
    content = write_zip([(f"{top}/PKG-INFO", document), (f"{top}/setup.py", b"")])
    return Odd(name, f"{top}.zip", content, document)


NAMES = (
    *("a", "Z", "0", "42", "x1", "1-2-3", "A.B", "a_c", "a--d", "a-_.e", "F..G__H--I", "UPPER"),
    *("Zope.Interface", "backports.zstd", "ruamel.yaml.clib", "simple", "files", "pypi", "json"),
    *("metadata", "x.metadata", "index.html", "setup.py", "none", "null", "true", "undefined"),
    *("con", "nul", "aux", "con.txt", "proto-1", "foo-1-0", "py3-none-any", "whl", "tar.gz"),
    *("constructor", "a" * 100, "b-" * 50 + "c", "0-0.0_0", "packages", "api", "latest"),
)
VERSIONS = (
    *("0", "1", "1.0.0.0.0.1", "2024.12.31", "1!0", "7!2.0", "1.0+local", "1.0+ubuntu.1.abc"),
    *("1.0a0", "1.0b2", "1.0rc3", "1.0.post0", "1.0.post9", "1.0.dev0", "1.0a1.dev2"),
    *("1.0.post1.dev2", "3!1.0rc1.post2.dev4+deadbeef.0", "0.0.0", "99999999999.1", "1.10"),
)
TAGS = (
    *("py2.py3-none-any", "py27-none-any", "py39.py310.py311-none-any", "cp312-cp312-win_arm64"),
    "cp312-cp312-manylinux_2_17_x86_64.manylinux2014_x86_64",
    "cp38-abi3-manylinux_2_5_i686.manylinux1_i686.manylinux_2_17_i686.manylinux2014_i686",
    *("cp313-cp313t-musllinux_1_2_aarch64", "cp312-cp312-linux_x86_64", "cp311-cp311-linux_armv7l"),
    *("cp39-abi3-macosx_10_9_universal2", "cp314-cp314t-macosx_11_0_arm64", "py3-none-win32"),
    *("pp310-pypy310_pp73-win_amd64", "graalpy311-graalpy240_311_native-linux_x86_64"),
    *("cp313-cp313-ios_13_0_arm64_iphoneos", "cp313-cp313-android_21_arm64_v8a"),
    *("cp313-cp313-pyemscripten_2025_0_wasm32", "cp314-cp314-wasi_0_1_0_wasm32"),
    *("cp310-none-any", "py3-none-linux_riscv64.linux_ppc64le.linux_s390x.linux_loongarch64"),
    "cp36.cp37.cp38.cp39-none-manylinux2010_x86_64.macosx_10_6_intel.win_amd64",
)
BUILDS = ("0", "1", "20240101", "1_abc", "2local", "007")
REQUIRES_PYTHON = (
    *(">=3.6,!=3.0.*,!=3.1.*", "~=3.8", "==3.*", ">3", "<4,>=3", "===3.11.4", ">=3.7 , <4"),
    *(">= 3.8", "!=3.9.0,>=2.7", ">=3.8.0rc1", "<4.0.0,>=3.10.0", ">=2.7, !=3.0.*, !=3.1.*"),
)
REASONS = (
    *("", "broken", 'say "no" & <b>why</b>', "<script>alert(1)</script>", "it's `so`"),
    *("日本語 ✓ émoji 🎉", "&amp; escaped already &lt;", "x" * 1000, "]]> --><!-- -->", "true"),
    *("{{7*7}} ${x} %s %(y)s", "back\\slash \\u0000", '" onmouseover="alert(1)', "#fragment?query"),
)
METADATA_VERSIONS = ("1.0", "1.1", "1.2", "2.0", "2.1", "2.2", "2.3", "2.4", "2.5", "2.6")
STATUSES = (
    *(("deprecated", None), ("deprecated", 'use "other" & <b>'), ("archived", None)),
    *(("archived", "終わり 🏁"), ("quarantined", None), ("quarantined", "malware? <x>")),
    *(("active", None), ("active", "back again")),
)
"""Status and reason; package number n of them is `status-n`."""


_README = b"Title\n=====\n\n* one\n* two\n\nUsage::\n\n    import x\n\nEnd\n---"
"""reStructuredText that is invalid once its lines are indented."""


def odd_names() -> Iterator[Odd]:
    for name in NAMES:
        yield wheel(name)
    yield from map(sdist, NAMES[::8])
    # Every separator and run of them, between every kind of character.
    shapes = itertools.product("aB7", ("", "-", "_", ".", "-_.__"), "xY2")
    for number, (first, separator, last) in enumerate(shapes):
        yield wheel(f"{first}n{number}{separator}{last}")


def odd_versions() -> Iterator[Odd]:
    for number, version in enumerate(VERSIONS):
        yield wheel(f"version-{number}", version)
        yield sdist("All.Versions", version)
    # The metadata may spell a version otherwise than the file name does.
    yield wheel("spelled", "1.0rc1", metadata=build_metadata("spelled", "v1.0-RC.1"))
    yield sdist("spelled", "1.0.post2", metadata=build_metadata("Spelled", "1.0-2"))


def odd_tags() -> Iterator[Odd]:
    for number, tag in enumerate(TAGS):
        yield wheel(f"tag-{number}", tag=tag)
    for tag in TAGS[::3]:
        yield wheel("all-tags", tag=tag)
    for build in BUILDS:
        yield wheel("builds", build=build)
        yield wheel(f"build-{build}", build=build, tag="cp312-cp312-linux_x86_64")


def older_spellings() -> Iterator[Odd]:
    for number in range(3):
        yield zip_sdist(f"zipped{number}", f"1.{number}")
    document = build_metadata("Old.Spelling", "1.0")
    for filename in ("Old.Spelling-1.0.tar.gz", "old-spelling-1.0.tar.gz"):
        yield Odd("Old.Spelling", filename, build_sdist("old-spelling", "1.0")[1], document)
    content = build_wheel("old-spelling", "1.0", metadata=document)[1]
    yield Odd("Old.Spelling", "Old.Spelling-1.0-py3-none-any.whl", content, document)


def odd_requirements() -> Iterator[Odd]:
    for number, specifier in enumerate(REQUIRES_PYTHON):
        yield wheel(f"requires-{number}", requires_python=specifier)


def odd_metadata() -> Iterator[Odd]:
    for number, format_version in enumerate(METADATA_VERSIONS):
        name = f"format-{number}"
        document = build_metadata(name, "1.0", format_version=format_version)
        yield wheel(name, metadata=document)
        if number % 2:
            yield sdist(name, metadata=document)
    for number, document in enumerate(_documents()):
        yield wheel(f"document-{number}", metadata=document.replace(b"@", b"%d" % number))


def _documents() -> Iterator[bytes]:
    """Yield documents of the package `document-@`."""
    head = b"Metadata-Version: 2.1\nName: document-@\nVersion: 1.0\n"
    author = "Author: Zoë Müller-Åström 山田\nSummary: naïve café — ünïcode ✓ 🎉\n".encode()
    yield head
    yield head.replace(b"\n", b"\r\n")
    yield (head + author + b"\nText\nwith two lines\n").replace(b"\n", b"\r\n")
    yield head.rstrip(b"\n")
    yield head + author
    yield head + author + b"Description-Content-Type: text/markdown; charset=UTF-8\n\n# \xc3\xa9\n"
    yield head + b"Description-Content-Type: text/plain\n\nName: another\nVersion: 9\n\n\n"
    # As setuptools wrote them until version 57, and as the standard wants them in the header.
    for fold in (b"        ", b"       |"):
        yield head + b"Description: " + _README.replace(b"\n", b"\n" + fold) + b"\n"
    yield b"version: 1.0\nNAME: Document-@\nmetadata-version: 2.1\n"
    yield head + b"Summary: UNKNOWN\nHome-page: UNKNOWN\nAuthor: UNKNOWN\nPlatform: UNKNOWN\n"
    yield head + b"Keywords: a,b c;d\nPlatform: any\nPlatform: linux\nSupported-Platform: x\n"
    yield head + b"Requires-Dist: a (>=1,<2) ; python_version < '3.9' and extra == 'x'\n"
    yield head + b"Requires-Dist: b[c,d]==1.*; sys_platform != 'win32'\nProvides-Extra: x\n"
    yield head + b"Project-URL: Home, https://example.org/?a=b&c=d#e\n"
    yield head + b"License: MIT\n        with\n        lines\n"
    yield head + b"Classifier: Private :: Do Not Upload\nClassifier: Topic :: Utilities\n"
    yield head.replace(b"2.1", b"2.4") + b"License-Expression: MIT OR Apache-2.0\n"
    yield head.replace(b"2.1", b"2.2") + b"Dynamic: Requires-Dist\n"
    yield head.replace(b"2.1", b"2.5") + b"Import-Name: document\nImport-Namespace: space\n"
    yield head + b"\n" + b"A paragraph of text.\n\n" * 5000


def marked() -> Iterator[Odd]:
    for number, reason in enumerate(REASONS):
        yield wheel(f"yanked-{number}", yanked=reason)
        if number % 3 == 0:
            yield wheel("all-yanked", f"1.{number}", yanked=reason)
    for number in range(len(STATUSES)):
        yield wheel(f"status-{number}")


def replaced() -> Iterator[Odd]:
    for number in range(3):
        name = f"replaced-{number}"
        for attempt in range(number):
            yield wheel(name, extra=b"%d" % attempt, is_superseded=True)
        yield wheel(name, "1.0+local.1", extra=b"before", is_superseded=True)
        yield wheel(name, "1.0+local.1", extra=b"after")
        yield wheel(name, extra=b"last")


CORPUS = (
    *odd_names(),
    *odd_versions(),
    *odd_tags(),
    *older_spellings(),
    *odd_requirements(),
    *odd_metadata(),
    *marked(),
    *replaced(),
)
PAGES = sorted({odd.page for odd in CORPUS})
