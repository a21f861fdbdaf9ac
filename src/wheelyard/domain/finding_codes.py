"""Every code that a finding can have: how grave it is, and what it means in one line.

The documentation's table is made from this one, and the codes are its anchors: a code that has
been published keeps its meaning.
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import NamedTuple


class Severity(StrEnum):
    """What a finding means for the upload."""

    FATAL = "fatal"  # always refused
    ERROR = "error"  # refused when the project is strict, reported when it only warns
    WARNING = "warning"  # reported


class Code(NamedTuple):
    """A code's gravity and its explanation."""

    severity: Severity
    explanation: str


_FATAL, _ERROR, _WARNING = Severity.FATAL, Severity.ERROR, Severity.WARNING

_FORM = {
    "form-action": Code(_FATAL, "The form's ':action' is obsolete or unknown."),
    "form-protocol-version": Code(_FATAL, "The form's 'protocol_version' is not 1."),
    "form-field-missing": Code(_FATAL, "The form lacks 'name' or 'version'."),
    "form-name-invalid": Code(_FATAL, "The form's 'name' is not a package name."),
    "form-version-invalid": Code(_FATAL, "The form's 'version' is not a PEP 440 version."),
    "form-not-utf8": Code(_FATAL, "A form field is not UTF-8 text."),
    "form-filetype": Code(_ERROR, "The form's 'filetype' is neither bdist_wheel nor sdist."),
    "form-pyversion": Code(_WARNING, "The form's 'pyversion' does not fit the file."),
    "form-field-is-file": Code(_ERROR, "A form field that is text was sent as a file."),
    "form-repeated-field": Code(_ERROR, "A form field that has one value has several."),
    "form-field-too-long": Code(_ERROR, "A form field is longer than a sensible value."),
    "form-nul": Code(_WARNING, "A form field has a NUL character."),
    "form-differs": Code(_ERROR, "A form field differs from the file's own metadata."),
    "digest-malformed": Code(_FATAL, "A digest in the form is not of its algorithm's shape."),
    "digest-mismatch": Code(_FATAL, "A digest in the form is not the received file's."),
}

_FILENAME = {
    "filename-unsafe": Code(_FATAL, "The file name is empty, too long or has unsafe characters."),
    "filename-unknown-type": Code(_FATAL, "The file is neither a wheel nor an sdist."),
    "filename-invalid": Code(_FATAL, "The file name does not follow its standard."),
    "filename-not-normalised": Code(_WARNING, "The file name is in an older, legal spelling."),
    "filename-zip-sdist": Code(_WARNING, "The sdist is a .zip file, a form PEP 625 ended."),
    "name-mismatch": Code(_FATAL, "File name, metadata and form name different packages."),
    "version-mismatch": Code(_FATAL, "File name, metadata and form have different versions."),
    "requires-python-mismatch": Code(_FATAL, "Form and metadata disagree on Requires-Python."),
}

_ARCHIVE = {
    "archive-unreadable": Code(_FATAL, "The file is not an archive of its kind, or is damaged."),
    "archive-polyglot": Code(_FATAL, "The file is two kinds of archive at once."),
    "archive-bomb": Code(_FATAL, "The archive unpacks to far more than its size."),
    "archive-too-many-members": Code(_FATAL, "The archive has too many members."),
    "archive-trailing-bytes": Code(_FATAL, "There are bytes after the archive's end."),
    "archive-hidden-bytes": Code(_FATAL, "There are bytes in the archive that no member owns."),
    "archive-inconsistent": Code(_FATAL, "Two records in the archive contradict one another."),
    "zip-multi-disk": Code(_FATAL, "The ZIP archive says that it is one of several."),
    "zip-version": Code(_FATAL, "A ZIP member demands a newer ZIP than installers know."),
    "zip-encrypted": Code(_FATAL, "The ZIP archive has an encrypted member."),
    "zip-compression": Code(_FATAL, "A ZIP member is compressed other than by deflate."),
    "zip-data-descriptor": Code(_ERROR, "A ZIP member's sizes stand behind it."),
    "zip-comment": Code(_ERROR, "The ZIP archive or one of its members has a comment."),
    "zip-extra-field": Code(_ERROR, "A ZIP member's extra fields are malformed or doubled."),
    "gzip-several-streams": Code(_ERROR, "The .tar.gz is several gzip streams in a row."),
    "tar-sparse-member": Code(_FATAL, "The tar archive has a sparse member."),
    "tar-member-type": Code(_FATAL, "The tar archive has a member of an unknown type."),
    "tar-no-end": Code(_WARNING, "The tar archive lacks its end mark."),
    "member-unsafe-path": Code(_FATAL, "A member's path leads out of the archive's own tree."),
    "member-name-encoding": Code(_FATAL, "A member's name is not UTF-8."),
    "member-name-characters": Code(_ERROR, "A member's name has odd characters or parts."),
    "member-name-too-long": Code(_FATAL, "A member's name is too long."),
    "member-duplicate": Code(_FATAL, "Two members have the same name."),
    "member-case-collision": Code(_ERROR, "Two members differ in case or accents only."),
    "member-file-is-directory": Code(_ERROR, "A member is a file and a folder at once."),
    "member-link": Code(_ERROR, "The archive has a link where none may be."),
    "member-link-escapes": Code(_ERROR, "A link leads out of the archive's own tree."),
    "member-device": Code(_FATAL, "A member is a device, a pipe or a socket."),
}

