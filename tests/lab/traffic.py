"""Clients that publish and read while things break, and that remember what they were promised.

As real ones do, they send a file again after a 503 or a broken connection, to the next node: that
is what twine and a load balancer come to. Readers know what a page has to show by now.
"""

import hashlib
import random
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from itertools import count

import requests

from distributions import build_wheel
from lab.cluster import Cluster
from registry import Registry
from requesting import JSON
from running import Server
from sql.wires import wait_until
from uploading import upload
from wheelyard.sql.listening import SURE_SECONDS

LANES = ("east", "north", "west")
"""The names of the packages, one for each publishing client."""

_GIVE_UP_SECONDS = 180
_PAUSE_SECONDS = 0.1
_LARGE_EVERY = 25
_LARGE_BYTES = 9_000_000  # goes up in parts
_RETRY_LATER = {HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.INSUFFICIENT_STORAGE}


@dataclass(frozen=True, slots=True)
class Promise:
    """A file that was answered 201: its digest, by which node, and when."""

    sha256: str
    node: Server
    at: float


class Traffic:
    """Publishing and reading in a project of its own; use it by `running`."""

    def __init__(self, cluster: Cluster) -> None:
        registry = Registry(cluster.nodes[0].data, cluster.engines.database_url())
        project, secret = registry.publisher()
        self.nodes = cluster.nodes
        self.auth = ("__token__", secret)
        self.path = f"/api/v4/projects/{project.id}/packages/pypi"
        self.promises: dict[str, Promise] = {}
        self.broken: list[str] = []
        self.refused: list[tuple[Server, int]] = []
        self._ending = threading.Event()

    @contextmanager
    def running(self) -> Iterator["Traffic"]:
        """Publish and read during the block; at its end every upload has got through."""
        with ThreadPoolExecutor(len(LANES) + 1) as clients:
            running: list[Future[None]] = [
                *(clients.submit(self._publish, lane) for lane in range(len(LANES))),
                clients.submit(self._read),
            ]
            try:
                self.await_promises(5)
                yield self
            finally:
                self._ending.set()
            for client in running:
                client.result()

    def publish_quietly(self) -> Callable[[Server], requests.Response]:
        """Publish a package that nobody else changes; return what reads its page from a node."""

        def read(node: Server) -> requests.Response:
            address = f"{node.address}{self.path}/simple/quiet/"
            return requests.get(address, auth=self.auth, headers=JSON, timeout=60)

        answer = upload(self.nodes[0].address + self.path, self.auth, *build_wheel("quiet", "1.0"))
        assert answer.status_code == HTTPStatus.CREATED, answer.text
        # The others may lag by this.
        wait_until(lambda: all(read(node).status_code == HTTPStatus.OK for node in self.nodes))
        return read

    def await_promises(self, more: int, by: Sequence[Server] = ()) -> None:
        """Return when so many more uploads have been answered 201 (by each of these nodes)."""
        began = time.monotonic()
        deadline = began + _GIVE_UP_SECONDS

        def counts() -> list[int]:
            new = [promise for promise in self._promises().values() if promise.at > began]
            return [sum(promise.node is node for promise in new) for node in by] or [len(new)]

        while min(counts()) < more:
            assert time.monotonic() < deadline, f"the uploads do not get on: {counts()}"
            assert not self.broken, self.broken
            time.sleep(0.02)

    def await_refusals(self, more: int) -> None:
        """Return when so many more requests have been told to come again later."""
        deadline, before = time.monotonic() + _GIVE_UP_SECONDS, len(self.refused)
        while len(self.refused) < before + more:
            assert time.monotonic() < deadline, "nothing is refused"
            time.sleep(0.02)

    def _promises(self) -> dict[str, Promise]:
        return self.promises.copy()

    def _publish(self, lane: int) -> None:
        chance = random.Random(lane)  # noqa: S311  no secret
        for number in count():
            is_large = lane == 0 and number % _LARGE_EVERY == _LARGE_EVERY // 2
            size_bytes = _LARGE_BYTES if is_large else chance.choice((10, 3_000, 300_000))
            files = {"data": chance.randbytes(size_bytes)}
            self._deliver(lane, *build_wheel(LANES[lane], f"1.{number}", files=files))
            if self._ending.wait(_PAUSE_SECONDS):
                return

    def _deliver(self, lane: int, filename: str, content: bytes) -> None:
        deadline = time.monotonic() + _GIVE_UP_SECONDS
        for turn in count(lane):
            node = self.nodes[turn % len(self.nodes)]
            try:
                answer = upload(node.address + self.path, self.auth, filename, content)
            except requests.RequestException:
                pass  # killed, or not there: the next one
            else:
                if answer.status_code == HTTPStatus.CREATED:
                    digest = hashlib.sha256(content).hexdigest()
                    self.promises[filename] = Promise(digest, node, time.monotonic())
                    return
                self._note_refusal(f"publishing {filename}", node, answer)
            if time.monotonic() > deadline:
                self.broken.append(f"{filename} did not get through")
                return
            time.sleep(_PAUSE_SECONDS)

    def _read(self) -> None:
        for turn in count():
            node, name = self.nodes[turn % len(self.nodes)], LANES[turn // 3 % len(LANES)]
            asked_at = time.monotonic()
            owed = {
                filename
                for filename, promise in self._promises().items()
                if filename.startswith(f"{name}-")
                and (promise.node is node or promise.at + SURE_SECONDS < asked_at)
            }
            try:
                answer = requests.get(
                    f"{node.address}{self.path}/simple/{name}/",
                    auth=self.auth,
                    headers=JSON,
                    timeout=60,
                )
            except requests.RequestException:
                pass
            else:
                self._check_page(f"the page of {name}", node, answer, owed)
            if self._ending.wait(_PAUSE_SECONDS):
                return

    def _check_page(
        self, what: str, node: Server, answer: requests.Response, owed: set[str]
    ) -> None:
        if answer.status_code == HTTPStatus.OK:
            listed = {file["filename"] for file in answer.json()["files"]}
            if not owed <= listed:
                self.broken.append(f"{what} of {node.address} lacks {sorted(owed - listed)}")
        elif answer.status_code != HTTPStatus.NOT_FOUND or owed:
            self._note_refusal(what, node, answer)

    def _note_refusal(self, what: str, node: Server, answer: requests.Response) -> None:
        self.refused.append((node, answer.status_code))
        if answer.status_code not in _RETRY_LATER or int(answer.headers["Retry-After"]) <= 0:
            self.broken.append(f"{what}: {answer.status_code} {answer.text}")
