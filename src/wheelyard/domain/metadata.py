"""A distribution's own metadata (METADATA or PKG-INFO): read leniently, validated separately.

`packaging.metadata` is the judge of the core metadata standard; what it says of one value
becomes one finding, so all are reported. `metadata_text` bounds the document first; PyPI's
further rules are in `metadata_rules`, the comparison with the form in `form_agreement`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

from packaging.metadata import InvalidMetadata, Metadata, RawMetadata, parse_email
from packaging.version import Version

from wheelyard.domain.findings import Findings, shown
from wheelyard.domain.form import ABSENT, parse_version
from wheelyard.domain.metadata_text import (
    MAX_HEADER_CHARS,
    check_header,
    decode_document,
    split_document,
)
from wheelyard.domain.names import NormalisedName, normalise_name

MAX_VALUE_CHARS = 64 * 1024
_MAX_CHARS = {
    "requires_python": 1024,
    "license_expression": 4096,
    "description_content_type": 256,
    "license": MAX_HEADER_CHARS,
    "description": 10 * 1024 * 1024,
}
"""The longest value of a field: parsers of some are slow, and some hold whole texts."""

_FORMATS = ("1.0", "1.1", "1.2", "2.0", "2.1", "2.2", "2.3", "2.4", "2.5", "2.6")
_FORMAT = re.compile(r"(\d{1,4})\.(\d{1,4})", re.ASCII)
_NEWEST_MAJOR = "2"
# 2.0 was never finished, but wheels were made with it; it is judged as 2.1.
_WITHDRAWN_FORMAT = "2.0"
# Every release of packaging that we take knows this one, and nothing is newer than it there.
_JUDGED_AS = "2.5"

_FIRST_FORMAT = {
    "dynamic": "2.2",
    "license_expression": "2.4",
    "import_names": "2.5",
    "import_namespaces": "2.5",
}
"""Fields that came with a version, but for License-File, which setuptools wrote too early."""

# Descriptions in the header have their lines indented: by the standard's seven spaces and a bar,
# or by eight spaces, as setuptools did until version 57.
_FOLDED_LINE = re.compile(r"\n(?: {7}\|| {8})")

_PLURALS = {"classifier": "classifiers", "project_url": "project_urls"}


def _known_fields() -> frozenset[str]:
    """Return the e-mail spelling of every field that packaging knows."""
    special = {"classifiers": "classifier", "platforms": "platform", "project_urls": "project-url"}
    special |= {"supported_platforms": "supported-platform", "license_files": "license-file"}
    special |= {"import_names": "import-name", "import_namespaces": "import-namespace"}
    return frozenset(
        special.get(name, name.replace("_", "-")) for name in RawMetadata.__annotations__
    )


_KNOWN_FIELDS = _known_fields()


@dataclass(frozen=True, slots=True)
class CoreMetadata:
    """What a metadata document says. `fields` has the names of `packaging`'s RawMetadata.

    `requires_python` is the text as written, None when it says nothing.
    """

    document: bytes
    format_version: str
    name: str
    normalised_name: NormalisedName
    version: Version
    fields: RawMetadata

    @property
    def requires_python(self) -> str | None:
        """The Requires-Python specifier as written."""
        return self.fields.get("requires_python")


def read_metadata(document: bytes, findings: Findings) -> CoreMetadata | None:
    """Return what the document says, or None when it has no valid name and version."""
    text = decode_document(document, findings)
    header, body = split_document(text)
    if not check_header(header, findings):
        return None
    try:
        raw, unparsed = parse_email(header + "\n")
    except Exception as error:  # noqa: BLE001  the e-mail parser raises anything on hostile input
        findings.add("metadata-unreadable", f"The metadata cannot be parsed: {type(error)}.")
        return None
    _check_unparsed(unparsed, findings)
    if body:
        if "description" in raw:
            findings.add(
                "metadata-repeated-field", "The description is there twice.", "description"
            )
        raw["description"] = body
    elif "description" in raw:
        raw["description"] = _FOLDED_LINE.sub("\n", raw["description"])
    return _validate(document, _without_absent(raw, findings), findings)


def _validate(document: bytes, raw: RawMetadata, findings: Findings) -> CoreMetadata | None:
    written_format = raw.get("metadata_version", "").strip()
    _check_format(written_format, raw, findings)
    name = raw.get("name", "").strip()
    normalised_name = normalise_name(name)
    if normalised_name is None:
        findings.add(
            "metadata-name-invalid",
            f"The metadata's Name {shown(name)} is not a package name.",
            "name",
        )
    written_version = raw.get("version", "").strip()
    version = parse_version(written_version)
    if version is None:
        findings.add(
            "metadata-version-invalid",
            f"The metadata's Version {shown(written_version)} is not a PEP 440 version.",
            "version",
        )
    _check_standard(raw, findings)
    if normalised_name is None or version is None:
        return None
    return CoreMetadata(document, written_format, name, normalised_name, version, raw)


def _check_unparsed(unparsed: Mapping[str, list[str]], findings: Findings) -> None:
    for field, values in unparsed.items():
        name = _form_name(field)
        if field not in _KNOWN_FIELDS:
            findings.add(
                "metadata-unknown-field", f"The metadata field {shown(field)} is unknown.", name
            )
        elif len(values) > 1:
            findings.add(
                "metadata-repeated-field",
                f"The metadata field {shown(field)} has several values, or a label twice.",
                name,
            )
        else:
            findings.add(
                "metadata-invalid", f"The metadata field {shown(field)} is malformed.", name
            )


def _check_format(written: str, raw: RawMetadata, findings: Findings) -> None:
    match = _FORMAT.fullmatch(written)
    if match is None or (written not in _FORMATS and match[1] != _NEWEST_MAJOR):
        findings.add(
            "metadata-format-version",
            f"Metadata-Version {shown(written)} is unknown; the newest is {_FORMATS[-1]}.",
            "metadata_version",
        )
    elif written not in _FORMATS or written == _WITHDRAWN_FORMAT:
        why = "was never finished" if written == _WITHDRAWN_FORMAT else "is newer than this server"
        findings.add(
            "metadata-format-newer",
            f"Metadata-Version {written} {why}: fields peculiar to it were not checked.",
            "metadata_version",
        )
    else:
        for field, first in _FIRST_FORMAT.items():
            if field in raw and _FORMATS.index(first) > _FORMATS.index(written):
                findings.add(
                    "metadata-field-too-new",
                    f"{field} came with Metadata-Version {first}, not {written}.",
                    field,
                )


def _check_standard(raw: RawMetadata, findings: Findings) -> None:
    """Note what packaging finds; names, versions and dependencies are judged elsewhere."""
    judged = cast("dict[str, object]", raw.copy())
    judged.pop("requires_dist", None)  # each of them is judged by metadata_rules
    judged.pop("description", None)  # free text; spare the copy
    judged |= {"metadata_version": _JUDGED_AS, "name": "name", "version": "0"}
    try:
        Metadata.from_raw(cast("RawMetadata", judged))
    except ExceptionGroup as group:
        problems = [problem for problem in group.exceptions if isinstance(problem, InvalidMetadata)]
        for problem in sorted(
            problems, key=lambda problem: problem.field
        ):  # they come in any order
            _note_invalid(problem, findings)
    except Exception as error:  # noqa: BLE001  third-party parsers on hostile input
        findings.add("metadata-invalid", f"The metadata cannot be checked: {type(error)}.")


def _note_invalid(problem: InvalidMetadata, findings: Findings) -> None:
    name = _form_name(problem.field)
    findings.add(
        "metadata-invalid", f"{name} is against the standard: {shown(str(problem))}.", name
    )


def _form_name(field: str) -> str:
    name = field.replace("-", "_").lower()[:80]
    return _PLURALS.get(name, name)


def _without_absent(raw: RawMetadata, findings: Findings) -> RawMetadata:
    """Drop values that say nothing (old setuptools wrote UNKNOWN), and those beyond all bounds."""
    kept: dict[str, object] = {}
    for field, value in raw.items():
        limit_chars = _MAX_CHARS.get(field, MAX_VALUE_CHARS)
        texts = [value] if isinstance(value, str) else list(cast("list[str]", value))
        if any(len(text) > limit_chars for text in texts):
            findings.add(
                "metadata-field-too-long",
                f"{field} is longer than {limit_chars} characters.",
                field,
            )
        elif isinstance(value, str):
            if value.strip() not in ABSENT:
                kept[field] = value if field == "description" else value.strip()
        elif isinstance(value, list) and field != "import_names":
            given = [item for item in value if item.strip() not in ABSENT]
            if given:
                kept[field] = given
        else:
            kept[field] = value
    return cast("RawMetadata", kept)