_WHEEL = {
    "wheel-several-dist-info": Code(_FATAL, "The wheel has more than one .dist-info folder."),
    "wheel-dist-info-name": Code(_ERROR, "The .dist-info folder is not named as the file is."),
    "wheel-data-scheme": Code(_ERROR, "The wheel's .data folder has an unknown part."),
    "wheel-file-missing": Code(_ERROR, "The wheel has no WHEEL file."),
    "wheel-file-invalid": Code(_ERROR, "The WHEEL file cannot be read or lacks a field."),
    "wheel-version": Code(_ERROR, "The WHEEL file's Wheel-Version is not 1.x."),
    "wheel-version-newer": Code(_WARNING, "The WHEEL file's Wheel-Version is newer than 1.0."),
    "wheel-tags-differ": Code(_WARNING, "The WHEEL file's tags are not the file name's."),
    "record-missing": Code(_ERROR, "The wheel has no RECORD file."),
    "record-invalid": Code(_ERROR, "The RECORD file cannot be read."),
    "record-mismatch": Code(_ERROR, "RECORD disagrees with a member's hash or size."),
    "record-weak-hash": Code(_ERROR, "RECORD uses a hash weaker than SHA-256, or none."),
    "record-member-unlisted": Code(_ERROR, "A member is not listed in RECORD."),
    "record-member-absent": Code(_ERROR, "RECORD lists a member that is not there."),
    "record-duplicate-row": Code(_ERROR, "RECORD lists a member twice."),
    "entry-points-invalid": Code(_ERROR, "entry_points.txt cannot be read."),
    "entry-point-name": Code(_ERROR, "An entry point's name cannot be a command's."),
    "entry-point-value": Code(_ERROR, "An entry point does not name an object."),
    "license-file-missing": Code(_ERROR, "A file named by License-File is not in the archive."),
    "sdist-top-directory": Code(_FATAL, "The sdist has not exactly one top folder."),
    "sdist-directory-name": Code(_WARNING, "The sdist's top folder is not {name}-{version}."),
}

_METADATA = {
    "metadata-missing": Code(_FATAL, "The file has no METADATA (wheel) or PKG-INFO (sdist)."),
    "metadata-too-large": Code(_FATAL, "A metadata document is too large, or too long a list."),
    "metadata-unreadable": Code(_FATAL, "The metadata document cannot be parsed."),
    "metadata-name-invalid": Code(_FATAL, "The metadata has no valid Name."),
    "metadata-version-invalid": Code(_FATAL, "The metadata has no valid Version."),
    "metadata-encoding": Code(_ERROR, "The metadata document is not UTF-8."),
    "metadata-malformed-line": Code(_ERROR, "A line of the metadata is no field."),
    "metadata-control-character": Code(_ERROR, "A metadata field has a control character."),
    "metadata-repeated-field": Code(_ERROR, "A field that has one value has several."),
    "metadata-unknown-field": Code(_WARNING, "The metadata has a field no standard knows."),
    "metadata-format-version": Code(_ERROR, "Metadata-Version is absent or unknown."),
    "metadata-format-newer": Code(_WARNING, "Metadata-Version is one we do not know fully."),
    "metadata-field-too-new": Code(_WARNING, "A field is newer than the Metadata-Version."),
    "metadata-invalid": Code(_ERROR, "A field's value breaks the core metadata standard."),
    "metadata-field-too-long": Code(_ERROR, "A metadata field is longer than is sensible."),
    "summary-too-long": Code(_ERROR, "The Summary is longer than 512 characters."),
    "email-invalid": Code(_ERROR, "An e-mail address is not one."),
    "url-invalid": Code(_ERROR, "A URL is not a full http or https address."),
    "url-label": Code(_ERROR, "A Project-URL's label is not 1 to 32 characters long."),
    "classifier-invalid": Code(_ERROR, "A classifier is malformed."),
    "classifier-unknown": Code(_ERROR, "A classifier is not on the list of known ones."),
    "dependency-invalid": Code(_ERROR, "A dependency cannot be parsed."),
    "dependency-direct-url": Code(_WARNING, "A dependency names a URL instead of a version."),
    "license-conflict": Code(_ERROR, "Both License and License-Expression are given."),
    "license-classifier": Code(_WARNING, "License-Expression and licence classifiers are given."),
    "description-not-renderable": Code(_ERROR, "The description is not valid markup."),
}

_TABLE: Mapping[str, Code] = MappingProxyType(
    {**_FORM, **_FILENAME, **_ARCHIVE, **_WHEEL, **_METADATA}
)

CODES: Mapping[str, str] = MappingProxyType(
    {name: code.explanation for name, code in _TABLE.items()}
)
"""Code to its explanation in one line."""

SEVERITIES: Mapping[str, Severity] = MappingProxyType(
    {name: code.severity for name, code in _TABLE.items()}
)
"""Code to its severity."""
