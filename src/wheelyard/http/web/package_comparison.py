"""Two versions of a package compared: what they need, say of themselves, and hold."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from starlette.responses import Response

from wheelyard.domain.access import Action
from wheelyard.domain.errors import not_found
from wheelyard.domain.listing import Window
from wheelyard.domain.models.packages import DistributionKind, PackageFile, Release
from wheelyard.domain.models.places import Project
from wheelyard.domain.names import NormalisedName, normalise_name
from wheelyard.domain.release_changes import compare
from wheelyard.domain.releases import ReleaseFilter
from wheelyard.http.web.descriptions import read_release_facts
from wheelyard.http.web.registry import open_registry
from wheelyard.http.web.view import View
from wheelyard.ports.database import Transaction

OFFERED_VERSIONS = 200


@dataclass(frozen=True, slots=True)
class _Side:
    """One of the two releases, with its files as the index lists them."""

    release: Release
    files: Sequence[PackageFile]

    @property
    def size_bytes(self) -> int:
        """All files together."""
        return sum(file.size_bytes for file in self.files)

    @property
    def kinds(self) -> Sequence[str]:
        """What there is: "sdist", and the tags of each wheel."""
        return sorted({file_kind(file) for file in self.files})


async def show_comparison(view: View) -> Response:
    """Show what changed; without versions between the highest and the one before."""
    async with view.services.db.read() as tx:
        project = await open_registry(view, tx, Action.READ_PACKAGE)
        name = normalise_name(view.query("name"))
        versions = [] if name is None else await _versions(tx, project, name)
        if name is None or not versions:
            raise not_found("404 Package")
        after = await _find(tx, project, name, view.query("to")) or versions[0]
        before = await _find(tx, project, name, view.query("from")) or _below(after, versions)
        sides = [await _side(tx, each) for each in (before, after)]
    changes = None
    facts = [await read_release_facts(view.services.blobs, side.files) for side in sides]
    if facts[0] is not None and facts[1] is not None:
        changes = await asyncio.to_thread(compare, facts[0], facts[1])
    return view.page(
        "packages/compare.html",
        place=project,
        project=project,
        name=name,
        before=sides[0],
        after=sides[1],
        versions=_offered(versions, before, after),
        changes=changes,
    )


def file_kind(file: PackageFile) -> str:
    """Return what a file is for: "sdist", or a wheel's tags such as "py3-none-any"."""
    if file.kind is DistributionKind.SDIST:
        return "sdist"
    return "-".join(file.filename.removesuffix(".whl").split("-")[-3:])


async def _versions(tx: Transaction, project: Project, name: NormalisedName) -> list[Release]:
    """Return the highest versions of a name, the highest first."""
    window = Window(OFFERED_VERSIONS, order_by="version", is_descending=True)
    listing = await tx.releases.of_project(project.id, ReleaseFilter(name=name), window)
    return [item.release for item in listing.items]


async def _find(
    tx: Transaction, project: Project, name: NormalisedName, version: str
) -> Release | None:
    """Return the release of a version; None when none is named. Raises Refused (not found)."""
    if not version:
        return None
    release = await tx.releases.find(project.id, name, version)
    if release is None:
        raise not_found("404 Package")
    return release


def _below(after: Release, versions: Sequence[Release]) -> Release:
    """Return the next lower version, or the same when there is none among these."""
    ids = [release.id for release in versions]
    place = ids.index(after.id) + 1 if after.id in ids else len(ids)
    return versions[place] if place < len(versions) else after


def _offered(versions: Sequence[Release], *chosen: Release) -> list[str]:
    return list(dict.fromkeys(release.version for release in [*versions, *chosen]))


async def _side(tx: Transaction, release: Release) -> _Side:
    files = await tx.releases.files(release.id)
    return _Side(release, [file for file in files if not file.is_superseded])
