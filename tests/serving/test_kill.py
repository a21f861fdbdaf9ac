"""Killed at any instant: no acknowledged file is lost, and no listed file is missing or short."""

import hashlib
import random
import time
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest
import requests

from distributions import build_wheel
from running import Server
from serving.publishing import Publisher

ROUNDS = 50
LANES = 2
CLIENTS = 4
MAX_ACKNOWLEDGED = 10
MAX_PAUSE_SECONDS = 0.05
NAME = "stream"


class Stream:
    """Clients that upload distinct wheels until the server is gone, and what they were told."""

    def __init__(self, publisher: Publisher, round_number: int) -> None:
        self._publisher = publisher
        self._round_number = round_number
        self.acknowledged: dict[str, str] = {}

    def await_acknowledged(self, count: int) -> None:
        """Return when so many uploads have been answered: on a slow machine later."""
        deadline = time.monotonic() + 60
        while len(self.acknowledged) < count:
            assert time.monotonic() < deadline, "the uploads do not get on"
            time.sleep(0.001)

    def upload_all(self, client: int) -> None:
        """Upload until the connection breaks; remember the sha256 of what was answered 201."""
        chance = random.Random(f"{self._round_number} {client}")  # noqa: S311  no secret
        with requests.Session() as session:
            for number in range(10_000):
                # Some small enough to stay in memory, some that wait in a temporary file.
                padding = chance.randbytes(chance.choice((10, 3_000, 1_100_000)))
                version = f"{self._round_number}.{client}.{number}"
                filename, content = build_wheel(NAME, version, files={"stream/data": padding})
                try:
                    answer = self._publisher.upload(filename, content, session)
                except requests.RequestException:
                    return
                assert answer.status_code == 201, answer.text
                self.acknowledged[filename] = hashlib.sha256(content).hexdigest()


def interrupted_stream(
    publisher: Publisher, round_number: int, clients: ThreadPoolExecutor
) -> None:
    """Kill the server in the middle of uploads, start it again, and compare."""
    server = publisher.server
    stream = Stream(publisher, round_number)
    running: list[Future[None]] = [
        clients.submit(stream.upload_all, client) for client in range(CLIENTS)
    ]
    stream.await_acknowledged(round_number % MAX_ACKNOWLEDGED)
    time.sleep(random.uniform(0, MAX_PAUSE_SECONDS))  # noqa: S311  no secret
    server.kill()
    for upload in running:
        upload.result()
    server.start()
    listed = publisher.listed(NAME) if NAME in publisher.names() else {}
    assert stream.acknowledged.keys() <= listed.keys()
    of_this_round = {
        name: url for name, url in listed.items() if name.startswith(f"{NAME}-{round_number}.")
    }
    for filename, url in of_this_round.items():
        digest = publisher.sha256(url)
        assert digest in url.split("/"), filename
        assert digest == stream.acknowledged.get(filename, digest)


def lane(data: Path, rounds: int) -> None:
    """Interrupt one server many times on the same data; in the end all its files are whole."""
    server = Server(data).start()
    try:
        publisher = Publisher.of(server)
        with ThreadPoolExecutor(CLIENTS) as clients:
            for number in range(rounds):
                interrupted_stream(publisher, number, clients)
        for url in publisher.listed(NAME).values():
            assert publisher.sha256(url) in url.split("/")
    finally:
        assert server.stop() == 0


@pytest.mark.timeout(600)  # fifty starts: a minute of an idle machine, several of a busy one
def test_nothing_acknowledged_is_lost(tmp_path: Path) -> None:
    with ThreadPoolExecutor(LANES) as lanes:
        running = [
            lanes.submit(lane, tmp_path / f"lane-{number}", ROUNDS // LANES)
            for number in range(LANES)
        ]
        for part in running:
            part.result()
