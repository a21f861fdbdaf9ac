"""The JSON of packages and their files."""

from typing import Literal, NotRequired

from typing_extensions import TypedDict

from wheelyard.domain.models.packages import PackageFile, Release
from wheelyard.domain.releases import ListedRelease
from wheelyard.domain.status import ProjectStatus
from wheelyard.http.rest.shapes.answers import Nothing
from wheelyard.http.rest.shapes.moments import Moment, moment, moment_or_none


class ReleaseJson(TypedDict):
    """A package in GitLab's sense: one version of a name."""

    id: int
    name: str
    version: str
    package_type: Literal["pypi"]
    status: Literal["default", "deprecated"]
    created_at: Moment
    last_downloaded_at: Moment | None
    creator_id: int | None
    tags: Nothing


class PackageLinksJson(TypedDict):
    """Addresses of a package; the one to delete it at is for those who may."""

    web_path: str
    delete_api_path: NotRequired[str]


class PackageJson(ReleaseJson):
    """A package with its addresses."""

    _links: PackageLinksJson
    pipelines: Nothing


class GroupPackageJson(PackageJson):
    """A package of a group, and the project it is in."""

    project_id: int
    project_path: str


class VersionOfPackageJson(TypedDict):
    """Another version of a package."""

    id: int
    version: str
    created_at: Moment
    tags: Nothing
    pipelines: Nothing


class PackageDetailJson(PackageJson):
    """A package and the other versions of its name."""

    versions: list[VersionOfPackageJson]


class FileJson(TypedDict):
    """A package file; `yanked`, `yanked_reason` and `superseded` are ours."""

    id: int
    package_id: int
    created_at: Moment
    file_name: str
    size: int
    file_md5: str
    file_sha1: str | None
    file_sha256: str
    yanked: bool
    yanked_reason: str | None
    superseded: bool


class ReleaseWithFilesJson(ReleaseJson):
    """A package and all its files."""

    files: list[FileJson]


def release_json(release: Release) -> ReleaseJson:
    """Show a package in GitLab's sense: one version of a name.

    GitLab has the status "deprecated" as well; the other markers of PEP 792 are "default" here.
    """
    is_deprecated = release.status is ProjectStatus.DEPRECATED
    return {
        "id": release.id,
        "name": release.name,
        "version": release.version,
        "package_type": "pypi",
        "status": "deprecated" if is_deprecated else "default",
        "created_at": moment(release.created_at),
        "last_downloaded_at": moment_or_none(release.last_downloaded_at),
        "creator_id": release.creator_id,
        "tags": [],
    }


def package_json(listed: ListedRelease, base_url: str, *, may_destroy: bool) -> PackageJson:
    """Show a package with its addresses; the one to delete it at only to who may use it."""
    release = listed.release
    links: PackageLinksJson = {"web_path": f"/{listed.project_path}/-/packages/{release.id}"}
    if may_destroy:
        path = f"/api/v4/projects/{release.project_id}/packages/{release.id}"
        links["delete_api_path"] = base_url + path
    return {**release_json(release), "_links": links, "pipelines": []}


def group_package_json(
    listed: ListedRelease, base_url: str, *, may_destroy: bool
) -> GroupPackageJson:
    """Show a package of a group: it says which project it is in."""
    return {
        **package_json(listed, base_url, may_destroy=may_destroy),
        "project_id": listed.release.project_id,
        "project_path": listed.project_path,
    }


def version_json(release: Release) -> VersionOfPackageJson:
    """Show another version of a package."""
    return {
        "id": release.id,
        "version": release.version,
        "created_at": moment(release.created_at),
        "tags": [],
        "pipelines": [],
    }


def file_json(file: PackageFile) -> FileJson:
    """Show a package file."""
    return {
        "id": file.id,
        "package_id": file.package_id,
        "created_at": moment(file.uploaded_at),
        "file_name": file.filename,
        "size": file.size_bytes,
        "file_md5": file.digests.md5,
        "file_sha1": None,
        "file_sha256": file.digests.sha256,
        "yanked": file.yanked_reason is not None,
        "yanked_reason": file.yanked_reason or None,
        "superseded": file.is_superseded,
    }


def release_with_files_json(release: Release, files: list[PackageFile]) -> ReleaseWithFilesJson:
    """Show a package and all its files."""
    return {**release_json(release), "files": [file_json(file) for file in files]}
