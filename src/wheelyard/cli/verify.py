"""`wheelyard verify`: compare the rows with the stored bytes."""

import sys
from dataclasses import asdict
from typing import Annotated

import typer

from wheelyard.actions.repair import Repaired, repair_store
from wheelyard.actions.verify import Finding, Kind, Verification, verify_store
from wheelyard.app import Machinery
from wheelyard.cli.common import run, show
from wheelyard.cli.progress import progress_bar
from wheelyard.domain.models.callers import Caller

_SHOWN = 1_000
"""How many findings are told one by one."""


def verify(
    deep: Annotated[
        bool, typer.Option("--deep", help="Also read every stored file and check its hash.")
    ] = False,
    repair: Annotated[
        bool,
        typer.Option(
            "--repair",
            help="Hide files whose bytes are lost, restore metadata, delete what nobody needs.",
        ),
    ] = False,
) -> None:
    """Compare the database with the stored files; exit 1 when they do not agree.

    With `--repair` the exit status is 0 when they agree afterwards.
    """

    async def work(machines: Machinery, by: Caller) -> tuple[Verification, Repaired | None, bool]:
        await machines.blobs.check()
        with progress_bar("Comparing") as advance:
            found = await verify_store(
                machines.db, machines.blobs, by.at, deep=deep, on_progress=advance
            )
        if not repair or found.is_whole:
            return found, None, found.is_whole
        repaired = await repair_store(machines.db, machines.blobs, by, found)
        again = await verify_store(machines.db, machines.blobs, by.at)
        return found, repaired, again.is_whole

    verification, repaired, is_whole = run(work)
    show(_as_json(verification, repaired, is_whole), _sentences(verification, repaired))
    if not is_whole:
        sys.exit(1)


def _as_json(
    verification: Verification, repaired: Repaired | None, is_whole: bool
) -> dict[str, object]:
    return {
        "ok": is_whole,
        "objects": verification.objects,
        "bytes": verification.size_bytes,
        **{kind.value: verification.count(kind) for kind in Kind},
        "repaired": None if repaired is None else asdict(repaired),
        "findings": [
            {
                "kind": finding.kind.value,
                "key": finding.key,
                "stored_bytes": None if finding.stored is None else finding.stored.size_bytes,
                "files": [
                    {
                        "project": project,
                        "filename": file.filename,
                        "sha256": file.digests.sha256,
                        "size": file.size_bytes,
                    }
                    for file, project, _ in finding.files
                ],
            }
            for finding in verification.findings[:_SHOWN]
        ],
    }


def _sentences(verification: Verification, repaired: Repaired | None) -> str:
    lines = [_sentence(finding) for finding in verification.findings[:_SHOWN]]
    if len(verification.findings) > _SHOWN:
        lines.append(f"… and {len(verification.findings) - _SHOWN} more.")
    counts = ", ".join(f"{verification.count(kind)} {kind.value}" for kind in Kind)
    lines.append(
        f"Compared {verification.objects} objects ({verification.size_bytes} bytes): {counts}."
    )
    if repaired is not None:
        lines.append(
            f"Repaired: hid {repaired.hidden_files} files and brought {repaired.found_files} back, "
            f"restored the metadata of {repaired.restored_metadata} (of {repaired.lost_metadata} "
            f"it is lost), deleted {repaired.deleted_orphans} objects that no file needed."
        )
    return "\n".join(lines)


def _sentence(finding: Finding) -> str:
    stored = "" if finding.stored is None else f" ({finding.stored.size_bytes} bytes)"
    files = ", ".join(f"{project}: {file.filename}" for file, project, _ in finding.files)
    return f"{finding.kind.value:9} {finding.key}{stored} {files}".rstrip()
