"""The upload form of the legacy upload API: its values, and all that can be said before the file.

PyPI is the reference; clients differ (`form_agreement` knows how). Nothing in the form is
trusted: digests are computed, and names and versions are read from the file itself.
"""

import base64
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from packaging.version import InvalidVersion, Version

from wheelyard.domain.findings import Finding, Findings, found, shown
from wheelyard.domain.models.packages import DistributionKind
from wheelyard.domain.names import normalise_name

ABSENT = frozenset({"", "UNKNOWN"})
"""Values that mean nothing was given: old setuptools wrote UNKNOWN, uv sends empty fields."""

MAX_VERSION_CHARS = 256
MAX_FIELD_CHARS = 64 * 1024
MAX_DESCRIPTION_CHARS = 10 * 1024 * 1024

SINGLE_FIELDS = frozenset(
    {":action", "protocol_version", "filetype", "pyversion", "metadata_version", "name", "version"}
    | {"md5_digest", "sha256_digest", "blake2_256_digest", "summary", "description", "license"}
    | {"description_content_type", "home_page", "download_url", "author", "author_email"}
    | {"maintainer", "maintainer_email", "license_expression", "requires_python"}
)
"""Fields that have one value."""

REPEATABLE_FIELDS = frozenset(
    {"keywords", "classifiers", "platform", "supported_platform", "license_file", "project_urls"}
    | {"requires_dist", "provides_dist", "obsoletes_dist", "requires_external", "requires"}
    | {"provides", "obsoletes", "provides_extra", "dynamic", "import_names", "import_namespaces"}
)
"""Fields that may have several; the oldest clients repeat keywords."""

_READ_FIELDS = SINGLE_FIELDS | REPEATABLE_FIELDS

_OBSOLETE_ACTIONS = frozenset({"submit", "submit_pkg_info", "doc_upload"})
_MD5_BYTES = 16
_DIGEST_BYTES = {"md5_digest": _MD5_BYTES, "sha256_digest": 32, "blake2_256_digest": 32}
_HEX = re.compile(r"[0-9a-f]+")
# PyPI's documentation describes base64url for md5, which the oldest clients sent.
_MD5_BASE64URL = re.compile(r"[A-Za-z0-9_-]{22}(?:==)?")


@dataclass(frozen=True, slots=True)
class UploadForm:
    """The text fields of an upload, every repeated value kept, in the order they came.

    `sent_as_files` are those of them that came as a file part, with a file name.
    """

    fields: Mapping[str, Sequence[str]]
    sent_as_files: Collection[str] = ()

    def all(self, field: str) -> tuple[str, ...]:
        """Return the values of a field without surrounding white space and absent ones."""
        values = (value.strip() for value in self.fields.get(field, ()))
        return tuple(value for value in values if value not in ABSENT)

    def one(self, field: str) -> str | None:
        """Return the first value of a field, or None when there is none."""
        return next(iter(self.all(field)), None)

    def digests(self, field: str) -> Iterator[str | None]:
        """Iterate over the values of a digest field as lower-case hex; None for a malformed one."""
        return (_as_hex(value, _DIGEST_BYTES[field]) for value in self.all(field))


def inspect_form(form: UploadForm) -> list[Finding]:
    """Return everything that is wrong with the form, as far as it is known without the file.

    Fields that no rule reads (a comment, a signature, attestations, what a client made up) are
    ignored, whatever they hold, as PyPI does.
    """
    findings = Findings()
    findings.extend(_protocol(form))
    findings.extend(_identity(form))
    findings.extend(_kind(form))
    findings.extend(_digest_shapes(form))
    for field, values in form.fields.items():
        if field in _READ_FIELDS:
            findings.extend(_text(field, values, is_file=field in form.sent_as_files))
    return list(findings.listed())


