"""What a release says of itself, read from its metadata document for people to look at.

Read leniently: what cannot be understood is left out or shown as it stands. Whether a document
was fit to be published is for `metadata` and its rules to say.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from wheelyard.domain.findings import Findings
from wheelyard.domain.metadata import CoreMetadata, read_metadata
from wheelyard.domain.models.packages import DistributionKind, PackageFile
from wheelyard.domain.requirements import Dependencies, read_dependencies

MAX_LICENSE_CHARS = 100
"""A licence that is longer is a whole text; its first line names it."""

_LICENSE_CLASSIFIER = "License :: "
_WEB_SCHEMES = frozenset({"http", "https"})


@dataclass(frozen=True, slots=True)
class Link:
    """A labelled address; what does not lead to the web is text."""

    label: str
    address: str

    @property
    def is_web(self) -> bool:
        """Whether a browser may follow it."""
        try:
            parts = urlsplit(self.address)
        except ValueError:
            return False
        return parts.scheme.lower() in _WEB_SCHEMES and bool(parts.netloc)


@dataclass(frozen=True, slots=True)
class ReleaseFacts:
    """A release's own words; "" and empty collections where it says nothing.

    classifiers: by their first part ("Programming Language"), the rest of each.
    description_type: the content type of the description, None when it was not given.
    """

    summary: str = ""
    requires_python: str = ""
    license: str = ""
    author: str = ""
    maintainer: str = ""
    keywords: Sequence[str] = ()
    links: Sequence[Link] = ()
    classifiers: Mapping[str, Sequence[str]] = field(default_factory=dict)
    dependencies: Dependencies = field(default_factory=lambda: {"": ()})
    description: str = field(default="", repr=False)
    description_type: str | None = None
    format_version: str = ""


def read_facts(document: bytes) -> ReleaseFacts:
    """Return what a METADATA or PKG-INFO document says; nothing when it cannot be read."""
    metadata = read_metadata(document, Findings())
    return ReleaseFacts() if metadata is None else _facts(metadata)


def speaking_file(files: Sequence[PackageFile]) -> PackageFile | None:
    """Return the file whose metadata speaks for a release: of those listed, a wheel if there is.

    A wheel's metadata is what will be installed; an sdist's may change when it is built.
    """
    listed = [file for file in files if file.metadata_sha256 and not file.is_superseded]
    wheels = (file for file in listed if file.kind is DistributionKind.WHEEL)
    return next(wheels, next(iter(listed), None))


def _facts(metadata: CoreMetadata) -> ReleaseFacts:
    fields = metadata.fields
    classifiers = fields.get("classifiers", [])
    return ReleaseFacts(
        summary=fields.get("summary", ""),
        requires_python=metadata.requires_python or "",
        license=fields.get("license_expression") or _license(fields.get("license"), classifiers),
        author=_person(fields.get("author"), fields.get("author_email")),
        maintainer=_person(fields.get("maintainer"), fields.get("maintainer_email")),
        keywords=_keywords(fields.get("keywords", [])),
        links=_links(
            fields.get("home_page"), fields.get("download_url"), fields.get("project_urls", {})
        ),
        classifiers=_grouped(classifiers),
        dependencies=read_dependencies(
            fields.get("requires_dist", []), fields.get("provides_extra", [])
        ),
        description=fields.get("description", ""),
        description_type=fields.get("description_content_type"),
        format_version=metadata.format_version,
    )


def _license(text: str | None, classifiers: Sequence[str]) -> str:
    """Name the licence: by a field that is a name, by classifiers, by the beginning of a text."""
    if text and len(text) <= MAX_LICENSE_CHARS and "\n" not in text:
        return text
    named = [
        classifier.removeprefix(_LICENSE_CLASSIFIER).removeprefix("OSI Approved :: ")
        for classifier in classifiers
        if classifier.startswith(_LICENSE_CLASSIFIER)
    ]
    if named:
        return ", ".join(named)
    lines = (line.strip() for line in (text or "").splitlines())
    return next((line for line in lines if line), "")[:MAX_LICENSE_CHARS]


def _person(name: str | None, email: str | None) -> str:
    """Join the two fields; today's tools write the name into the second as well."""
    parts = [part for part in (name, email) if part]
    if name and email and name.lower() in email.lower():
        return email
    return ", ".join(parts)


def _keywords(keywords: Sequence[str]) -> Sequence[str]:
    """Part the keywords; the oldest tools put spaces between them."""
    parted = keywords[0].split() if len(keywords) == 1 else keywords
    return tuple(dict.fromkeys(word.strip() for word in parted if word.strip()))


def _links(
    home_page: str | None, download_url: str | None, project_urls: Mapping[str, str]
) -> Sequence[Link]:
    links = [Link("Homepage", home_page)] if home_page else []
    links += [Link(label or "Link", address) for label, address in project_urls.items()]
    links += [Link("Download", download_url)] if download_url else []
    return tuple({(link.label.lower(), link.address): link for link in links}.values())


def _grouped(classifiers: Sequence[str]) -> Mapping[str, Sequence[str]]:
    groups: dict[str, list[str]] = {}
    for classifier in sorted(set(classifiers)):
        first, _, rest = classifier.partition(" :: ")
        groups.setdefault(first, []).append(rest or first)
    return groups
