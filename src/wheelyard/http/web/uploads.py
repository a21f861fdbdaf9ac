"""Publishing from a page: wheels and sdists that a browser sends, one after another.

They take the way of every upload: permission first, streamed to the spool, checked in `checking`,
written by `actions.publish`. A browser's form says nothing about a file, so the file speaks for
itself.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from starlette.responses import Response

from wheelyard.domain.access import Action
from wheelyard.domain.errors import Problem, Reason, Refused, invalid
from wheelyard.domain.findings import Finding
from wheelyard.domain.models.packages import PackageFile
from wheelyard.domain.models.places import Project
from wheelyard.http.checking import check_staged, too_large
from wheelyard.http.help import help_address
from wheelyard.http.uploads import count_refused, publish_received
from wheelyard.http.web import urls
from wheelyard.http.web.posted_files import PostedFile
from wheelyard.http.web.registry import open_registry
from wheelyard.http.web.view import View
from wheelyard.ports.packages import Recorded

_ABOUT_THE_FILE = frozenset(
    {Reason.INVALID, Reason.TOO_LARGE, Reason.CONFLICT, Reason.FORBIDDEN}
    | {Reason.STORAGE_FULL, Reason.UNAVAILABLE}
)
"""Refusals that are told beside the file; others end the whole upload."""

_TOO_LARGE = "file-too-large"


@dataclass(frozen=True, slots=True)
class FileResult:
    """What became of one file.

    filename: "" where the form broke off.
    file: as it is published; None when it was refused for `problems`. warnings: what was found
    and does not forbid it. is_new: False for bytes that were there already.
    """

    filename: str
    file: PackageFile | None = None
    is_new: bool = False
    problems: Sequence[Problem] = ()
    warnings: Sequence[Finding] = ()


async def post_files(view: View) -> Response:
    """Publish the files of the form; to htmx only what became of them is told."""
    async with view.services.db.read() as tx:
        project = await open_registry(view, tx, Action.CREATE_PACKAGE)
    results = await _publish_all(view, project)
    if not results:
        raise invalid(Problem("no-file", "Choose at least one wheel or sdist.", "content"))
    is_good = all(result.file is not None for result in results)
    is_quiet = is_good and not any(result.warnings for result in results)
    is_part = "hx-request" in view.request.headers
    if is_quiet and not is_part:
        return view.redirect(urls.project_packages(project), _sentence(results))
    return view.page(
        "packages/upload_results.html" if is_part else "packages/uploaded.html",
        place=project,
        project=project,
        results=results,
        help_address=help_address,
        status=200 if is_good else 422,
    )


async def _publish_all(view: View, project: Project) -> list[FileResult]:
    results: list[FileResult] = []
    if view.files is None:
        return results
    try:
        async for posted in view.files.files():
            results.append(await _try_to_publish(view, project, posted))
            if any(problem.code == _TOO_LARGE for problem in results[-1].problems):
                break  # what comes behind it is not waited for
    except Refused as refused:
        if refused.reason is not Reason.INVALID:
            raise
        results.append(_refused("", refused))  # the form is broken; what came before it counts
    return results


async def _try_to_publish(view: View, project: Project, posted: PostedFile) -> FileResult:
    try:
        return await _publish(view, project, posted)
    except Refused as refused:
        count_refused(view.services.metrics, refused)
        if refused.reason not in _ABOUT_THE_FILE:
            raise
        return _refused(posted.filename, refused)


async def _publish(view: View, project: Project, posted: PostedFile) -> FileResult:
    services, max_bytes = view.services, view.instance.max_file_size_bytes
    async with services.spool.stage() as staging:
        async for chunk in posted.chunks():
            if staging.size_bytes + len(chunk) > max_bytes:
                raise too_large(max_bytes)
            await staging.write(chunk)
        received = await check_staged(
            staging,
            posted.filename,
            form=None,
            rules=services.rules,
            strictness=project.validation or view.instance.validation,
        )
        recorded: Recorded = await publish_received(services, view.by, project, received)
    return FileResult(posted.filename, recorded.file, recorded.is_new, warnings=received.reported)


def _refused(filename: str, refused: Refused) -> FileResult:
    problems = refused.problems or (Problem(refused.reason.value, refused.detail),)
    return FileResult(filename, problems=problems)


def _sentence(results: Sequence[FileResult]) -> str:
    if len(results) == 1:
        is_new = results[0].is_new
        return f"{results[0].filename} {'was published' if is_new else 'was there already'}."
    return f"{len(results)} files were published."
