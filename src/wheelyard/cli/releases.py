"""`wheelyard yank` and `wheelyard status set`."""

from typing import Annotated

import typer

from wheelyard.actions.places import require_project
from wheelyard.actions.releases import require_release, set_status, yank
from wheelyard.app import Machinery
from wheelyard.cli.common import run, show
from wheelyard.domain.errors import not_found
from wheelyard.domain.models.callers import Caller
from wheelyard.domain.models.packages import NameStatus, PackageFile, Release
from wheelyard.domain.names import normalise_name
from wheelyard.domain.status import ProjectStatus
from wheelyard.http.rest.shapes.names import name_status_json
from wheelyard.http.rest.shapes.packages import release_with_files_json

status = typer.Typer(no_args_is_help=True)


@status.callback()
def _status() -> None:
    """Mark package names as active, deprecated, archived or quarantined."""


@status.command("set")
def status_set(
    full_path: str,
    package: str,
    value: Annotated[ProjectStatus, typer.Argument(metavar="STATUS")],
    reason: Annotated[str | None, typer.Option(help="Why; shown on the page.")] = None,
) -> None:
    """Mark PACKAGE of the project FULL_PATH.

    STATUS is active, deprecated, archived (takes no uploads) or quarantined (offers no files).
    """

    async def work(machines: Machinery, by: Caller) -> NameStatus:
        async with machines.db.read() as tx:
            project = await require_project(tx, full_path)
        name = normalise_name(package)
        if name is None:
            raise not_found("404 Package")
        return await set_status(machines.db, by, project, name, status=value, reason=reason)

    marked = run(work)
    show(name_status_json(marked), f"{marked.normalised_name} is {marked.status.value} now.")


def yank_release(
    full_path: str,
    package: str,
    version: str,
    *,
    file: Annotated[str | None, typer.Option(help="Only the file of this name.")] = None,
    reason: Annotated[str, typer.Option(help="Why; installers show it.")] = "",
    undo: Annotated[bool, typer.Option("--undo", help="Take it back.")] = False,
) -> None:
    """Yank VERSION of PACKAGE in the project FULL_PATH: installers pass over it (PEP 592)."""

    async def work(machines: Machinery, by: Caller) -> tuple[Release, list[PackageFile]]:
        async with machines.db.read() as tx:
            project = await require_project(tx, full_path)
            release = await require_release(tx, project, package, version)
            only = [
                each
                for each in await tx.releases.files(release.id)
                if file in {None, each.filename}
            ]
        if not only:
            raise not_found(f"404 File '{file}'")
        for each in only if file is not None else [None]:
            await yank(
                machines.db,
                by,
                project,
                release,
                reason=None if undo else reason,
                file=each,
            )
        async with machines.db.read() as tx:
            return release, list(await tx.releases.files(release.id))

    release, files = run(work)
    what = file or f"{release.name} {release.version}"
    show(
        release_with_files_json(release, files), f"{what} is {'no longer ' if undo else ''}yanked."
    )
