"""Whether the object store can be used, asked before a server starts."""

import asyncio
from multiprocessing import get_context
from multiprocessing.connection import Connection

from wheelyard.app import open_store
from wheelyard.cli.common import fail
from wheelyard.domain.errors import Refused
from wheelyard.settings import ServerSettings


def check_store(settings: ServerSettings, workers: int) -> None:
    """End the command with a sentence unless these workers can use the store of `settings`.

    The question is asked in a process of its own: what talks to stores does not survive the fork
    of the workers. A local disk is not asked here; it is there, or the data folder is not.
    """
    if not settings.blobs:
        return
    if settings.blobs.startswith("memory://") and workers > 1:
        fail(
            "WHEELYARD_BLOBS: memory:// is the memory of one process, so what one worker stores "
            "the others would not find. Use --workers 1, or another store.",
            2,
        )
    context = get_context("fork")
    receiver, sender = context.Pipe(duplex=False)
    asking = context.Process(target=_ask, args=(settings, sender))
    asking.start()
    sender.close()
    try:
        trouble: str = receiver.recv()
    except EOFError:  # it has left its traceback
        trouble = "The store could not be asked."
    asking.join()
    if trouble:
        fail(f"cannot use {settings.blobs}: {trouble}")


def _ask(settings: ServerSettings, sender: Connection) -> None:
    try:
        blobs, _ = open_store(settings)
        asyncio.run(blobs.check())
    except Refused as refused:
        sender.send(refused.detail)
    else:
        sender.send("")
