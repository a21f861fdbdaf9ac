"""`wheelyard audit verify`: tells whether the history is whole."""

import sys

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
def verify() -> None:
    """Compute the hash of every audit event again; exit 1 when the chain is broken.

    Note `last_hash` elsewhere: events that were cut off at the end show only against it.
    """

    async def work(machines: Machinery, _by: Caller) -> ChainCheck:
        return await verify_chain(machines.db)

    check = run(work)
    result = {
        "events": check.events,
        "ok": check.is_whole,
        "first_broken_id": check.first_broken_id,
        "last_hash": check.last_hash,
    }
    sentence = f"All {check.events} audit events are as they were written."
    if not check.is_whole:
        sentence = f"The chain of {check.events} events is broken at id {check.first_broken_id}."
    show(result, sentence)
    if not check.is_whole:
        sys.exit(1)
