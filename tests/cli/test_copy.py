"""`wheelyard copy`: SQLite and disk to PostgreSQL and S3, and back, beside a running server."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import pytest

from cli.calling import wheelyard
from cli.test_backup import published_while
from databases import database_of, forget
from distributions import build_wheel
from object_stores import S3Server
from running import Server
from serving.publishing import Publisher
from shelves import Shelf, key_of
from wheelyard.actions.members import set_member
from wheelyard.actions.tokens import create_personal_token
from wheelyard.actions.users import create_user
from wheelyard.app import Machinery, machinery
from wheelyard.domain.access import Level
from wheelyard.domain.models.callers import Actor, Caller
from wheelyard.domain.models.packages import PackageFile
from wheelyard.domain.models.places import Project
from wheelyard.ports.snapshots import TableTotals
from wheelyard.settings import ServerSettings

T = TypeVar("T")
Totals = Mapping[str, TableTotals]

MEBIBYTE = 1024 * 1024


@dataclass(frozen=True)
class Place:
    """A database and a store, by their addresses, and what their users need in the environment."""

    data: Path
    database: str
    blobs: str
    variables: Mapping[str, str]

    @property
    def environment(self) -> dict[str, str]:
        addresses = {"WHEELYARD_DATABASE_URL": self.database, "WHEELYARD_BLOBS": self.blobs}
        return {**self.variables, **addresses}

    def run(self, work: Callable[[Machinery, Caller], Awaitable[T]]) -> T:
        """Do work there as the operator."""

        async def with_machinery() -> T:
            settings = ServerSettings(data=self.data, database_url=self.database, blobs=self.blobs)
            async with machinery(settings) as machines:
                actor = Actor(username="operator", is_admin=True)
                return await work(machines, Caller(actor, datetime.now(UTC), "test"))

        return asyncio.run(with_machinery())

    def totals(self) -> Totals:
        return self.run(lambda machines, _by: machines.db.totals())

    def call(self, *arguments: str | Path, **more: str) -> subprocess.CompletedProcess[str]:
        environment = self.environment | more
        return wheelyard(*arguments, "--data", self.data, "--json", **environment)

    def told(self, *arguments: str | Path) -> dict[str, Any]:
        ended = self.call(*arguments)
        assert (ended.returncode, ended.stderr) == (0, ""), ended
        told: dict[str, Any] = json.loads(ended.stdout)
        return told

    def copy_to(self, other: "Place") -> dict[str, Any]:
        return self.told("copy", "--to-database", other.database, "--to-blobs", other.blobs)

    def serve(self) -> Server:
        return Server(self.data, environment=self.environment).start()


@pytest.fixture
def local(tmp_path: Path, s3: S3Server) -> Place:
    data = tmp_path / "local"
    blobs = (data / "blobs").as_uri()
    return Place(data, f"sqlite:///{data}/wheelyard.db", blobs, s3.environment)


@pytest.fixture
def cluster(tmp_path: Path, s3: S3Server) -> Iterator[Place]:
    data = tmp_path / "cluster"
    yield Place(data, database_of(data), s3.fresh_url(), s3.environment)
    forget(data)


@pytest.fixture
def back(tmp_path: Path, s3: S3Server) -> Place:
    data = tmp_path / "back"
    blobs = (data / "blobs").as_uri()
    return Place(data, f"sqlite:///{data}/wheelyard.db", blobs, s3.environment)


async def fill(machines: Machinery, by: Caller) -> tuple[Project, str]:
    """Make a project with two files, and a maintainer; return the maintainer's token."""
    shelf = await Shelf.make(machines, by)
    await shelf.add("small")
    await shelf.add("large", payload=os.urandom(9 * MEBIBYTE))
    await create_user(machines.db, machines.passwords, by, username="ann", is_admin=False)
    await set_member(
        machines.db, by, full_path="group/project", username="ann", level=Level.MAINTAINER
    )
    token = await create_personal_token(machines.db, by, username="ann", name="t", scopes=("api",))
    return shelf.project, token.secret


async def add(machines: Machinery, by: Caller) -> PackageFile:
    project = await machines_project(machines)
    return await Shelf(machines, by, project).add(f"later-{time.time_ns()}")


async def machines_project(machines: Machinery) -> Project:
    async with machines.db.read() as tx:
        project = await tx.projects.by_path("group/project")
    assert project is not None
    return project


def test_there_and_back(local: Place, cluster: Place, back: Place) -> None:
    project, secret = local.run(fill)
    told = local.copy_to(cluster)
    assert (told["ok"], told["objects"], told["copied_objects"]) == (True, 4, 4)
    assert cluster.totals() == local.totals()
    assert cluster.told("verify", "--deep")["ok"]
    assert cluster.told("audit", "verify")["ok"]
    server = cluster.serve()
    try:
        # Ids and tokens came along, and the cluster goes on by itself.
        publisher = Publisher(server, project.id, secret)
        assert publisher.names() == ["large", "small"]
        assert publisher.upload(*build_wheel("new", "1.0")).status_code == 201
    finally:
        assert server.stop() == 0
    told = cluster.copy_to(back)
    assert (told["objects"], told["copied_objects"]) == (6, 6)
    assert back.totals() == cluster.totals()
    assert back.told("verify", "--deep")["ok"]
    server = back.serve()
    try:
        publisher = Publisher(server, project.id, secret)
        assert publisher.names() == ["large", "new", "small"]
        for name in publisher.names():
            for url in publisher.listed(name).values():
                assert publisher.sha256(url) == url.rpartition("/files/")[2].partition("/")[0]
    finally:
        assert server.stop() == 0


