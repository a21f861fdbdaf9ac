"""`wheelyard audit verify`: tells whether the history is whole."""

import sys
from typing import Annotated

import typer

from wheelyard.actions.auditing import verify_chain
from wheelyard.app import Machinery
from wheelyard.cli.common import run, show
from wheelyard.domain.audit import ChainCheck
from wheelyard.domain.models.callers import Caller

app = typer.Typer(no_args_is_help=True)


@app.callback()
def _audit() -> None:
    """Look after the record of changes."""


@app.command("verify")
def verify(
    noted: Annotated[
        str | None,
        typer.Option(
            metavar="HASH",
            help="The last_hash of an earlier check: exit 1 when its event is missing.",
        ),
    ] = None,
) -> None:
    """Compute the hash of every audit event again; exit 1 when the chain is broken.

    Keep `last_hash` (of `--json`) elsewhere: events that were cut off at the end show only
    against it.
    """

    async def work(machines: Machinery, _by: Caller) -> ChainCheck:
        return await verify_chain(machines.db, noted)

    check = run(work)
    result = {
        "events": check.events,
        "ok": check.is_whole and not check.is_cut_off,
        "first_broken_id": check.first_broken_id,
        "last_hash": check.last_hash,
    }
    sentence = f"All {check.events} audit events are as they were written."
    if not check.is_whole:
        sentence = f"The chain of {check.events} events is broken at id {check.first_broken_id}."
    elif check.is_cut_off:
        sentence = f"The event with the noted hash is not among the {check.events} that there are."
    show(result, sentence)
    if not result["ok"]:
        sys.exit(1)
