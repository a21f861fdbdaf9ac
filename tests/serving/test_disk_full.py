"""A full disk: 507 and one sentence, nothing left behind, and all is well once there is room.

A limit on the size of files stands for the disk: the system calls fail in the same places, and
no test needs to fill a disk.
"""

import os
import resource
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from databases import is_postgresql
from distributions import build_wheel
from running import Server
from serving.publishing import Publisher
from stores import stored_keys

MEBIBYTE = 1024 * 1024


@contextmanager
def file_size_limit(pid: int, size_bytes: int) -> Iterator[None]:
    """Let no file of the process grow beyond that size."""
    before = resource.prlimit(pid, resource.RLIMIT_FSIZE)
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (size_bytes, before[1]))
    yield
    resource.prlimit(pid, resource.RLIMIT_FSIZE, before)


def test_no_room_for_the_file(start_server: Callable[..., Server]) -> None:
    server = start_server()
    publisher = Publisher.of(server)
    [worker] = server.worker_pids
    big = build_wheel("big", "1.0", files={"big/x": os.urandom(6 * MEBIBYTE)})
    with file_size_limit(worker, 5 * MEBIBYTE):
        answer = publisher.upload(*big)
        assert answer.status_code == 507
        assert answer.json()["detail"] == "The server has no room left to store this file."
        assert int(answer.headers["retry-after"]) > 0
        assert publisher.names() == []
        assert stored_keys(server.data) == set()
        # Nobody else is in trouble.
        assert publisher.upload(*build_wheel("small", "1.0")).status_code == 201
    assert publisher.upload(*big).status_code == 201
    assert publisher.names() == ["big", "small"]


@pytest.mark.skipif(is_postgresql(), reason="the rows are not in a file of this server")
def test_no_room_for_the_row(start_server: Callable[..., Server]) -> None:
    server = start_server()
    publisher = Publisher.of(server)
    [worker] = server.worker_pids
    first, second = build_wheel("first", "1.0"), build_wheel("second", "1.0")
    assert publisher.upload(*first).status_code == 201
    log_bytes = (server.data / "wheelyard.db-wal").stat().st_size
    with file_size_limit(worker, log_bytes):
        for _ in range(2):
            answer = publisher.upload(*second)
            # SQLite calls it a full disk (507) for ENOSPC only; a limit is a failing disk to it.
            assert answer.status_code == 503
            assert answer.json()["detail"] == (
                "The database's disk does not work. Try again in a moment."
            )
            assert int(answer.headers["retry-after"]) > 0
        # What is there can be read meanwhile.
        [url] = publisher.listed("first").values()
        assert publisher.get(url).content == first[1]
        assert publisher.names() == ["first"]
    assert publisher.upload(*second).status_code == 201
    assert publisher.names() == ["first", "second"]
    assert server.stop() == 0
    server.start()
    assert publisher.names() == ["first", "second"]
