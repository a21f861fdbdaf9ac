"""The nodes that are measured: started, pinned, filled, and their CPU time read."""

import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from scaling.measuring import cpu_seconds
from side_by_side.load import Target
from side_by_side.peers.peer import Login, Place
from side_by_side.uploads import upload_all
from side_by_side.wheels import Distribution

import postgres
from databases import drop_database, make_database
from registry import Registry
from running import Server

PAGE_ACCEPT = "application/vnd.pypi.simple.v1+json"
NAME = "paged"


@dataclass(frozen=True, slots=True)
class Cluster:
    """Nodes with one registry, and a project in it with the page that is read."""

    nodes: list[Server]
    project_id: int
    login: Login

    def cpu_seconds(self) -> float:
        """Return the CPU time that all nodes have used."""
        return cpu_seconds([pid for node in self.nodes for pid in (node.pid, *node.worker_pids)])

    def page(self, node: Server) -> Target:
        """Return the page as a node serves it."""
        headers = {
            "Accept": PAGE_ACCEPT,
            "Accept-Encoding": "gzip",
            "Authorization": self.login.header,
        }
        return Target(f"{self._base(node)}/simple/{NAME}/", headers)

    def place(self, node: Server) -> Place:
        """Return where a node takes uploads."""
        base = self._base(node)
        return Place(f"{base}/simple/", upload=base, reader=self.login, writer=self.login)

    def _base(self, node: Server) -> str:
        return f"{node.address}/api/v4/projects/{self.project_id}/packages/pypi"


@contextmanager
def running(
    folder: Path, count: int, environment: Mapping[str, str], files: list[Distribution]
) -> Iterator[Cluster]:
    """Run nodes that share what `environment` names, with `files` published."""
    cores = sorted(os.sched_getaffinity(0))
    nodes = [
        Server(folder / f"node{number}", environment=dict(environment)) for number in range(count)
    ]
    try:
        for number, node in enumerate(nodes):
            node.start()
            _pin([node.pid, *node.worker_pids], cores[number % len(cores)])
        url = environment.get("WHEELYARD_DATABASE_URL")
        project, secret = Registry(nodes[0].data, url).publisher()
        cluster = Cluster(nodes, project.id, Login("__token__", secret))
        upload_all(cluster.place(nodes[0]), files)
        yield cluster
    finally:
        for node in nodes:
            if node.is_running():
                node.stop()


@contextmanager
def database(name: str) -> Iterator[str]:
    """Make a database on a PostgreSQL server of the benchmark's own, and yield its URL."""
    try:
        yield make_database(name)
    finally:
        drop_database(name)


def postgres_cpu_seconds() -> float:
    """Return the CPU time of the database server's processes that live."""
    folder = os.environ[postgres.FOLDER].encode()
    servers = [pid for pid, line in _processes() if b"bin/postgres\0-D" in line and folder in line]
    pids = [*servers, *(pid for server in servers for pid in _children(server))]
    return cpu_seconds(pids)


def _processes() -> Iterator[tuple[int, bytes]]:
    for path in Path("/proc").glob("[0-9]*"):
        try:
            yield int(path.name), (path / "cmdline").read_bytes()
        except OSError:
            continue


def _children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def _pin(pids: Iterable[int], core: int) -> None:
    for pid in pids:
        for task in Path(f"/proc/{pid}/task").iterdir():
            os.sched_setaffinity(int(task.name), {core})
