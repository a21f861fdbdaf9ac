"""Which byte store a test runs on, and looking into it from outside.

By default each data folder has its files in itself. With WHEELYARD_TEST_STORE=s3 (what
`./test --cluster` sets) each has a prefix of its own in the session's S3 server.
"""

import asyncio
import os
import shutil
import tempfile
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path

import pytest

from object_stores import BUCKET, S3Server
from wheelyard.blobs.opening import open_blobs

CHOICE = "WHEELYARD_TEST_STORE"


def is_bucket() -> bool:
    """Tell whether the tests of the whole server keep their files in a bucket."""
    chosen = os.environ.get(CHOICE, "disk")
    assert chosen in {"disk", "s3"}, f"{CHOICE} is disk or s3, not {chosen}"
    return chosen == "s3"


touches_the_disk = pytest.mark.skipif(is_bucket(), reason="it changes the folder of the files")
"""Marks tests that break, behind the server's back, what is in the folder of the files."""


class SessionStore:
    """The S3 server of a session, if it needs one; its processes find it by the environment."""

    def __init__(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="wheelyard-s3-"))
        self._server = S3Server(self._folder / "moto.log").start()
        os.environ.update(self._server.environment)

    def end(self) -> None:
        """End it, with all that it holds."""
        self._server.stop()
        shutil.rmtree(self._folder)


def address_of(data: Path) -> str | None:
    """Return what WHEELYARD_BLOBS is for a data folder; None for the folder itself."""
    if not is_bucket():
        return None
    return f"s3://{BUCKET}/{sha256(str(data.absolute()).encode()).hexdigest()[:16]}"


def stored_keys(data: Path) -> set[str]:
    """Return the keys of all stored objects, and the paths of what waits in the spool."""
    if not is_bucket():
        return {str(path) for path in (data / "blobs").rglob("*") if path.is_file()}
    with ThreadPoolExecutor(1) as thread:  # the caller may be in an event loop
        listed = thread.submit(asyncio.run, _listed(data)).result()
    return listed | {str(path) for path in (data / "spool").rglob("*") if path.is_file()}


async def _listed(data: Path) -> set[str]:
    blobs = open_blobs(str(address_of(data)))
    return {info.key async for info in blobs.list()}
