"""`wheelyard verify` as an operator calls it: what it says, and its exit status."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, TypeVar

import pytest

from cli.calling import shown, wheelyard
from registry import Registry
from shelves import Shelf, key_of
from wheelyard.app import Machinery
from wheelyard.domain.models.callers import Caller

T = TypeVar("T")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


def on_shelf(data: Path, work: Callable[[Shelf], Awaitable[T]]) -> T:
    """Do work on the one project of a registry, made when it is not there yet."""

    async def with_shelf(machines: Machinery, by: Caller) -> T:
        async with machines.db.read() as tx:
            project = await tx.projects.by_path("group/project")
        return await work(
            await Shelf.make(machines, by) if project is None else Shelf(machines, by, project)
        )

    return Registry(data).run(with_shelf)


def test_a_registry_that_is_whole(data: Path) -> None:
    on_shelf(data, lambda shelf: shelf.add("pkg"))
    told = shown("verify", "--data", data)
    nothing = ("missing", "short", "different", "unreadable", "orphaned", "lost", "found")
    assert {kind: told[kind] for kind in nothing} == dict.fromkeys(nothing, 0)
    assert (told["ok"], told["objects"], told["findings"], told["repaired"]) == (True, 2, [], None)
    ended = wheelyard("verify", "--deep", "--repair", "--data", data)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout.startswith("Compared 2 objects")


def test_a_registry_that_is_not(data: Path) -> None:
    file = on_shelf(data, lambda shelf: shelf.add("pkg"))
    on_shelf(data, lambda shelf: shelf.replace(key_of(file), b"short"))
    told = shown("verify", "--data", data, status=1)
    assert (told["ok"], told["short"]) == (False, 1)
    [finding] = told["findings"]
    concerned: list[dict[str, Any]] = finding["files"]
    assert finding | {"files": None} == {
        "kind": "short",
        "key": key_of(file),
        "stored_bytes": 5,
        "files": None,
    }
    assert concerned == [
        {
            "project": "group/project",
            "filename": file.filename,
            "sha256": file.digests.sha256,
            "size": file.size_bytes,
        }
    ]
    ended = wheelyard("verify", "--data", data)
    assert ended.returncode == 1
    assert f"short     {key_of(file)} (5 bytes) group/project: {file.filename}" in ended.stdout
    repaired = shown("verify", "--repair", "--data", data)
    assert (repaired["ok"], repaired["repaired"]["hidden_files"]) == (True, 1)
    again = shown("verify", "--data", data)
    assert (again["ok"], again["short"], again["lost"]) == (True, 0, 1)


def test_a_store_that_cannot_be_reached(data: Path) -> None:
    on_shelf(data, lambda shelf: shelf.add("pkg"))
    ended = wheelyard(
        "verify",
        "--data",
        data,
        WHEELYARD_BLOBS="s3://wheels/prefix",
        AWS_ENDPOINT_URL="http://127.0.0.1:9",
        AWS_ALLOW_HTTP="true",
        AWS_ACCESS_KEY_ID="x",
        AWS_SECRET_ACCESS_KEY="y",
    )
    assert (ended.returncode, ended.stdout) == (1, "")
    assert "object store does not answer" in ended.stderr


@pytest.mark.parametrize(
    ("blobs", "status", "sentence"),
    [
        ("https://bucket", 2, "WHEELYARD_BLOBS"),
        ("s3:///prefix", 1, "WHEELYARD_BLOBS: names no bucket"),
    ],
)
def test_an_address_that_is_wrong(data: Path, blobs: str, status: int, sentence: str) -> None:
    ended = wheelyard("verify", "--data", data, WHEELYARD_BLOBS=blobs)
    assert (ended.returncode, ended.stdout) == (status, "")
    assert sentence in ended.stderr
    assert "Traceback" not in ended.stderr
