"""What a crash leaves behind is collected by `wheelyard upkeep`, and nothing else is."""

import hashlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from http.client import HTTPException
from pathlib import Path
from threading import Thread

from databases import environment_of
from distributions import build_wheel
from registry import Registry
from running import Server
from serving.publishing import Publisher
from stores import touches_the_disk
from wheelyard.domain.keys import distribution_key

MEBIBYTE = 1024 * 1024
DAY_SECONDS = 24 * 3600
ORPHAN = b"bytes whose row was never written"


def upkeep(data: Path) -> tuple[int, int, int]:
    """Return how many spooled files and stored bytes were collected."""
    command = [sys.executable, "-m", "wheelyard", "upkeep", "--json", "--data", str(data)]
    told = json.loads(
        subprocess.check_output(command, env={**os.environ, **environment_of(data)}, timeout=60)
    )
    return told["spooled_files"], told["orphaned_blobs"], told["orphaned_bytes"]


def make_older(data: Path, seconds: float) -> None:
    """Set back the time of all stored and spooled files, as if they had been there so long."""
    for file in (data / "blobs").rglob("*"):
        if file.is_file():
            then = file.stat().st_mtime - seconds
            os.utime(file, (then, then))


def kill_during_an_upload(publisher: Publisher) -> list[Path]:
    """Kill the server while it is receiving; return the temporary files that it leaves."""
    filename, content = build_wheel("big", "1.0", files={"big/x": os.urandom(4 * MEBIBYTE)})

    def pieces() -> list[bytes]:
        return [content[: 3 * MEBIBYTE]]

    def upload() -> None:
        with suppress(HTTPException, OSError):
            publisher.stream(filename, pieces(), len(content))

    thread = Thread(target=upload)
    thread.start()
    deadline = time.monotonic() + 30
    while not (parts := list(publisher.server.data.rglob("*.part"))):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    publisher.server.kill()
    thread.join()
    return parts


@touches_the_disk
def test_rubbish_is_collected_once_it_is_old(start_server: Callable[..., Server]) -> None:
    publisher = Publisher.of(start_server())
    data = publisher.server.data
    filename, content = build_wheel("kept", "1.0")
    assert publisher.upload(filename, content).status_code == 201
    parts = kill_during_an_upload(publisher)
    key = distribution_key(hashlib.sha256(ORPHAN).hexdigest())
    Registry(data).run(lambda machines, _by: machines.blobs.put_bytes(key, ORPHAN))
    publisher.server.start()

    nothing = (0, 0, 0)
    make_older(data, DAY_SECONDS - 3600)
    assert upkeep(data) == nothing
    make_older(data, 7200)
    assert upkeep(data) == (len(parts), 1, len(ORPHAN))
    assert upkeep(data) == nothing
    assert not any(part.exists() for part in parts)
    [url] = publisher.listed("kept").values()
    assert publisher.get(url).content == content
    assert publisher.get(f"{url}.metadata").content.startswith(b"Metadata-Version: ")
