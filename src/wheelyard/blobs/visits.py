"""Work for threads: what is asked for in one turn of the event loop goes to them in pairs.

A visit to a thread costs more than storing a small object does, and an upload stores two. More than
these in one visit would wait for one another's syncs, which the journal does together when several
threads ask for them.
"""

import asyncio
from collections.abc import Callable

Work = Callable[[], None]
Asked = tuple[Work, asyncio.Future[None]]

_AT_A_TIME = 2


class Visits:
    """Jobs that wait for the end of this turn of the loop; of one event loop at a time."""

    def __init__(self) -> None:
        self._asked: list[Asked] = []

    async def do(self, work: Work) -> None:
        """Do it in a thread, after what was asked for before it. Raises what it raises."""
        loop = asyncio.get_running_loop()
        done: asyncio.Future[None] = loop.create_future()
        self._asked.append((work, done))
        if len(self._asked) == 1:
            loop.call_soon(self._send, loop)
        await done

    def _send(self, loop: asyncio.AbstractEventLoop) -> None:
        asked, self._asked = self._asked, []
        for start in range(0, len(asked), _AT_A_TIME):
            loop.run_in_executor(None, _visit, asked[start : start + _AT_A_TIME], loop)


def _visit(asked: list[Asked], loop: asyncio.AbstractEventLoop) -> None:
    outcomes: list[tuple[asyncio.Future[None], BaseException | None]] = []
    for work, done in asked:
        try:
            work()
        except BaseException as error:  # noqa: BLE001  it is for whoever waits
            outcomes.append((done, error))
        else:
            outcomes.append((done, None))
    loop.call_soon_threadsafe(_tell, outcomes)


def _tell(outcomes: list[tuple[asyncio.Future[None], BaseException | None]]) -> None:
    for done, error in outcomes:
        if done.done():  # nobody waits any more
            continue
        if error is None:
            done.set_result(None)
        else:
            done.set_exception(error)
