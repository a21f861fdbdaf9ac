"""Many uploads at a time: all are taken, and each can be read the moment its 201 is there."""

import hashlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from queue import SimpleQueue

import pytest
import requests

from distributions import build_wheel
from running import Server
from serving.publishing import Publisher

WHEELS = 200
CLIENTS = 8
NAMES = 20


class Sessions:
    """Connections kept open, one lent to whoever needs one."""

    def __init__(self, stack: ExitStack, count: int) -> None:
        self._free: SimpleQueue[requests.Session] = SimpleQueue()
        for _ in range(count):
            self._free.put(stack.enter_context(requests.Session()))

    @contextmanager
    def lend(self) -> Iterator[requests.Session]:
        session = self._free.get()
        yield session
        self._free.put(session)


@pytest.mark.parametrize("workers", [1, 2])
def test_each_upload_is_seen_at_once(start_server: Callable[..., Server], workers: int) -> None:
    publisher = Publisher.of(start_server("--workers", str(workers)))

    def publish_and_look(number: int) -> str:
        # Many versions of few names: the clients change the same pages at the same time.
        name = f"parallel{number % NAMES}"
        filename, content = build_wheel(name, f"{number}.0")
        with writers.lend() as writer, readers.lend() as reader:
            answer = publisher.upload(filename, content, writer)
            assert (answer.status_code, answer.text) == (201, '{"message":"201 Created"}')
            # By another connection, which may well end at another worker.
            url = publisher.listed(name, reader)[filename]
            assert hashlib.sha256(content).hexdigest() in url
            assert publisher.get(url, reader).content == content
        return filename

    with ExitStack() as stack, ThreadPoolExecutor(CLIENTS) as clients:
        writers, readers = Sessions(stack, CLIENTS), Sessions(stack, CLIENTS)
        published = set(clients.map(publish_and_look, range(WHEELS)))
    listed = {file for name in publisher.names() for file in publisher.listed(name)}
    assert listed == published
    assert len(published) == WHEELS