def test_again_copies_only_what_is_new(local: Place, cluster: Place) -> None:
    local.run(fill)
    local.copy_to(cluster)
    told = local.copy_to(cluster)
    assert (told["objects"], told["copied_objects"]) == (4, 0)
    local.run(add)
    told = local.copy_to(cluster)
    assert (told["objects"], told["copied_objects"]) == (6, 2)
    assert cluster.totals() == local.totals()


def test_beside_a_server_that_takes_uploads(local: Place, cluster: Place) -> None:
    project, secret = local.run(fill)
    server = local.serve()
    try:
        publisher = Publisher(server, project.id, secret)
        published_while(lambda: local.copy_to(cluster), publisher)
        # What is there is whole, as of a moment; what came since comes with the next run.
        assert cluster.told("verify", "--deep")["ok"]
        assert cluster.told("audit", "verify")["ok"]
        local.copy_to(cluster)
    finally:
        assert server.stop() == 0
    local.copy_to(cluster)
    assert cluster.totals() == local.totals()


def test_killed_and_begun_again(local: Place, cluster: Place) -> None:
    async def fill_more(machines: Machinery, by: Caller) -> None:
        project, _ = await fill(machines, by)
        shelf = Shelf(machines, by, project)
        for number in range(30):
            await shelf.add("many", f"1.{number}", payload=os.urandom(MEBIBYTE))

    local.run(fill_more)

    def copied() -> int:
        async def count(machines: Machinery, _by: Caller) -> int:
            return len([info async for info in machines.blobs.list()])

        return cluster.run(count)

    copying = subprocess.Popen(
        [
            *(sys.executable, "-m", "wheelyard", "copy", "--data", str(local.data)),
            *("--to-database", cluster.database, "--to-blobs", cluster.blobs),
        ],
        env={**os.environ, **local.environment},
    )
    deadline = time.monotonic() + 100
    while (seen := copied()) < 5:
        assert time.monotonic() < deadline
        assert copying.poll() is None
    copying.send_signal(signal.SIGKILL)
    copying.wait(timeout=30)
    assert cluster.totals()["files"].rows == 0, "rows come last"
    told = local.copy_to(cluster)
    assert told["objects"] == 64
    assert told["copied_objects"] <= told["objects"] - seen
    assert cluster.totals() == local.totals()
    assert cluster.told("verify", "--deep")["ok"]


def test_what_lies_at_the_target_is_read_before_it_is_trusted(local: Place, cluster: Place) -> None:
    local.run(fill)
    file = local.run(add)

    async def spoil(machines: Machinery, _by: Caller) -> None:
        await machines.blobs.put_bytes(key_of(file), b"?" * file.size_bytes)

    cluster.run(spoil)
    assert local.copy_to(cluster)["copied_objects"] == 6
    assert cluster.told("verify", "--deep")["ok"]


def test_a_source_that_lacks_bytes_is_refused_before_any_row_travels(
    local: Place, cluster: Place
) -> None:
    local.run(fill)
    file = local.run(add)

    async def lose(machines: Machinery, _by: Caller) -> None:
        await machines.blobs.delete(key_of(file))

    local.run(lose)
    ended = local.call("copy", "--to-database", cluster.database, "--to-blobs", cluster.blobs)
    assert (ended.returncode, ended.stdout) == (1, "")
    assert key_of(file) in ended.stderr
    assert cluster.totals()["files"].rows == 0
    assert local.told("verify", "--repair")["ok"]
    assert local.copy_to(cluster)["ok"]
    assert cluster.totals() == local.totals()


def test_another_registry_is_left_alone(local: Place, cluster: Place) -> None:
    local.run(fill)
    cluster.run(fill)
    before = cluster.totals()
    ended = local.call("copy", "--to-database", cluster.database, "--to-blobs", cluster.blobs)
    assert (ended.returncode, "another registry" in ended.stderr) == (1, True)
    assert cluster.totals() == before


def test_only_the_files(local: Place, cluster: Place) -> None:
    """As when only the store changes: the database is used from where it is."""
    local.run(fill)
    told = local.told("copy", "--to-blobs", cluster.blobs)
    assert (told["objects"], told["copied_objects"]) == (4, 4)
    moved = Place(local.data, local.database, cluster.blobs, local.variables)
    assert moved.told("verify", "--deep")["ok"]
    assert local.told("copy", "--to-database", cluster.database)["objects"] == 0
    assert cluster.told("verify", "--deep")["ok"]


@pytest.mark.parametrize(
    ("arguments", "status", "sentence"),
    [
        ((), 2, "name a target"),
        (("--to-blobs", "https://x"), 2, "--to-blobs"),
        (("--to-database", "mysql://x"), 2, "--to-database"),
        (("--to-blobs", "s3:///x"), 1, "names no bucket"),
        (("--to-database", "postgresql://u@127.0.0.1:9/db"), 1, "database"),
    ],
)
def test_targets_that_cannot_be(
    local: Place, arguments: tuple[str, ...], status: int, sentence: str
) -> None:
    ended = local.call("copy", *arguments)
    assert (ended.returncode, ended.stdout) == (status, "")
    assert sentence in ended.stderr
    assert "Traceback" not in ended.stderr
