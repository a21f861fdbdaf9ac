"""The inspection of an upload: everything that can be found wrong with a distribution, at once.

One pass over the file: name, form, digests, archive, metadata, and whether they agree. Whether
the findings refuse the upload is for `findings.judge` to say; this module does no I/O but reading
from the source it is given, and raises only what that source raises.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from wheelyard.domain.archives.limits import Unreadable
from wheelyard.domain.archives.members import Unpacked
from wheelyard.domain.archives.polyglot import check_single_kind
from wheelyard.domain.archives.sdist import read_sdist
from wheelyard.domain.archives.wheel import read_wheel
from wheelyard.domain.filenames import DistributionName, parse_filename
from wheelyard.domain.findings import Finding, Findings, Severity, found
from wheelyard.domain.form import UploadForm, inspect_form
from wheelyard.domain.form_agreement import check_agreement, check_filename
from wheelyard.domain.metadata import CoreMetadata, read_metadata
from wheelyard.domain.metadata_rules import Rules, check_license_files, check_rules
from wheelyard.domain.models.packages import Digests, DistributionKind
from wheelyard.domain.names import NormalisedName

_DEFAULT_RULES = Rules()


@dataclass(frozen=True, slots=True)
class Facts:
    """What a distribution says of itself, read from its own metadata document.

    `name` is as written there, `version` in PEP 440's canonical spelling, `requires_python` as
    written or None; `metadata` is the METADATA or PKG-INFO document byte for byte.
    """

    kind: DistributionKind
    name: str
    normalised_name: NormalisedName
    version: str
    requires_python: str | None
    metadata: bytes


@dataclass(frozen=True, slots=True)
class Inspection:
    """All findings, the gravest first, and the facts; None when a fatal finding hides them."""

    findings: tuple[Finding, ...]
    facts: Facts | None

    @property
    def is_fatal(self) -> bool:
        """Whether the distribution is refused whatever the strictness."""
        return any(finding.severity is Severity.FATAL for finding in self.findings)


def inspect_distribution(
    source: BinaryIO,
    *,
    filename: str,
    size_bytes: int,
    digests: Digests,
    form: UploadForm,
    rules: Rules = _DEFAULT_RULES,
) -> Inspection:
    """Inspect an uploaded file against the form it came with.

    `source` is seekable and holds `size_bytes` bytes; `digests` were computed from them. Memory
    stays bounded by `rules.limits`. Blocking: call it in a thread.
    """
    findings = Findings()
    findings.extend(inspect_form(form))
    findings.extend(check_digests(form, digests))
    facts = _inspect(source, filename, size_bytes, form=form, rules=rules, findings=findings)
    return Inspection(findings.listed(), facts)


def inspect_file(
    source: BinaryIO, filename: str, size_bytes: int, rules: Rules = _DEFAULT_RULES
) -> Inspection:
    """Inspect a distribution that was not uploaded: everything but form and digests."""
    findings = Findings()
    facts = _inspect(source, filename, size_bytes, form=None, rules=rules, findings=findings)
    return Inspection(findings.listed(), facts)


def check_digests(form: UploadForm, digests: Digests) -> Iterator[Finding]:
    """Iterate over digests in the form that are not the file's."""
    computed = {
        "sha256_digest": digests.sha256,
        "md5_digest": digests.md5,
        "blake2_256_digest": digests.blake2_256,
    }
    for field, digest in computed.items():
        for sent in form.digests(field):
            if sent not in {None, digest}:
                yield found(
                    "digest-mismatch",
                    f"The {field} is {sent}, but the file that arrived has {digest}: "
                    "it was damaged or changed on the way.",
                    field,
                )


def _inspect(
    source: BinaryIO,
    filename: str,
    size_bytes: int,
    *,
    form: UploadForm | None,
    rules: Rules,
    findings: Findings,
) -> Facts | None:
    name = parse_filename(filename)
    if isinstance(name, Finding):
        findings.note(name)
        return None
    findings.extend(name.findings)
    unpacked = _unpack(source, size_bytes, name, rules, findings)
    if unpacked is None:
        return None
    metadata = read_metadata(unpacked.metadata, findings)
    if metadata is None:
        return None
    check_filename(metadata, name, findings)
    check_rules(metadata, rules, findings)
    check_license_files(metadata, unpacked, findings)
    if form is not None:
        check_agreement(form, metadata, name, findings)
    return _facts(name.kind, metadata)


def _unpack(
    source: BinaryIO, size_bytes: int, name: DistributionName, rules: Rules, findings: Findings
) -> Unpacked | None:
    read = read_wheel if name.kind is DistributionKind.WHEEL else read_sdist
    try:
        check_single_kind(source, size_bytes, is_zip=name.is_zip)
        return read(source, size_bytes, name, rules.limits, findings)
    except Unreadable as unreadable:
        findings.note(unreadable.finding)
        return None


def _facts(kind: DistributionKind, metadata: CoreMetadata) -> Facts:
    return Facts(
        kind,
        metadata.name,
        metadata.normalised_name,
        str(metadata.version),
        metadata.requires_python,
        metadata.document,
    )