def parse_version(text: str) -> Version | None:
    """Return the PEP 440 version, or None when it is none (or longer than any sensible one)."""
    if len(text) > MAX_VERSION_CHARS:
        return None
    try:
        return Version(text)
    except InvalidVersion:
        return None


def _protocol(form: UploadForm) -> Iterator[Finding]:
    for action in form.all(":action"):
        if action in _OBSOLETE_ACTIONS:
            yield found(
                "form-action",
                f"The action {shown(action)} is obsolete: packages are uploaded by 'file_upload'.",
                ":action",
            )
        elif action != "file_upload":
            yield found(
                "form-action",
                f"The action {shown(action)} is unknown: use 'file_upload'.",
                ":action",
            )
    for version in form.all("protocol_version"):
        if version != "1":
            yield found(
                "form-protocol-version",
                f"The upload protocol version {shown(version)} is unknown: use '1'.",
                "protocol_version",
            )


def _identity(form: UploadForm) -> Iterator[Finding]:
    for field in ("name", "version"):
        if not form.all(field):
            yield found("form-field-missing", f"The form lacks '{field}'.", field)
    for name in form.all("name"):
        if normalise_name(name) is None:
            yield found(
                "form-name-invalid",
                f"{shown(name)} is not a package name: use ASCII letters, digits, '.', '-' and "
                "'_', and begin and end with a letter or digit.",
                "name",
            )
    for version in form.all("version"):
        if parse_version(version) is None:
            yield found(
                "form-version-invalid",
                f"{shown(version)} is not a version: use PEP 440, such as 1.0 or 1.0rc1.",
                "version",
            )


def _kind(form: UploadForm) -> Iterator[Finding]:
    filetype = form.one("filetype")
    if filetype is not None and filetype not in set(DistributionKind):
        yield found(
            "form-filetype",
            f"The file type {shown(filetype)} is not accepted: use 'bdist_wheel' or 'sdist'.",
            "filetype",
        )
    pyversion = form.one("pyversion")
    if pyversion is None or filetype is None:
        return
    if (filetype == DistributionKind.SDIST) != (pyversion == "source"):
        yield found(
            "form-pyversion",
            f"pyversion {shown(pyversion)} does not fit {shown(filetype)}: it is 'source' for an "
            "sdist, and the Python tag for a wheel.",
            "pyversion",
        )


def _digest_shapes(form: UploadForm) -> Iterator[Finding]:
    for field, size_bytes in _DIGEST_BYTES.items():
        if None in form.digests(field):
            yield found(
                "digest-malformed",
                f"{field} is not a digest: use {size_bytes * 2} hexadecimal digits.",
                field,
            )


def _as_hex(value: str, size_bytes: int) -> str | None:
    lowered = value.lower()
    if len(lowered) == 2 * size_bytes and _HEX.fullmatch(lowered):
        return lowered
    if _MD5_BASE64URL.fullmatch(value) and size_bytes == _MD5_BYTES:
        return base64.urlsafe_b64decode(value[:22] + "==").hex()
    return None


def _text(name: str, values: Sequence[str], *, is_file: bool) -> Iterator[Finding]:
    limit = MAX_DESCRIPTION_CHARS if name == "description" else MAX_FIELD_CHARS
    if is_file:
        yield found("form-field-is-file", f"'{name}' was sent as a file: send text.", name)
    given = sum(value.strip() not in ABSENT for value in values)
    if name in SINGLE_FIELDS and given > 1:
        yield found("form-repeated-field", f"'{name}' is given {given} times.", name)
    for value in values:
        if "\0" in value:
            yield found("form-nul", f"'{name}' has a NUL character: remove it.", name)
        if len(value) > limit:
            yield found("form-field-too-long", f"'{name}' is longer than {limit} characters.", name)
        if not value.isascii() and not _is_text(value):
            yield found("form-not-utf8", f"'{name}' is not UTF-8 text.", name)


def _is_text(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:  # surrogates, which stand for bytes that could not be decoded
        return False
    return True
