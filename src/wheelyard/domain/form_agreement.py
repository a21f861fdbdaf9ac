"""Whether the form says what the file says: the known way to hide something from a reviewer.

Good clients differ in spelling only (measured in the sources of twine, uv, poetry, pdm, hatch
and flit): white space and line ends, how keywords are joined, a rewritten `name`, values that
mean nothing. flit writes no `license` into the file beside a License-Expression, and always
sends metadata_version 2.3. Fields that a client leaves out are not compared, but dependencies
are whenever it sends metadata at all.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from typing import cast

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.utils import canonicalize_name

from wheelyard.domain.filenames import DistributionName
from wheelyard.domain.findings import Findings, shown
from wheelyard.domain.form import ABSENT, UploadForm, parse_version
from wheelyard.domain.metadata import CoreMetadata
from wheelyard.domain.metadata_rules import parse_requirement
from wheelyard.domain.names import normalise_name

_MAX_ENCODED_CHARS = 4096
_WITHOUT_DEPENDENCIES = ("1.0", "1.1")
"""Metadata versions before PEP 345; `setup.py upload` sends 1.0 whatever the file says."""

_KEYWORD_SEPARATORS = re.compile(r"[\s,;]+")

_FORM_FIELDS: Mapping[str, str] = {
    "platforms": "platform",
    "supported_platforms": "supported_platform",
    "license_files": "license_file",
}
"""Names of packaging's RawMetadata that the form has in another spelling."""

_SINGLE = ("summary", "description", "description_content_type", "keywords", "home_page")
_PEOPLE = ("author", "author_email", "maintainer", "maintainer_email")
_LICENCES = ("license", "license_expression", "license_files", "classifiers")
_LINKS = ("download_url", "project_urls")
_RELATIONS = ("requires_dist", "provides_dist", "obsoletes_dist", "requires_external")
# Not `provides`: flit sends the module's name there, and writes it into no file.
_OLD_RELATIONS = ("requires", "obsoletes")
_OTHERS = ("provides_extra", "dynamic", "platforms", "supported_platforms")
_IMPORTS = ("import_names", "import_namespaces")
_COMPARED = (
    *_SINGLE,
    *_PEOPLE,
    *_LICENCES,
    *_LINKS,
    *_RELATIONS,
    *_OLD_RELATIONS,
    *_OTHERS,
    *_IMPORTS,
)


def check_agreement(
    form: UploadForm, metadata: CoreMetadata, filename: DistributionName, findings: Findings
) -> None:
    """Note every field of the form that differs from the file or from its name."""
    _check_identity(form, metadata, findings)
    _check_kind(form, filename, findings)
    _check_requires_python(form, metadata, findings)
    for field in _COMPARED:
        _check_field(field, form, metadata, findings)


def check_filename(metadata: CoreMetadata, filename: DistributionName, findings: Findings) -> None:
    """Note a file name that is not that of the metadata inside the file."""
    if metadata.normalised_name != filename.normalised_name:
        findings.add(
            "name-mismatch",
            f"The file is named for {shown(filename.normalised_name)}, but its metadata says "
            f"{shown(metadata.name)}.",
            "name",
        )
    if metadata.version != filename.version:
        findings.add(
            "version-mismatch",
            f"The file is named for version {shown(str(filename.version))}, but its metadata says "
            f"{shown(str(metadata.version))}.",
            "version",
        )


def _check_identity(form: UploadForm, metadata: CoreMetadata, findings: Findings) -> None:
    for name in form.all("name"):
        if normalise_name(name) not in {None, metadata.normalised_name}:
            findings.add(
                "name-mismatch",
                f"The form's name is {shown(name)}, the file's is {shown(metadata.name)}.",
                "name",
            )
    for version in form.all("version"):
        if parse_version(version) not in {None, metadata.version}:
            findings.add(
                "version-mismatch",
                f"The form's version is {shown(version)}, the file's is "
                f"{shown(str(metadata.version))}.",
                "version",
            )


