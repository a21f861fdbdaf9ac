"""Releases: yank, un-yank and delete, of a version or a file; the status of a package name."""

from wheelyard.actions.auditing import record_event
from wheelyard.actions.protection import check_protection
from wheelyard.domain.errors import Problem, invalid, not_found
from wheelyard.domain.models.callers import Caller
from wheelyard.domain.models.packages import NameStatus, PackageFile, Release
from wheelyard.domain.models.places import Project
from wheelyard.domain.names import NormalisedName, normalise_name
from wheelyard.domain.protection import ProtectedDeed
from wheelyard.domain.status import ProjectStatus
from wheelyard.ports.database import Database, Transaction

MAX_REASON_CHARS = 1000

# Zero-width joiner and non-joiner: Unicode counts them among the unprintable, and emoji as well as
# the scripts of Persian and of India need them.
_JOINERS = dict.fromkeys(map(ord, "\u200c\u200d"))


async def yank(
    db: Database,
    by: Caller,
    project: Project,
    release: Release,
    *,
    reason: str | None,
    file: PackageFile | None = None,
) -> None:
    """Yank a whole release, or one file of it, for `reason` (PEP 592); None takes it back.

    Raises Refused: invalid (a reason that a page cannot show); forbidden (the package is protected
    from deletion, which for installers a yank comes close to).
    """
    checked = None if reason is None else check_reason(reason)
    async with db.write() as tx:
        await _check_deletable(tx, by, project, release)
        files = [file] if file is not None else await tx.releases.files(release.id)
        await tx.releases.yank([each.id for each in files], checked)
        await record_event(
            tx,
            by,
            "unyanked" if reason is None else "yanked",
            project,
            release=f"{release.normalised_name} {release.version}",
            files=[each.filename for each in files],
            reason=[[each.yanked_reason for each in files], checked],
        )


async def delete_release(db: Database, by: Caller, project: Project, release: Release) -> None:
    """Delete a release and its files; their addresses answer 404 from now on.

    Raises Refused (forbidden) when the package is protected.
    """
    async with db.write() as tx:
        await _check_deletable(tx, by, project, release)
        files = await tx.releases.files(release.id)
        await tx.releases.delete(release, by.at)
        await record_event(
            tx,
            by,
            "release_deleted",
            project,
            release=f"{release.normalised_name} {release.version}",
            files=[each.filename for each in files],
        )


async def delete_file(db: Database, by: Caller, project: Project, file: PackageFile) -> None:
    """Delete one file; its address answers 404 from now on.

    Raises Refused (forbidden) when the package is protected.
    """
    async with db.write() as tx:
        await check_protection(tx, by, project, ProtectedDeed.DELETE, file.normalised_name)
        await tx.releases.delete_file(file)
        await record_event(
            tx,
            by,
            "file_deleted",
            project,
            filename=file.filename,
            sha256=file.digests.sha256,
        )


async def set_status(
    db: Database,
    by: Caller,
    project: Project,
    name: NormalisedName,
    *,
    status: ProjectStatus,
    reason: str | None,
) -> NameStatus:
    """Mark a package name (PEP 792).

    Raises Refused: not found; invalid (reason); forbidden (the package is protected from
    deletion: a quarantined one is as good as deleted, and an archived one takes no uploads).
    """
    checked = check_reason(reason) or None if reason is not None else None
    async with db.write() as tx:
        await check_protection(tx, by, project, ProtectedDeed.DELETE, name)
        before = await tx.releases.status(project.id, name)
        if before is None:
            raise not_found("404 Package")
        after = await tx.releases.set_status(project.id, name, status, checked)
        await record_event(
            tx,
            by,
            "status_changed",
            project,
            name=name,
            status=[before.status.value, after.status.value],
            reason=[before.reason, after.reason],
        )
    return after


async def require_release(tx: Transaction, project: Project, name: str, version: str) -> Release:
    """Return the release of this name and version, however they are spelled.

    Raises Refused (not found).
    """
    normalised = normalise_name(name)
    release = None
    if normalised is not None:
        release = await tx.releases.find(project.id, normalised, version)
    if release is None:
        raise not_found(f"404 Package '{name[:80]} {version[:80]}'")
    return release


def check_reason(reason: str) -> str:
    """Return the reason without white space around it, fit for a page of the index."""
    text = " ".join(reason.split())
    visible = text.translate(_JOINERS)
    if len(text) > MAX_REASON_CHARS or not visible.isprintable():
        message = f"A reason is up to {MAX_REASON_CHARS} characters of text."
        raise invalid(Problem("invalid-reason", message, "reason"))
    return text if visible else ""


async def _check_deletable(tx: Transaction, by: Caller, project: Project, release: Release) -> None:
    names = release.name, release.normalised_name
    await check_protection(tx, by, project, ProtectedDeed.DELETE, *names)
