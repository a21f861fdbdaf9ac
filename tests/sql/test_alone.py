"""The right to do a job alone ends with the process that has it, however that ends."""

import asyncio
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from databases import database_of, forget
from wheelyard.sql.engine import make_engine, sqlite_url

HOLD = """
import asyncio, sys
from wheelyard.sql.engine import make_engine

async def hold():
    async with make_engine(sys.argv[1]).alone("job") as is_alone:
        print(is_alone, flush=True)
        await asyncio.sleep(600)

asyncio.run(hold())
"""


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "sqlite":
        yield sqlite_url(tmp_path / "a.db")
        return
    yield database_of(tmp_path)
    forget(tmp_path)


async def is_free(url: str) -> bool:
    engine = make_engine(url)
    async with engine.alone("job") as is_alone:
        pass
    await engine.close()
    return is_alone


def test_a_killed_process_does_not_keep_it(url: str) -> None:
    command = [sys.executable, "-c", HOLD, url]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "True\n"
        assert not asyncio.run(is_free(url))
        holder.kill()
    deadline = time.monotonic() + 30
    while not asyncio.run(is_free(url)):
        assert time.monotonic() < deadline, "the dead keep it"
        time.sleep(0.05)
