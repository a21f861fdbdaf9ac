"""Signals that reach a worker while it starts: kept until it can act on them.

From the fork on, a worker has its parent's signal handlers; later granian's own, which forget a
signal that comes before the worker serves. Either way the signal would be lost, and the parent
would wait for that worker until it kills it. A blocked signal waits in the system instead.
"""

import asyncio
import os
import signal

_ENDING = {signal.SIGTERM, signal.SIGINT}

_SERVING_SECONDS = 0.02
"""Granian serves as soon as it is told that the application has started; this is well after."""


def hold_for_new_workers() -> None:
    """From now on, processes that this one forks begin with ending signals held."""
    os.register_at_fork(before=_hold, after_in_parent=_release)


async def release_when_serving() -> None:
    """Return when granian serves, with signals let through that were held until now.

    To be awaited right after the application has said that it has started.
    """
    await asyncio.sleep(_SERVING_SECONDS)
    _release()


def _hold() -> None:
    signal.pthread_sigmask(signal.SIG_BLOCK, _ENDING)


def _release() -> None:
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _ENDING)
