"""The database while somebody else holds the lock of writers: waiting, and giving up clearly."""

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import requests

from databases import locked, settings_of
from registry import Registry
from requesting import project_index
from running import Server
from wheelyard.app import machinery
from wheelyard.domain.errors import Reason, Refused


async def test_a_writer_waits_for_its_turn(tmp_path: Path) -> None:
    async with machinery(settings_of(tmp_path)) as machines:

        async def claim() -> bool:
            async with machines.db.write() as tx:
                return await tx.settings.claim_once("done")

        with locked(tmp_path):
            claiming = asyncio.create_task(claim())
            await asyncio.sleep(0.2)
            assert not claiming.done()
        assert await claiming


@pytest.fixture
def session() -> Iterator[requests.Session]:
    """Return connections that are kept."""
    with requests.Session() as made:
        yield made


def test_a_lock_that_stays_is_an_answer_that_says_so(
    start_server: Callable[..., Server], session: requests.Session
) -> None:
    """The same wait (five seconds) seen from the port and over HTTP; readers do not wait."""
    server = start_server()
    registry = Registry(server.data)
    project, secret = registry.publisher()
    index, auth = project_index(session, server.address, project), ("x", secret)
    assert index.upload_wheel("before", auth).status_code == 201
    stored = _files(server.data)

    async def meanwhile() -> tuple[Refused, requests.Response]:
        async with machinery(settings_of(server.data)) as machines:

            async def write() -> None:
                async with machines.db.write() as tx:
                    await tx.settings.claim_once("done")

            with locked(server.data):
                upload = asyncio.to_thread(index.upload_wheel, "meanwhile", auth)
                uploading = asyncio.create_task(upload)
                writing = asyncio.create_task(write())
                await asyncio.sleep(0.2)
                async with machines.db.read() as tx:
                    assert await tx.projects.get(project.id) == project
                with requests.Session() as reader:
                    names = project_index(reader, server.address, project).names
                    assert await asyncio.to_thread(names, auth) == ["before"]
                with pytest.raises(Refused) as refusal:
                    await writing
                answer = await uploading
            await write()
        return refusal.value, answer

    refused, answer = asyncio.run(meanwhile())
    assert refused.reason is Reason.UNAVAILABLE
    assert refused.retry_after_seconds
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0
    assert "busy" in answer.json()["message"]
    assert index.names(auth) == ["before"]
    # It resumes by itself. The bytes went first, so they may lie there: upkeep collects them.
    assert index.upload_wheel("meanwhile", auth).status_code == 201
    assert index.names(auth) == ["before", "meanwhile"]
    assert len(_files(server.data)) == 2 * len(stored)
    assert not [path for path in _files(server.data) if path.suffix == ".part"]


def _files(data: Path) -> list[Path]:
    return [path for path in (data / "blobs").rglob("*") if path.is_file()]
