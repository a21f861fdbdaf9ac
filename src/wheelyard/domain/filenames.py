"""The file names of distributions: what a name says, and whether it may be stored at all.

Wheels follow the binary distribution format, sdists PEP 625. Older legal spellings are read too:
old build tools still make them. What is inside the file is left to `archives`.
"""

import re
from dataclasses import dataclass

from packaging.tags import Tag
from packaging.utils import (
    InvalidSdistFilename,
    InvalidWheelFilename,
    parse_sdist_filename,
    parse_wheel_filename,
)
from packaging.version import Version

from wheelyard.domain.findings import Finding, found, shown
from wheelyard.domain.models.packages import DistributionKind
from wheelyard.domain.names import NormalisedName, normalise_name

MAX_FILENAME_CHARS = 255
"""What file systems and PyPI allow."""

WHEEL_SUFFIX = ".whl"
TAR_SUFFIX = ".tar.gz"
ZIP_SUFFIX = ".zip"

# ASCII without controls, slashes, and what a shell, a URL or Windows would trip over.
_SAFE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.+!~-]*")


@dataclass(frozen=True, slots=True)
class DistributionName:
    """What a distribution's file name says.

    `tags` are a wheel's compatibility tags, none for an sdist; `findings` are warnings about
    the spelling.
    """

    filename: str
    kind: DistributionKind
    normalised_name: NormalisedName
    version: Version
    tags: frozenset[Tag] = frozenset()
    findings: tuple[Finding, ...] = ()

    @property
    def is_zip(self) -> bool:
        """Whether the file has to be a ZIP archive."""
        return not self.filename.endswith(TAR_SUFFIX)

    @property
    def stem(self) -> str:
        """The `{name}-{version}` that folders inside the file begin with, normalised."""
        return f"{self.normalised_name.replace('-', '_')}-{self.version}"


def parse_filename(filename: str) -> DistributionName | Finding:
    """Return what the file name says, or the fatal finding that it cannot be stored."""
    if not filename or len(filename) > MAX_FILENAME_CHARS or not _SAFE.fullmatch(filename):
        return found(
            "filename-unsafe",
            f"{shown(filename)} cannot be a file name here: use 1 to {MAX_FILENAME_CHARS} "
            "ASCII letters, digits and '-', '_', '.', '+', '!', '~', without any folder.",
            "content",
        )
    if filename.endswith(WHEEL_SUFFIX):
        return _parse_wheel(filename)
    if filename.endswith((TAR_SUFFIX, ZIP_SUFFIX)):
        return _parse_sdist(filename)
    return found(
        "filename-unknown-type",
        f"{shown(filename)} is neither a wheel (.whl) nor an sdist (.tar.gz): "
        "other kinds of files are not accepted.",
        "content",
    )


def _parse_wheel(filename: str) -> DistributionName | Finding:
    try:
        _, version, _, tags = parse_wheel_filename(filename)
    except (InvalidWheelFilename, ValueError) as error:  # ValueError: numbers beyond int()
        return _invalid(filename, error)
    written = filename.split("-", 2)
    name = normalise_name(written[0])
    if name is None:
        return _invalid(filename, "its name part is not a package name")
    expected = (name.replace("-", "_"), str(version))
    findings = () if (written[0], written[1]) == expected else (_legacy(filename, *expected),)
    return DistributionName(filename, DistributionKind.WHEEL, name, version, tags, findings)


def _parse_sdist(filename: str) -> DistributionName | Finding:
    try:
        _, version = parse_sdist_filename(filename)
    except (InvalidSdistFilename, ValueError) as error:
        return _invalid(filename, error)
    suffix = TAR_SUFFIX if filename.endswith(TAR_SUFFIX) else ZIP_SUFFIX
    written = filename.removesuffix(suffix).rpartition("-")
    name = normalise_name(written[0])
    if name is None:
        return _invalid(filename, "its name part is not a package name")
    expected = (name.replace("-", "_"), str(version))
    findings = [] if (written[0], written[2]) == expected else [_legacy(filename, *expected)]
    if suffix == ZIP_SUFFIX:
        findings.append(
            found(
                "filename-zip-sdist",
                f"{shown(filename)}: sdists are .tar.gz files since PEP 625; "
                "build it again with a current tool.",
                "content",
            )
        )
    return DistributionName(
        filename, DistributionKind.SDIST, name, version, findings=tuple(findings)
    )


def _legacy(filename: str, name: str, version: str) -> Finding:
    return found(
        "filename-not-normalised",
        f"{shown(filename)} is an older spelling; today's tools begin it with "
        f"{shown(f'{name}-{version}')}.",
        "content",
    )


def _invalid(filename: str, why: object) -> Finding:
    reason = str(why).partition(": '")[0][:120]
    return found(
        "filename-invalid",
        f"{shown(filename)} does not follow the standard for its kind ({reason}): "
        "do not rename what the build tool made.",
        "content",
    )
