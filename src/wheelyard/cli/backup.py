"""`wheelyard backup` and `wheelyard restore`: a registry in a folder, and back."""

import shutil
import sys
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer

from wheelyard import __version__
from wheelyard.actions.backup import BackedUp, back_up, prune
from wheelyard.actions.moving import Moved, Origin, Side, copy_registry
from wheelyard.actions.repair import repair_store
from wheelyard.actions.verify import verify_store
from wheelyard.app import Machinery
from wheelyard.cli.backup_folder import BackupFolder
from wheelyard.cli.common import run, show
from wheelyard.cli.progress import progress_bar
from wheelyard.cli.registries import opened_blobs, opened_registry, opened_rows
from wheelyard.domain.models.callers import Caller

_SHOWN = 20

Folder = Annotated[Path, typer.Argument(metavar="DIR", help="The folder of the backup.")]


def backup(directory: Folder) -> None:
    """Back up this registry, which may be running, to a folder: a new one, or its last backup's.

    Files that the folder has already are not copied again; on the same file system they are
    hard-linked. Exit 1 when bytes are missing in the registry itself.
    """
    folder = BackupFolder(directory)

    async def work(machines: Machinery, by: Caller) -> BackedUp:
        target = opened_blobs(folder.blobs)
        origin = Origin(machines.db, machines.blobs, machines.spool, machines.freshness)
        with folder.alone():
            with progress_bar("Backing up") as advance:
                made = await back_up(origin, folder.new_rows, target, opened_rows, advance)
            note = {**asdict(made), "made_at": by.at.isoformat(), "wheelyard": __version__}
            folder.finish(note)
            await prune(folder.rows, target, opened_rows)
        return made

    made = run(work)
    show(
        {"ok": not made.missing, "directory": str(folder.root), **asdict(made)},
        f"Backed up {made.rows} rows and {made.objects} objects to {folder.root}; copied "
        f"{made.copied_objects} objects ({made.copied_bytes} bytes).",
    )
    if made.missing:
        _complain("These objects are missing in the registry, or not whole:", made)
        sys.exit(1)


def restore(
    directory: Folder,
    incomplete: Annotated[
        bool,
        typer.Option(
            "--incomplete",
            help="Also from a backup that lacks files, or has spoilt ones: these are hidden.",
        ),
    ] = False,
) -> None:
    """Bring a registry back from a backup, to where the settings say; no server may run there.

    The target is empty, or an earlier state of the same registry. Every hash is checked.
    """
    folder = BackupFolder(directory)

    async def work(machines: Machinery, by: Caller) -> Moved:
        folder.check()
        with TemporaryDirectory(prefix="wheelyard-") as temporary:
            rows = Path(temporary) / "backup.db"
            shutil.copyfile(folder.rows, rows)
            async with opened_registry(f"sqlite:///{rows}", folder.blobs) as saved:
                origin = Origin(saved.db, saved.blobs, machines.spool, saved.freshness)
                side = Side(machines.db, machines.blobs)
                with progress_bar("Restoring") as advance:
                    moved = await copy_registry(
                        origin,
                        side,
                        Path(temporary),
                        open_rows=opened_rows,
                        now=by.at,
                        on_progress=advance,
                        takes_damaged=incomplete,
                    )
        if moved.damaged:
            found = await verify_store(machines.db, machines.blobs, by.at)
            await repair_store(machines.db, machines.blobs, by, found)
        return moved

    moved = run(work)
    show(
        {
            "ok": True,
            "directory": str(folder.root),
            "rows": moved.rows,
            "objects": moved.objects,
            "copied_objects": moved.copied_objects,
            "copied_bytes": moved.copied_bytes,
            "serial": moved.serial,
            "missing": moved.damaged,
        },
        f"Restored {moved.rows} rows and {moved.objects - len(moved.damaged)} objects from "
        f"{folder.root}."
        + (f" {len(moved.damaged)} were not whole there." if moved.damaged else ""),
    )


def _complain(sentence: str, made: BackedUp) -> None:
    more = [f"… and {len(made.missing) - _SHOWN} more."] if len(made.missing) > _SHOWN else []
    sys.stderr.write("\n".join(["wheelyard: " + sentence, *made.missing[:_SHOWN], *more, ""]))
