"""Publishing: bytes first, row last, so the index never names a file that is not there."""

import asyncio
from dataclasses import dataclass

import structlog

from wheelyard.actions.auditing import record_event
from wheelyard.actions.deletion import may_have_been_deleted
from wheelyard.actions.protection import check_protection
from wheelyard.domain.access import Action
from wheelyard.domain.authorise import require
from wheelyard.domain.errors import Problem, Reason, Refused
from wheelyard.domain.keys import core_metadata_key, distribution_key
from wheelyard.domain.models.callers import Caller
from wheelyard.domain.models.packages import NewFile
from wheelyard.domain.models.places import Duplicates, Project
from wheelyard.domain.protection import ProtectedDeed
from wheelyard.ports.blobs import Blobs
from wheelyard.ports.database import Database, Transaction
from wheelyard.ports.packages import Recorded
from wheelyard.ports.spool import StagedFile

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Upload:
    """A distribution that was received and found good: its row, its bytes and its metadata."""

    file: NewFile
    staged: StagedFile
    metadata: bytes


async def publish(
    db: Database, blobs: Blobs, by: Caller, project_id: int, upload: Upload
) -> Recorded:
    """Store the bytes, then record the file; when this returns it is durable and listed.

    The same bytes again change nothing. Raises Refused: conflict (the project keeps one file of
    a name, and has another), storage full, unavailable, and whatever `require` refuses: the
    right to publish is asked again in the transaction that records.
    """
    file = upload.file
    async with db.read() as tx:
        await check_acceptable(tx, by, await _project(tx, by, project_id), file)
        deletions = await tx.inventory.deletions()
    await _store(blobs, upload)
    async with db.write(is_shared=True) as tx:
        project = await _project(tx, by, project_id)
        await check_acceptable(tx, by, project, file)
        recorded = await tx.packages.record(project_id, file, by.actor.user_id, by.at)
        if await may_have_been_deleted(tx, deletions) and not await _is_stored(blobs, upload):
            # Upkeep took them for orphans in the moment between the two. It cannot do so again:
            # it needs the lock that this transaction holds now.
            await _store(blobs, upload)
        if recorded.is_new:
            await record_event(
                tx,
                by,
                "file_published",
                project,
                filename=file.filename,
                sha256=file.digests.sha256,
            )
        name = file.normalised_name
        rivals = await tx.ownership.rivals(project, name) if recorded.is_new_name else []
    if rivals:
        _log.warning(
            "the package name is published by other projects of the group already",
            name=name,
            project=project.full_path,
            others=[rival.full_path for rival in rivals],
        )
    return recorded


async def _store(blobs: Blobs, upload: Upload) -> None:
    await asyncio.gather(
        blobs.put(distribution_key(upload.file.digests.sha256), upload.staged),
        blobs.put_bytes(core_metadata_key(upload.file.metadata_sha256), upload.metadata),
    )


async def _is_stored(blobs: Blobs, upload: Upload) -> bool:
    distribution_bytes, metadata_bytes = await asyncio.gather(
        blobs.size(distribution_key(upload.file.digests.sha256)),
        blobs.size(core_metadata_key(upload.file.metadata_sha256)),
    )
    return (distribution_bytes, metadata_bytes) == (upload.file.size_bytes, len(upload.metadata))


async def _project(tx: Transaction, by: Caller, project_id: int) -> Project:
    """Return the project as it is now, if it still may be published to."""
    project = await tx.projects.get(project_id)
    require(by.actor, Action.CREATE_PACKAGE, project, by.at.date())
    if project is None:
        raise LookupError("unreachable: an unknown project is always refused")
    return project


async def check_acceptable(tx: Transaction, by: Caller, project: Project, file: NewFile) -> None:
    """Refuse a file for what the project says of its name, or holds already.

    Raises Refused: forbidden (protected; archived or quarantined, PEP 792), conflict
    (duplicates denied).
    """
    await check_protection(tx, by, project, ProtectedDeed.PUSH, file.name, file.normalised_name)
    marked = await tx.releases.status(project.id, file.normalised_name)
    if marked is not None and not marked.status.accepts_uploads:
        message = f"{file.normalised_name} is {marked.status.value}: it takes no uploads."
        raise Refused(
            Reason.FORBIDDEN,
            f"{message} {marked.reason}" if marked.reason else message,
            problems=(Problem(f"project-{marked.status.value}", message, "name"),),
        )
    if project.duplicates is Duplicates.ALLOW:
        return
    current = await tx.packages.current_file(project.id, file.filename)
    if current is not None and current.digests.sha256 != file.digests.sha256:
        message = (
            f"{file.filename} already exists in this project with other content, and the project "
            "denies duplicates. Publish a new version instead."
        )
        raise Refused(
            Reason.CONFLICT, message, problems=(Problem("file-exists", message, "content"),)
        )
