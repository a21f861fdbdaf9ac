"""What is loaded when it is first asked for: once, however many ask, and not before."""

import asyncio
import subprocess
import sys
import threading

import pytest

from wheelyard.http.asgi import App, Message, Receive, Scope, Send
from wheelyard.http.later import Later

SCOPE: Scope = {"type": "http"}


async def _receive() -> Message:
    raise NotImplementedError


async def test_it_is_made_once_while_the_event_loop_goes_on() -> None:
    may_go_on, made, answered = threading.Event(), list[int](), list[str]()

    async def app(scope: Scope, _receive: Receive, _send: Send) -> None:
        answered.append(scope["type"])

    def make() -> App:
        assert may_go_on.wait(60)
        made.append(1)
        return app

    later = Later(make)

    async def send(_message: Message) -> None:
        raise NotImplementedError

    asking = [asyncio.create_task(later(SCOPE, _receive, send)) for _ in range(5)]
    await asyncio.sleep(0)
    assert not answered
    may_go_on.set()  # which the loop can only come to if it does not wait itself
    await asyncio.gather(*asking)
    await later(SCOPE, _receive, send)
    assert (made, answered) == ([1], ["http"] * 6)


async def test_a_failure_is_told_and_tried_again() -> None:
    outcomes = iter([RuntimeError("no memory"), None])

    async def app(_scope: Scope, _receive: Receive, _send: Send) -> None:
        return None

    def make() -> App:
        if error := next(outcomes):
            raise error
        return app

    later = Later(make)

    async def send(_message: Message) -> None:
        raise NotImplementedError

    with pytest.raises(RuntimeError, match="no memory"):
        await later(SCOPE, _receive, send)
    await later(SCOPE, _receive, send)


def test_a_server_that_starts_does_not_load_the_rest_api() -> None:
    """FastAPI, its models and the routes are a second of work and a quarter of the memory."""
    program = "import sys, wheelyard.app as a; a.load_server(); print('fastapi' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "False"
