"""What PyPI demands of metadata beyond the core metadata standard, where it fits a private index.

Private registries keep local versions, direct URLs and classifiers of their own, so those are
warnings or nothing. Lists that change with the world (classifiers) and renderers are arguments.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from email.utils import getaddresses
from urllib.parse import urlsplit

from packaging.requirements import InvalidRequirement, Requirement

from wheelyard.domain.archives.limits import Limits
from wheelyard.domain.archives.members import Unpacked
from wheelyard.domain.findings import Findings, shown
from wheelyard.domain.metadata import CoreMetadata

MAX_SUMMARY_CHARS = 512
MAX_LABEL_CHARS = 32
MAX_URL_CHARS = 2048
MAX_DEPENDENCY_CHARS = 8192
MAX_EMAIL_CHARS = 4096

_LICENSE_FILES_SINCE = ("2.4", "2.5", "2.6")
_EMAIL = re.compile(r"[^\s@<>,;]+@[^\s@<>,;]+")
_URL_FORBIDDEN = re.compile(r"[\x00-\x20\x7f\"<>\\^`{|}]")
_WEB_SCHEMES = frozenset({"http", "https"})
_PRIVATE = "Private :: "


@dataclass(frozen=True, slots=True)
class Rules:
    """What the checks need from outside: limits, and what the domain does not know itself.

    known_classifiers: all valid trove classifiers; None: only their form is checked.
    render: takes a description and its content type (None: not given) and returns HTML, or None
    when the markup is not valid; without it descriptions are not rendered.
    """

    limits: Limits = field(default_factory=Limits)
    known_classifiers: frozenset[str] | None = None
    render: Callable[[str, str | None], str | None] | None = None


def check_rules(metadata: CoreMetadata, rules: Rules, findings: Findings) -> None:
    """Note every breach of PyPI's rules in a distribution's metadata."""
    fields = metadata.fields
    summary = fields.get("summary", "")
    if len(summary) > MAX_SUMMARY_CHARS:
        findings.add(
            "summary-too-long",
            f"The Summary has {len(summary)} characters; at most {MAX_SUMMARY_CHARS} are accepted.",
            "summary",
        )
    _check_emails("author_email", fields.get("author_email"), findings)
    _check_emails("maintainer_email", fields.get("maintainer_email"), findings)
    _check_url("home_page", fields.get("home_page"), findings)
    _check_url("download_url", fields.get("download_url"), findings)
    _check_project_urls(fields.get("project_urls") or {}, findings)
    _check_classifiers(fields.get("classifiers") or (), rules.known_classifiers, findings)
    _check_dependencies(fields.get("requires_dist") or (), findings)
    _check_licences(metadata, findings)
    _check_description(metadata, rules, findings)


def check_license_files(metadata: CoreMetadata, unpacked: Unpacked, findings: Findings) -> None:
    """Note License-File members that the archive does not have (PEP 639)."""
    if metadata.format_version not in _LICENSE_FILES_SINCE:
        return
    for path in metadata.fields.get("license_files") or ():
        if unpacked.license_root + path not in unpacked.names:
            findings.add(
                "license-file-missing",
                f"The License-File {shown(path)} is not at "
                f"{shown(unpacked.license_root + path)} in the archive.",
                "license_file",
            )


def _check_emails(name: str, value: str | None, findings: Findings) -> None:
    if value is None:
        return
    try:
        pairs = getaddresses([value]) if len(value) <= MAX_EMAIL_CHARS else []
    except Exception:  # noqa: BLE001  the e-mail parser raises anything on hostile input
        pairs = []
    addresses = [address for _, address in pairs]
    if not addresses or not all(_EMAIL.fullmatch(address) for address in addresses):
        findings.add("email-invalid", f"{shown(value)} is not an e-mail address.", name)


def _check_url(name: str, value: str | None, findings: Findings) -> None:
    if value is not None and not is_web_url(value):
        findings.add(
            "url-invalid", f"{shown(value)} is not a full http:// or https:// address.", name
        )


def is_web_url(value: str) -> bool:
    """Tell whether this is an absolute http or https URL: safe to be linked from a page."""
    if len(value) > MAX_URL_CHARS or _URL_FORBIDDEN.search(value):
        return False
    try:
        parts = urlsplit(value)
    except ValueError:
        return False
    return parts.scheme in _WEB_SCHEMES and bool(parts.hostname)


def _check_project_urls(urls: Mapping[str, str], findings: Findings) -> None:
    for label, url in urls.items():
        if not 1 <= len(label) <= MAX_LABEL_CHARS:
            findings.add(
                "url-label",
                f"The label {shown(label)} is not 1 to {MAX_LABEL_CHARS} characters long.",
                "project_urls",
            )
        _check_url("project_urls", url, findings)


def _check_classifiers(
    classifiers: Iterable[str], known: frozenset[str] | None, findings: Findings
) -> None:
    for classifier in classifiers:
        parts = classifier.split(" :: ")
        if len(parts) == 1 or any(not part or part != part.strip() for part in parts):
            findings.add(
                "classifier-invalid",
                f"The classifier {shown(classifier)} is not of the form 'A :: B'.",
                "classifiers",
            )
        elif known is not None and classifier not in known and not classifier.startswith(_PRIVATE):
            findings.add(
                "classifier-unknown",
                f"The classifier {shown(classifier)} is not on PyPI's list; "
                "own ones begin with 'Private ::'.",
                "classifiers",
            )


def _check_dependencies(dependencies: Iterable[str], findings: Findings) -> None:
    for dependency in dependencies:
        requirement = parse_requirement(dependency)
        if requirement is None:
            findings.add(
                "dependency-invalid",
                f"The dependency {shown(dependency)} cannot be parsed (PEP 508).",
                "requires_dist",
            )
        elif requirement.url is not None:
            findings.add(
                "dependency-direct-url",
                f"The dependency {shown(dependency)} names a URL: "
                "it will be installed from there, whatever this index offers.",
                "requires_dist",
            )


def parse_requirement(text: str) -> Requirement | None:
    """Return the dependency, or None when it is none."""
    if len(text) > MAX_DEPENDENCY_CHARS:
        return None
    try:
        return Requirement(text)
    except (InvalidRequirement, ValueError, RecursionError):
        return None


def _check_licences(metadata: CoreMetadata, findings: Findings) -> None:
    fields = metadata.fields
    if "license_expression" not in fields:
        return
    if "license" in fields:
        findings.add(
            "license-conflict",
            "License and License-Expression exclude one another: remove License (PEP 639).",
            "license",
        )
    if any(one.startswith("License ::") for one in fields.get("classifiers") or ()):
        findings.add(
            "license-classifier",
            "License-Expression takes the place of 'License ::' classifiers: remove those.",
            "classifiers",
        )


def _check_description(metadata: CoreMetadata, rules: Rules, findings: Findings) -> None:
    description = metadata.fields.get("description")
    if rules.render is None or description is None:
        return
    try:
        rendered = rules.render(description, metadata.fields.get("description_content_type"))
    except Exception:  # noqa: BLE001  renderers have crashed on hostile markup before
        rendered = None
    if rendered is None:
        findings.add(
            "description-not-renderable",
            "The description is not valid in its content type: check it with 'twine check'.",
            "description",
        )
