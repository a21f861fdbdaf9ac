"""What a maintainer does to a package from its pages: yank, take that back, delete, mark."""

from starlette.responses import Response

from wheelyard.actions.releases import delete_file, delete_release, set_status, yank
from wheelyard.domain.access import Action
from wheelyard.domain.errors import Reason, Refused
from wheelyard.domain.models.packages import PackageFile, Release
from wheelyard.domain.models.places import Project
from wheelyard.domain.settings import parse_choice
from wheelyard.domain.status import ProjectStatus
from wheelyard.http.web import urls
from wheelyard.http.web.flash import Tone
from wheelyard.http.web.registry import open_release, pick_file
from wheelyard.http.web.view import View


async def post_yank(view: View) -> Response:
    """Yank a release (PEP 592)."""
    project, release = await _open(view, Action.ADMIN_PACKAGE)
    return await _yank(view, project, release, reason=view.form.text("reason"))


async def post_unyank(view: View) -> Response:
    """Take back the yank of a release."""
    project, release = await _open(view, Action.ADMIN_PACKAGE)
    return await _yank(view, project, release, reason=None)


async def post_delete(view: View) -> Response:
    """Delete a release and its files."""
    project, release = await _open(view, Action.DESTROY_PACKAGE)
    await delete_release(view.services.db, view.by, project, release)
    return view.redirect(urls.project_packages(project), f"{_named(release)} was deleted.")


async def post_status(view: View) -> Response:
    """Mark a package name (PEP 792)."""
    project, release = await _open(view, Action.ADMIN_PACKAGE)
    page = urls.package(project.full_path, release.id)
    try:
        status = parse_choice(ProjectStatus, "status", view.form.text("status"))
        marked = await set_status(
            view.services.db,
            view.by,
            project,
            release.normalised_name,
            status=status,
            reason=view.form.text("reason") or None,
        )
    except Refused as refused:
        return _refused(view, page, refused)
    return view.redirect(page, f"{release.name} is marked as {marked.status.value} now.")


async def post_yank_file(view: View) -> Response:
    """Yank one file."""
    project, release, file = await _open_file(view, Action.ADMIN_PACKAGE)
    return await _yank(view, project, release, reason=view.form.text("reason"), file=file)


async def post_unyank_file(view: View) -> Response:
    """Take back the yank of one file."""
    project, release, file = await _open_file(view, Action.ADMIN_PACKAGE)
    return await _yank(view, project, release, reason=None, file=file)


async def post_delete_file(view: View) -> Response:
    """Delete one file."""
    project, release, file = await _open_file(view, Action.DESTROY_PACKAGE)
    await delete_file(view.services.db, view.by, project, file)
    page = urls.package(project.full_path, release.id)
    return view.redirect(page, f"{file.filename} was deleted.")


async def _yank(
    view: View,
    project: Project,
    release: Release,
    *,
    reason: str | None,
    file: PackageFile | None = None,
) -> Response:
    page, named = urls.package(project.full_path, release.id), _named(release)
    if file is not None:
        page, named = urls.package_file(project.full_path, release.id, file.id), file.filename
    db = view.services.db
    try:
        await yank(db, view.by, project, release, reason=reason, file=file)
    except Refused as refused:
        return _refused(view, page, refused)
    return view.redirect(
        page, f"{named} is {'not yanked any more' if reason is None else 'yanked'}."
    )


def _refused(view: View, page: str, refused: Refused) -> Response:
    """Say on the page what was wrong with what was typed; other refusals are pages of their own."""
    if refused.reason is not Reason.INVALID:
        raise refused
    return view.redirect(page, refused.detail, Tone.DANGER)


async def _open(view: View, action: Action) -> tuple[Project, Release]:
    async with view.services.db.read() as tx:
        return await open_release(view, tx, action)


async def _open_file(view: View, action: Action) -> tuple[Project, Release, PackageFile]:
    async with view.services.db.read() as tx:
        project, release = await open_release(view, tx, action)
        return project, release, pick_file(view, await tx.releases.files(release.id))


def _named(release: Release) -> str:
    return f"{release.name} {release.version}"
