"""What every page about packages begins with: the project with its registry on, and what is named.

A page that the caller may not see is answered as one that does not exist.
"""

from collections.abc import Sequence

from wheelyard.actions.protection import check_protection
from wheelyard.domain.access import Action, Decision, Level, decide
from wheelyard.domain.errors import Refused, not_found
from wheelyard.domain.models.packages import PackageFile, Release
from wheelyard.domain.models.places import Project
from wheelyard.domain.protection import ProtectedDeed
from wheelyard.http.web.page_numbers import row_id
from wheelyard.http.web.view import View
from wheelyard.ports.database import Transaction


async def open_registry(view: View, tx: Transaction, action: Action) -> Project:
    """Return the project in the path, if the caller may do `action` to its packages."""
    project = await view.project(tx, action)
    if not view.instance.packages_enabled:
        raise not_found("404")
    return project


async def open_release(view: View, tx: Transaction, action: Action) -> tuple[Project, Release]:
    """Return the project in the path and its release there. Raises Refused (not found)."""
    project = await open_registry(view, tx, action)
    release = await tx.releases.get(project.id, row_id(view, "release_id"))
    if release is None:
        raise not_found("404 Package")
    return project, release


def pick_file(view: View, files: Sequence[PackageFile]) -> PackageFile:
    """Return the one of a release's files that is in the path. Raises Refused (not found)."""
    wanted = row_id(view, "file_id")
    for file in files:
        if file.id == wanted:
            return file
    raise not_found("404 Package file")


async def may_hide(view: View, tx: Transaction, project: Project, release: Release) -> bool:
    """Tell whether the caller may yank, mark and delete: by role, and by protection rules."""
    if not view.may(Action.ADMIN_PACKAGE, project):
        return False
    names = release.name, release.normalised_name
    try:
        await check_protection(tx, view.by, project, ProtectedDeed.DELETE, *names)
    except Refused:
        return False
    return True


def upload_url(view: View, project: Project) -> str:
    """Return the address that clients publish to; the index is below it."""
    return f"{view.base_url}/api/v4/projects/{project.id}/packages/pypi"


def is_open_to_all(project: Project) -> bool:
    """Tell whether installing from the project needs no token."""
    decision = decide(Action.READ_PACKAGE, project.target, Level.ANYONE, anonymous=True)
    return decision is Decision.ALLOW
