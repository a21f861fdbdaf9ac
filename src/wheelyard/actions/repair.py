"""Making rows and bytes agree again, where `wheelyard.actions.verify` found that they do not.

Metadata is taken out of its wheel once more. A file whose bytes are lost is hidden: nobody is
offered it, and whoever uploads it again, or puts the bytes back where they belong, brings it back.
What nobody needs is deleted.
"""

import hashlib
from dataclasses import dataclass

from wheelyard.actions.auditing import record_event
from wheelyard.actions.deletion import deleting
from wheelyard.actions.metadata import extract_metadata
from wheelyard.actions.upkeep import remove_orphans
from wheelyard.actions.verify import BROKEN, Finding, Kind, Verification, read_through
from wheelyard.domain.keys import CORE_METADATA, core_metadata_key
from wheelyard.domain.models.callers import Caller
from wheelyard.domain.models.packages import PackageFile
from wheelyard.domain.models.places import Project
from wheelyard.ports.blobs import Blobs
from wheelyard.ports.database import Database, Transaction

_BATCH = 500
_GONE = {Kind.MISSING, Kind.SHORT, Kind.DIFFERENT}
"""Not what is unreadable: a disk or a network may come to itself again."""


@dataclass(slots=True)
class Repaired:
    """What was done, in files; orphans are objects."""

    hidden_files: int = 0
    found_files: int = 0
    restored_metadata: int = 0
    lost_metadata: int = 0
    deleted_orphans: int = 0


async def repair_store(
    db: Database, blobs: Blobs, by: Caller, verification: Verification
) -> Repaired:
    """Repair what a verification found; each change leaves its audit event.

    Afterwards every listed file has its bytes. Raises Refused (unavailable).
    """
    repaired = Repaired()
    of_metadata = [each for each in verification.findings if _is_metadata(each)]
    for finding in verification.findings:
        if finding.kind is Kind.FOUND:
            await _mark_found(db, blobs, by, finding, repaired)
        elif finding.kind in _GONE and not _is_metadata(finding):
            await _mark_lost(db, blobs, by, finding, repaired)
    for finding in of_metadata:  # it comes out of distributions, where these are good
        if finding.kind in BROKEN:
            await _restore_metadata(db, blobs, by, finding, repaired)
    orphans = [
        finding.stored
        for finding in verification.findings
        if finding.kind is Kind.ORPHANED and finding.stored is not None
    ]
    for first in range(0, len(orphans), _BATCH):
        count, _ = await remove_orphans(db, blobs, orphans[first : first + _BATCH])
        repaired.deleted_orphans += count
    return repaired


def _is_metadata(finding: Finding) -> bool:
    return finding.key.startswith(f"{CORE_METADATA}/")


async def _mark_lost(
    db: Database, blobs: Blobs, by: Caller, finding: Finding, repaired: Repaired
) -> None:
    async with deleting(db) as tx:
        if not await _is_still_so(blobs, finding):
            return  # it was uploaded again meanwhile
        # Wrong bytes would pass for those that are uploaded again.
        await blobs.delete(finding.key)
        for file, project_path, is_lost in await tx.inventory.files_needing(finding.key):
            if not is_lost:
                await tx.releases.mark_lost(file, by.at)
                project = await tx.projects.get(file.project_id) or project_path
                await _note(tx, by, "file_lost", project, file)
                repaired.hidden_files += 1


async def _mark_found(
    db: Database, blobs: Blobs, by: Caller, finding: Finding, repaired: Repaired
) -> None:
    async with db.write() as tx:
        if await read_through(blobs, finding.key) is not None:
            return
        for file, project_path, is_lost in await tx.inventory.files_needing(finding.key):
            if is_lost:
                await tx.releases.mark_found(file)
                project = await tx.projects.get(file.project_id) or project_path
                await _note(tx, by, "file_found", project, file)
                repaired.found_files += 1


async def _is_still_so(blobs: Blobs, finding: Finding) -> bool:
    if finding.kind is Kind.DIFFERENT:
        return await read_through(blobs, finding.key) is Kind.DIFFERENT
    expected = None if finding.stored is None else finding.stored.size_bytes
    return await blobs.size(finding.key) == expected


async def _note(
    tx: Transaction, by: Caller, action: str, about: Project | str, file: PackageFile
) -> None:
    sha256 = file.digests.sha256
    await record_event(tx, by, action, about, filename=file.filename, sha256=sha256)


async def _restore_metadata(
    db: Database, blobs: Blobs, by: Caller, finding: Finding, repaired: Repaired
) -> None:
    for file, project_path, _ in finding.files:
        metadata = await extract_metadata(blobs, file)
        sha256 = None if metadata is None else hashlib.sha256(metadata).hexdigest()
        async with deleting(db) as tx:
            if metadata is not None and sha256 is not None:
                key = core_metadata_key(sha256)
                await blobs.delete(key)
                await blobs.put_bytes(key, metadata)
            await tx.releases.set_metadata(file, sha256)
            await record_event(
                tx,
                by,
                "metadata_lost" if sha256 is None else "metadata_backfilled",
                await tx.projects.get(file.project_id) or project_path,
                filename=file.filename,
                sha256=sha256,
            )
        if sha256 is None:
            repaired.lost_metadata += 1
        else:
            repaired.restored_metadata += 1
