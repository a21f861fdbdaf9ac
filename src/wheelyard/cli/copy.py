"""`wheelyard copy`: move a registry to another database and another store."""

from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer
from pydantic import ValidationError

from wheelyard.actions.moving import Moved, Origin, Side, copy_registry
from wheelyard.app import Machinery
from wheelyard.cli.common import fail, run, show
from wheelyard.cli.progress import progress_bar
from wheelyard.cli.registries import opened_blobs, opened_registry, opened_rows
from wheelyard.domain.models.callers import Caller
from wheelyard.settings import ServerSettings


def copy(
    to_database: Annotated[
        str | None,
        typer.Option(metavar="URL", help="postgresql://… or sqlite:///FILE: copy the rows there."),
    ] = None,
    to_blobs: Annotated[
        str | None,
        typer.Option(metavar="URL", help="s3://…, gs://…, az://… or file:///FOLDER: the files."),
    ] = None,
) -> None:
    """Copy this registry, which may be running, until both sides are equal.

    A copy that was broken off goes on where it was.
    """
    _check(to_database, to_blobs)

    async def work(machines: Machinery, by: Caller) -> Moved:
        blobs = None if to_blobs is None else opened_blobs(to_blobs)
        if to_database is None:
            return await _copy(machines, Side(None, blobs), by.at)
        async with opened_registry(to_database) as target:
            return await _copy(machines, Side(target.db, blobs), by.at)

    moved = run(work)
    show(
        {
            "ok": True,
            "rows": moved.rows,
            "tables": {name: totals.rows for name, totals in moved.tables.items()},
            "objects": moved.objects,
            "copied_objects": moved.copied_objects,
            "copied_bytes": moved.copied_bytes,
            "serial": moved.serial,
        },
        f"Both sides are equal: {moved.rows} rows and {moved.objects} objects. Copied "
        f"{moved.copied_objects} objects ({moved.copied_bytes} bytes) now.",
    )


async def _copy(machines: Machinery, target: Side, now: datetime) -> Moved:
    origin = Origin(machines.db, machines.blobs, machines.spool, machines.freshness)
    with TemporaryDirectory(prefix="wheelyard-") as folder, progress_bar("Copying") as advance:
        return await copy_registry(
            origin, target, Path(folder), open_rows=opened_rows, now=now, on_progress=advance
        )


def _check(to_database: str | None, to_blobs: str | None) -> None:
    """End the command unless there is something to do, at addresses that can be right."""
    if to_database is None and to_blobs is None:
        fail("name a target: --to-database, --to-blobs, or both.", 2)
    try:
        ServerSettings(database_url=to_database, blobs=to_blobs)
    except ValidationError as error:
        options = {"database_url": "--to-database", "blobs": "--to-blobs"}
        [problem, *_] = error.errors()
        fail(f"{options[str(problem['loc'][0])]}: {problem['msg']}", 2)
    if to_database is not None and to_database.startswith("sqlite:///"):
        Path(to_database.removeprefix("sqlite:///")).parent.mkdir(parents=True, exist_ok=True)
