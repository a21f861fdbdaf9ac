"""The board: shared between processes, kept when one dies, bounded, and never in the way."""

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest

from scraping import Figures, parse, value
from wheelyard.blobs.disk import DiskBlobs
from wheelyard.domain.errors import Reason, Refused
from wheelyard.domain.keys import distribution_key
from wheelyard.domain.metrics import (
    DATABASE_QUEUE,
    HTTP_REQUESTS,
    HTTP_SECONDS,
    STORE_SECONDS,
    UPLOADED_BYTES,
    UPLOADS,
)
from wheelyard.metrics.blobs import MeasuredBlobs
from wheelyard.metrics.board import Board
from wheelyard.metrics.database import MeasuredDatabase
from wheelyard.metrics.slots import CELLS, clean
from wheelyard.sql.engine import sqlite_url
from wheelyard.sql.opening import opened_database

KEY = distribution_key("ab" * 32)


def figures(board: Board) -> Figures:
    return parse(asyncio.run(board.expose("")).body.decode())


def in_another_process(folder: Path, code: str) -> None:
    """Run code with a `board` on the same folder, in a process that then dies of SIGKILL."""
    program = (
        "import os, sys; from pathlib import Path\n"
        "from wheelyard.domain.metrics import *\n"
        "from wheelyard.metrics.board import Board\n"
        f"board = Board(Path(sys.argv[1]))\n{code}\nos.kill(os.getpid(), 9)\n"
    )
    ended = subprocess.run([sys.executable, "-c", program, str(folder)], check=False)
    assert ended.returncode == -9


def test_counters_gauges_and_histograms(tmp_path: Path) -> None:
    board = Board(tmp_path)
    board.count(UPLOADS, "new")
    board.count(UPLOADS, "new", amount=2)
    board.count(DATABASE_QUEUE, "read", amount=3)
    board.count(DATABASE_QUEUE, "read", amount=-1)
    for seconds in (0.0005, 0.001, 0.3, 1000.0):
        board.observe(HTTP_SECONDS, "GET", "/x", value=seconds)
    seen = figures(board)
    assert value(seen, "wheelyard_uploads_total", result="new") == 3
    assert value(seen, "wheelyard_database_queue_length", mode="read") == 2
    name, labels = HTTP_SECONDS.name, {"method": "GET", "route": "/x"}
    assert value(seen, f"{name}_count", **labels) == 4
    assert value(seen, f"{name}_sum", **labels) == pytest.approx(1000.3015)
    buckets = {
        bound: value(seen, f"{name}_bucket", le=bound, **labels)
        for bound in ("0.001", "0.5", "+Inf")
    }
    assert buckets == {"0.001": 2, "0.5": 3, "+Inf": 4}


def test_many_values_of_the_lowest_bucket_at_once(tmp_path: Path) -> None:
    board = Board(tmp_path)
    board.observe_lowest(HTTP_SECONDS, "GET", "/x", total=0.002, times=40)
    seen, labels = figures(board), {"method": "GET", "route": "/x"}
    assert value(seen, f"{HTTP_SECONDS.name}_bucket", le="0.001", **labels) == 40
    assert value(seen, f"{HTTP_SECONDS.name}_sum", **labels) == pytest.approx(0.002)


def test_labels_may_hold_anything(tmp_path: Path) -> None:
    board = Board(tmp_path)
    odd = 'a"b\\c\nd é'
    board.count(UPLOADS, odd)
    assert value(figures(board), "wheelyard_uploads_total", result=odd) == 1


def test_a_dead_process_leaves_its_counters_and_no_gauges(tmp_path: Path) -> None:
    board = Board(tmp_path)
    in_another_process(
        tmp_path, "board.count(UPLOADS, 'new', amount=5); board.count(DATABASE_QUEUE, 'read')"
    )
    board.count(UPLOADS, "new")
    seen = figures(board)
    assert value(seen, "wheelyard_uploads_total", result="new") == 6
    assert value(seen, "wheelyard_database_queue_length", mode="read") == 0
    assert value(seen, "wheelyard_workers") == 1
    # The next process counts on where the dead one ended.
    in_another_process(tmp_path, "board.count(UPLOADS, 'new')")
    assert value(figures(board), "wheelyard_uploads_total", result="new") == 7
    assert len(list(tmp_path.glob("*.cells"))) == 2


