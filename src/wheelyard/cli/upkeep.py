"""`wheelyard upkeep`: collect what crashes left behind."""

from dataclasses import asdict
from typing import Annotated

import typer

from wheelyard.actions.metadata import backfill_metadata
from wheelyard.actions.regular_upkeep import UPKEEP
from wheelyard.actions.sessions import purge_sessions
from wheelyard.actions.upkeep import Collected, collect_rubbish
from wheelyard.app import Machinery
from wheelyard.cli.common import run, show
from wheelyard.domain.errors import Reason, Refused
from wheelyard.domain.models.callers import Caller


def upkeep(
    backfill: Annotated[
        bool, typer.Option("--backfill", help="Also store core metadata where it is missing.")
    ] = False,
) -> None:
    """Delete unfinished uploads, stored bytes that no file needs, and sessions that ended."""
    if backfill:
        filled, unreadable = run(
            lambda machines, by: backfill_metadata(machines.db, machines.blobs, by)
        )
    else:
        filled = unreadable = 0
    collected, sessions = run(_keep_up)
    show(
        {
            **asdict(collected),
            "ended_sessions": sessions,
            "metadata_filled": filled,
            "metadata_unreadable": unreadable,
        },
        f"Removed {collected.spooled_files} unfinished uploads and {collected.orphaned_blobs} "
        f"orphaned files ({collected.orphaned_bytes} bytes), and {sessions} sessions that ended."
        + (f" Stored the metadata of {filled} files." if backfill else "")
        + (f" {unreadable} could not be read." if unreadable else ""),
    )


async def _keep_up(machines: Machinery, by: Caller) -> tuple[Collected, int]:
    """Do all of it, unless another process does at present."""
    async with machines.db.alone(UPKEEP) as is_alone:
        if not is_alone:
            raise Refused(Reason.CONFLICT, "Another process does the upkeep at present.")
        collected = await collect_rubbish(machines.db, machines.blobs, machines.spool, by.at)
        sessions = await purge_sessions(machines.db, by.at)
        async with machines.db.write() as tx:
            await tx.chores.note_done(UPKEEP, by.at)
    return collected, sessions
