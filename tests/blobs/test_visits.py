"""Jobs that are asked for at once share a thread, and nothing else."""

import asyncio
import threading

import pytest

from wheelyard.blobs.visits import Visits


async def test_what_is_asked_for_at_once_goes_to_threads_in_pairs() -> None:
    visits, seen, both = Visits(), dict[int, int](), threading.Barrier(2, timeout=60)

    def note(number: int) -> None:
        if number % 2 == 0:
            both.wait()  # one pair does not wait for the other
        seen[number] = threading.get_ident()

    await asyncio.gather(*(visits.do(lambda n=number: note(n)) for number in range(4)))  # type: ignore[misc]
    assert seen[0] == seen[1] != seen[2] == seen[3]
    assert threading.get_ident() not in seen.values()


async def test_later_work_does_not_wait_for_earlier() -> None:
    visits, may_end = Visits(), threading.Event()
    slow = asyncio.create_task(visits.do(lambda: _wait(may_end)))
    await asyncio.sleep(0.01)  # so that it is another turn of the loop
    await visits.do(may_end.set)
    await slow


def _wait(event: threading.Event) -> None:
    assert event.wait(60)


async def test_each_is_told_of_its_own_failure() -> None:
    visits = Visits()

    def fail() -> None:
        raise OSError("broken")

    ended = await asyncio.gather(
        visits.do(lambda: None), visits.do(fail), visits.do(lambda: None), return_exceptions=True
    )
    assert [str(error) for error in ended] == ["None", "broken", "None"]


async def test_one_that_goes_away_leaves_the_others() -> None:
    visits, may_end, done = Visits(), threading.Event(), list[str]()

    def work() -> None:
        _wait(may_end)
        done.append("first")

    leaving = asyncio.create_task(visits.do(work))
    staying = asyncio.create_task(visits.do(lambda: done.append("second")))
    await asyncio.sleep(0)
    leaving.cancel()
    with pytest.raises(asyncio.CancelledError):
        await leaving
    may_end.set()
    await staying
    assert done == ["first", "second"]
