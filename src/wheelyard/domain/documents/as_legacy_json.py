"""PyPI's JSON API for one project: what Dependabot, pip-tools and bandersnatch read.

It is no standard; the shape is PyPI's, as its documentation describes it ("JSON API").
"""

from collections.abc import Mapping, Sequence

from packaging.metadata import RawMetadata, parse_email
from packaging.version import InvalidVersion, Version

from wheelyard.domain.documents.locations import file_location
from wheelyard.domain.documents.page import ProjectPage, ordered
from wheelyard.domain.models.packages import DistributionKind, ListedFile

_SHOWN = (
    *("author", "author_email", "description_content_type", "download_url", "home_page"),
    *("license", "license_expression", "maintainer", "maintainer_email", "requires_python"),
    *("summary", "dynamic", "license_files", "platforms", "provides_extra", "requires_dist"),
)
_UNKNOWN = -1


def latest_version(page: ProjectPage) -> str | None:
    """Return the version that a user would get: not yanked, a final one if there is any."""
    candidates = {file.version for file in page.files if file.yanked_reason is None}
    candidates = candidates or {file.version for file in page.files}
    parsed = sorted(version for text in candidates if (version := _parsed(text)) is not None)
    final = [version for version in parsed if not version.is_prerelease]
    return str((final or parsed)[-1]) if parsed else None


def metadata_source(page: ProjectPage, version: str) -> ListedFile | None:
    """Return the file whose metadata speaks for a version: a wheel if there is one."""
    files = [file for file in page.files if file.version == version and file.metadata_sha256]
    wheels = [file for file in files if file.kind == DistributionKind.WHEEL]
    return next(iter(wheels or files), None)


def legacy_json(
    page: ProjectPage, version: str, metadata: bytes, page_url: str, *, with_releases: bool
) -> dict[str, object]:
    """Return the document about `version`; `metadata` is its METADATA, possibly empty.

    page_url: the absolute address of the simple page, which file addresses are relative to.
    with_releases: whether all other versions' files come along (the address without a version).
    """
    base = page_url.rstrip("/").rsplit("/", 2)[0]
    versions, in_order = ordered(page)
    files = [file for file in in_order if file.version == version]
    document: dict[str, object] = {
        "info": _info(page, version, files, parse_email(metadata)[0]),
        "last_serial": page.serial,
        "urls": [_file(file, base) for file in files],
        "vulnerabilities": [],
    }
    if with_releases:
        releases: dict[str, list[dict[str, object]]] = {each: [] for each in versions}
        for file in in_order:
            releases.setdefault(file.version, []).append(_file(file, base))
        document["releases"] = releases
    return document


def _info(
    page: ProjectPage, version: str, files: Sequence[ListedFile], raw: RawMetadata
) -> dict[str, object]:
    fields: Mapping[str, object] = {**raw}
    keywords = raw.get("keywords", [])
    reasons = [file.yanked_reason for file in files if file.yanked_reason]
    return {
        **{key: fields.get(key) for key in _SHOWN},
        "classifiers": raw.get("classifiers", []),
        "description": raw.get("description") or "",
        "keywords": ",".join(keywords) if keywords else None,
        "name": raw.get("name", page.name),
        "project_urls": raw.get("project_urls") or None,
        "version": version,
        "yanked": bool(files) and all(file.yanked_reason is not None for file in files),
        "yanked_reason": reasons[0] if reasons else None,
    }


def _file(file: ListedFile, base: str) -> dict[str, object]:
    return {
        "comment_text": None,
        "digests": {
            "blake2b_256": file.blake2_256,
            "md5": file.md5,
            "sha256": file.sha256,
        },
        "downloads": _UNKNOWN,
        "filename": file.filename,
        "has_sig": False,
        "md5_digest": file.md5,
        "packagetype": file.kind,
        "python_version": _python_tag(file),
        "requires_python": file.requires_python,
        "size": file.size_bytes,
        "upload_time": file.uploaded_at.partition(".")[0],
        "upload_time_iso_8601": file.uploaded_at,
        "url": f"{base}/{file_location(file.sha256, file.filename).removeprefix('../../')}",
        "yanked": file.yanked_reason is not None,
        "yanked_reason": file.yanked_reason or None,
    }


def _python_tag(file: ListedFile) -> str:
    if file.kind == DistributionKind.SDIST:
        return "source"
    return file.filename.removesuffix(".whl").rsplit("-", 3)[-3]


def _parsed(text: str) -> Version | None:
    try:
        return Version(text)
    except InvalidVersion:
        return None