def _check_kind(form: UploadForm, filename: DistributionName, findings: Findings) -> None:
    filetype = form.one("filetype")
    if filetype is not None and filetype != filename.kind:
        findings.add(
            "form-differs",
            f"The form's file type is {shown(filetype)}, but the file is a {filename.kind.value}.",
            "filetype",
        )


def _check_requires_python(form: UploadForm, metadata: CoreMetadata, findings: Findings) -> None:
    written = metadata.requires_python or ""
    for value in form.all("requires_python"):
        if _squeeze(value) != _squeeze(written) and not _is_same_specifier(value, written):
            findings.add(
                "requires-python-mismatch",
                f"The form's requires_python is {shown(value)}, the file's is {shown(written)}.",
                "requires_python",
            )


def _is_same_specifier(first: str, second: str) -> bool:
    try:
        return SpecifierSet(first) == SpecifierSet(second)
    except (InvalidSpecifier, ValueError):
        return False


def _check_field(field: str, form: UploadForm, metadata: CoreMetadata, findings: Findings) -> None:
    form_field = _FORM_FIELDS.get(field, field)
    sent = form.all(form_field)
    if not sent and not (field == "requires_dist" and _sends_dependencies(form)):
        return
    if field == "license" and "license_expression" in metadata.fields:
        return
    own = _values(metadata, field)
    if sent != own and _comparable(field, sent) != _comparable(field, own):
        findings.add(
            "form-differs",
            f"The form's '{form_field}' is not what the file's own metadata say: upload what the "
            "build tool made, with a tool that reads it.",
            form_field,
        )


def _sends_dependencies(form: UploadForm) -> bool:
    """Tell whether the client sends metadata of a version that has dependencies."""
    return form.one("metadata_version") not in {None, *_WITHOUT_DEPENDENCIES}


def _values(metadata: CoreMetadata, field: str) -> tuple[str, ...]:
    value = cast("Mapping[str, object]", metadata.fields).get(field)
    if value is None:
        return ()
    if isinstance(value, str):
        return (value,)
    if isinstance(value, Mapping):
        return tuple(f"{label}, {url}" for label, url in value.items())
    if field == "keywords":
        return (",".join(cast("list[str]", value)),)
    return tuple(cast("list[str]", value))


def _comparable(field: str, values: Iterable[str]) -> frozenset[str]:
    """Return what is the same for two spellings of the same values."""
    if field == "keywords":
        words = _KEYWORD_SEPARATORS.split(" ".join(values))
        return frozenset(words) - {""}
    make = _MAKERS.get(field, _squeeze)
    return frozenset(make(value) for value in values if value.strip() not in ABSENT)


def _squeeze(value: str) -> str:
    """Drop all white space, and decode a value that was encoded as mail headers are."""
    if "=?" in value and len(value) <= _MAX_ENCODED_CHARS:
        try:
            value = str(make_header(decode_header(value)))
        except (HeaderParseError, ValueError, LookupError):
            return "".join(value.split())
    return "".join(value.split())


def _description(value: str) -> str:
    return "".join(value.replace("|", "").replace("\0", "").split())


def _requirement(value: str) -> str:
    requirement = parse_requirement(value)
    if requirement is None:
        return _squeeze(value)
    extras = ",".join(sorted(canonicalize_name(extra) for extra in requirement.extras))
    parts = (canonicalize_name(requirement.name), extras, str(requirement.specifier))
    return repr((*parts, requirement.url, str(requirement.marker)))


_MAKERS: Mapping[str, Callable[[str], str]] = {
    "description": _description,
    "description_content_type": lambda value: _squeeze(value).lower(),
    "dynamic": lambda value: _squeeze(value).lower(),
    "provides_extra": lambda value: canonicalize_name(_squeeze(value)),
    "requires_dist": _requirement,
}
