"""Doing one thing to many, several at a time: for bytes that travel, most of it is waiting."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")


async def in_parallel(
    items: Iterable[T], work: Callable[[T], Awaitable[R]], at_once: int
) -> AsyncIterator[R]:
    """Do `work` to each item and yield the results as they come, in no order.

    The first exception ends it, once those that have begun are cancelled.
    """
    waiting = iter(items)
    running: set[asyncio.Future[R]] = set()
    try:
        while True:
            for item in waiting:
                running.add(asyncio.ensure_future(work(item)))
                if len(running) >= at_once:
                    break
            if not running:
                return
            done, running = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                yield task.result()
    finally:
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
