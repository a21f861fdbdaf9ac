"""The page of one package, a version of a name: what it is, how to install it, what is in it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from packaging.version import InvalidVersion, Version
from starlette.responses import Response

from wheelyard.domain.access import Action
from wheelyard.domain.figures import Contents, Figures, ReleaseDownloads
from wheelyard.domain.listing import Listing, Window
from wheelyard.domain.models.packages import NameStatus, PackageFile, Release
from wheelyard.domain.models.places import Project
from wheelyard.domain.models.users import User
from wheelyard.domain.releases import ListedRelease, ReleaseFilter
from wheelyard.domain.status import ProjectStatus
from wheelyard.http.web import urls
from wheelyard.http.web.charts import by_day, ranking
from wheelyard.http.web.descriptions import read_description
from wheelyard.http.web.installation import installers, publishers, pypirc
from wheelyard.http.web.registry import is_open_to_all, may_hide, open_release, upload_url
from wheelyard.http.web.view import View
from wheelyard.ports.database import Transaction

CHART_DAYS = 90
LISTED_VERSIONS = 12

_LEAST_CHART_DAYS = 14
_RANKED_VERSIONS = 8


@dataclass(frozen=True, slots=True)
class _Rows:
    """What the database says about a package.

    versions: the highest of its name; contents: of these. by_file: downloads by file id.
    """

    project: Project
    release: Release
    files: Sequence[PackageFile]
    publisher: User | None
    status: NameStatus | None
    versions: Listing[ListedRelease]
    contents: Mapping[int, Contents]
    figures: Figures
    by_file: Mapping[int, int]
    by_version: Sequence[ReleaseDownloads]
    may_hide: bool


async def show_package(view: View) -> Response:
    """Show the page."""
    first = view.today - timedelta(days=CHART_DAYS - 1)
    async with view.services.db.read() as tx:
        rows = await _read(view, tx, first)
    description = await read_description(view.services.blobs, rows.files)
    project, release, url = rows.project, rows.release, upload_url(view, rows.project)
    return view.page(
        "packages/package.html",
        place=project,
        rows=rows,
        project=project,
        release=release,
        description=description,
        contents=rows.contents.get(release.id) or _count(rows.files),
        latest=latest_of(rows.versions.items, rows.contents),
        previous=_previous_of(release, rows.versions.items),
        installers=installers(
            url,
            f"{release.normalised_name}=={release.version}",
            is_public=is_open_to_all(project),
            has_dependencies=bool(description.facts.dependencies[""]),
        ),
        is_public=is_open_to_all(project),
        pypirc=pypirc(url),
        publishers=publishers(url),
        chart=by_day(rows.figures.by_day, _chart_from(release, view.today), view.today),
        ranked=ranking(
            (each.version, each.downloads, urls.package(project.full_path, each.release_id))
            for each in rows.by_version
        ),
        chart_days=CHART_DAYS,
        statuses=list(ProjectStatus),
    )


async def _read(view: View, tx: Transaction, first: date) -> _Rows:
    project, release = await open_release(view, tx, Action.READ_PACKAGE)
    name = release.normalised_name
    window = Window(LISTED_VERSIONS, order_by="version", is_descending=True)
    versions = await tx.releases.of_project(project.id, ReleaseFilter(name=name), window)
    creator_id = release.creator_id
    return _Rows(
        project=project,
        release=release,
        files=await tx.releases.files(release.id),
        publisher=None if creator_id is None else await tx.users.get(creator_id),
        status=await tx.releases.status(project.id, name),
        versions=versions,
        contents=await tx.downloads.contents([item.id for item in versions.items]),
        figures=await tx.downloads.of_release(release.id, first),
        by_file=await tx.downloads.by_file(release.id),
        by_version=await tx.downloads.by_release(project.id, name, first, _RANKED_VERSIONS),
        may_hide=await may_hide(view, tx, project, release),
    )


def latest_of(
    versions: Sequence[ListedRelease], contents: Mapping[int, Contents]
) -> Release | None:
    """Return the release that installers would choose: of the highest versions, a final one.

    versions: the highest first. Yanked ones do not count, and pre-releases if there are others.
    """
    candidates = [
        item.release for item in versions if item.id in contents and not contents[item.id].is_yanked
    ]
    finals = (release for release in candidates if not is_prerelease(release.version))
    return next(finals, next(iter(candidates), None))


def is_prerelease(version: str) -> bool:
    """Tell whether a version is one that installers take only when asked to."""
    try:
        return Version(version).is_prerelease
    except InvalidVersion:
        return True


def _previous_of(release: Release, versions: Sequence[ListedRelease]) -> Release | None:
    """Return the version below a release, if it is among the highest."""
    ids = [item.id for item in versions]
    place = ids.index(release.id) + 1 if release.id in ids else len(ids)
    return versions[place].release if place < len(ids) else None


def _count(files: Sequence[PackageFile]) -> Contents:
    listed = [file for file in files if not file.is_superseded]
    return Contents(
        files=len(listed),
        size_bytes=sum(file.size_bytes for file in listed),
        yanked_files=sum(file.yanked_reason is not None for file in listed),
    )


def _chart_from(release: Release, today: date) -> date:
    """Return the chart's first day: that of the release, but not too near and not too far."""
    earliest = today - timedelta(days=CHART_DAYS - 1)
    latest = today - timedelta(days=_LEAST_CHART_DAYS - 1)
    return min(max(release.created_at.date(), earliest), latest)