def test_half_a_name_of_a_process_that_died_is_no_name(tmp_path: Path) -> None:
    in_another_process(tmp_path, "board.count(UPLOADS, 'new')")
    with (tmp_path / "0.names").open("a") as stream:
        stream.write('["wheelyard_upl')
    board = Board(tmp_path)
    board.count(UPLOADS, "refused")
    seen = figures(board)
    assert value(seen, "wheelyard_uploads_total", result="new") == 1
    assert value(seen, "wheelyard_uploads_total", result="refused") == 1


def test_a_new_server_counts_from_nothing_beside_one_that_lives(tmp_path: Path) -> None:
    board = Board(tmp_path)
    board.count(UPLOADS, "new")
    in_another_process(tmp_path, "board.count(UPLOADS, 'new')")
    clean(tmp_path)
    assert value(figures(board), "wheelyard_uploads_total", result="new") == 1
    assert len(list(tmp_path.iterdir())) == 2


def test_more_series_than_there_is_room_for_are_not_counted(tmp_path: Path) -> None:
    board = Board(tmp_path)
    for number in range(CELLS + 10):
        board.count(HTTP_REQUESTS, "GET", str(number), "200")
    board.count(HTTP_REQUESTS, "GET", "1", "200")
    board.observe(HTTP_SECONDS, "GET", "late", value=1)
    seen = figures(board)
    assert value(seen, "wheelyard_http_requests_total", method="GET", route="1", status="200") == 2
    assert value(seen, "wheelyard_workers") == 1
    assert value(seen, "wheelyard_uploaded_bytes_total") == 0
    assert (tmp_path / "0.cells").stat().st_size == CELLS * 8
    board.count(UPLOADED_BYTES, amount=5)
    assert value(figures(board), "wheelyard_uploaded_bytes_total") == 0


async def test_what_the_store_does_and_what_it_cannot_do(tmp_path: Path) -> None:
    board = Board(tmp_path / "metrics")
    blobs = MeasuredBlobs(DiskBlobs(tmp_path / "blobs"), board)
    await blobs.put_bytes(KEY, b"content")
    assert b"".join([chunk async for chunk in blobs.read(KEY)]) == b"content"
    assert await blobs.size(KEY) == 7
    with pytest.raises(KeyError):
        _ = [chunk async for chunk in blobs.read(distribution_key("cd" * 32))]
    (tmp_path / "file").touch()
    with pytest.raises(Refused):
        await MeasuredBlobs(DiskBlobs(tmp_path / "file"), board).put_bytes(KEY, b"x")
    seen = parse((await board.expose("")).body.decode())
    counts = [
        value(seen, f"{STORE_SECONDS.name}_count", operation=operation)
        for operation in ("put", "read", "size")
    ]
    assert counts == [2, 2, 1]
    assert value(seen, "wheelyard_store_failures_total", operation="put") == 1
    assert value(seen, "wheelyard_store_failures_total", operation="read") == 0


async def test_what_the_database_does_and_what_it_cannot_do(tmp_path: Path) -> None:
    board = Board(tmp_path / "metrics")

    async def fail(db: MeasuredDatabase, reason: Reason) -> None:
        async with db.write():
            raise Refused(reason, "no")

    async with opened_database(sqlite_url(tmp_path / "x.db"), tmp_path) as (opened, _):
        db = MeasuredDatabase(opened, board)
        async with db.read() as tx:
            await tx.settings.load()
            inside = parse((await board.expose("")).body.decode())
        for reason in (Reason.UNAVAILABLE, Reason.STORAGE_FULL, Reason.FORBIDDEN):
            with pytest.raises(Refused, match="no"):
                await fail(db, reason)
    assert value(inside, "wheelyard_database_wait_seconds_count", mode="read") == 1
    assert value(inside, "wheelyard_database_transaction_seconds_count", mode="read") == 0
    seen = parse((await board.expose("")).body.decode())
    assert value(seen, "wheelyard_database_transaction_seconds_count", mode="read") == 1
    assert value(seen, "wheelyard_database_transaction_seconds_count", mode="write") == 3
    assert value(seen, "wheelyard_database_failures_total", mode="write") == 2
    assert value(seen, "wheelyard_database_queue_length", mode="write") == 0
