"""Three nodes on the real engines, each a `wheelyard serve` with nothing but a spool of its own.

The object store has one address, as behind any load balancer. The last node reaches the database
through wires that can be cut, and the spool of the second is on a small disk.
"""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from databases import fetch
from lab.engines import BUCKET, Engines
from running import Server
from serving.test_disk_full import file_size_limit
from sql.wires import Wire, wait_until

_SPOOL_MEBIBYTES = 24
_FILLING = 1024 * 1024
_FILE_LIMIT = 2 * 1024 * 1024

_LAST_LINES = 40
_USUAL = '"event": "file published"'

_HAVE_ASKED = """
    SELECT count(*) FROM pg_stat_activity
    WHERE query LIKE '%synchronous_standby_names%FROM counters%'
    AND application_name = 'wheelyard' AND state = 'idle' AND query_start > $1
"""
"""How many listening connections have been answered since a moment: `wheelyard.sql.listening`."""


class Cluster:
    """The nodes `nodes`, on the engines `engines`."""

    def __init__(self, folder: Path) -> None:
        self.engines = Engines(folder)
        self._gateways = Wire(*self.engines.gateway_ports)
        self.wires = [Wire(port) for port in self.engines.database_ports]
        self._folder = folder
        self._small = folder / "node-1"
        self._is_mounted = False
        self.nodes: list[Server] = []

    def start(self) -> None:
        """Start everything."""
        self.engines.ready()
        for wire in (self._gateways, *self.wires):
            wire.start()
        self._small.mkdir()
        self._is_mounted = _mount(self._small)
        for number in range(3):
            data = self._folder / f"node-{number}"
            self.nodes.append(Server(data, environment=self.environment(number)))
            self.nodes[-1].start()

    def ready(self) -> None:
        """Repair what a test broke: the engines. Nodes are started as systemd would."""
        self.engines.ready()
        for node in self.nodes:
            if not node.is_running():
                node.start()

    def await_standby_known(self) -> None:
        """Return when every node that keeps pages has learnt that the primary waits for a standby.

        Each asks for that once a second, from its first page on.
        """
        url = self.engines.database_url()
        [(ready_at,)] = fetch(url, "SELECT clock_timestamp()")

        def is_known() -> bool:
            [(count,)] = fetch(url, _HAVE_ASKED, ready_at)
            return bool(count >= len(self.nodes))

        wait_until(is_known)

    def stop(self) -> None:
        """Stop the nodes and the wires; the engines are ended with their folder."""
        statuses = [node.stop() for node in self.nodes if node.is_running()]
        for wire in (self._gateways, *self.wires):
            wire.stop()
        assert not any(statuses), statuses

    def last_words(self) -> list[tuple[str, str]]:
        """Return the end of each log, of the nodes and the engines, with its title.

        Uploads are left out: there are too many of them.
        """
        logs = [node.output for node in self.nodes] + self.engines.logs()
        return [
            (f"last lines of {log.name}", "\n".join(_lines(log)[-_LAST_LINES:]))
            for log in logs
            if log.exists()
        ]

    def environment(self, number: int) -> dict[str, str]:
        """Return the settings of a node."""
        ports = [wire.port for wire in self.wires] if number == 2 else []
        return {
            "WHEELYARD_DATABASE_URL": self.engines.database_url(*ports),
            "WHEELYARD_BLOBS": f"s3://{BUCKET}/wheelyard",
            "AWS_ACCESS_KEY_ID": "AKIATEST",
            "AWS_SECRET_ACCESS_KEY": "secretsecret",
            "AWS_REGION": "us-east-1",
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{self._gateways.port}",
            "AWS_ALLOW_HTTP": "true",
        }

    @contextmanager
    def full_disk(self) -> Iterator[Server]:
        """Leave no room for a file of 3 MB in the spool of a node; yield the node.

        Where this process may mount no disk of its own, a limit on the size of files stands for
        one: the system calls fail in the same places.
        """
        node = self.nodes[1]
        if not self._is_mounted:
            [worker] = node.worker_pids
            with file_size_limit(worker, _FILE_LIMIT):
                yield node
            return
        filler = self._small / "filler"
        try:
            with filler.open("wb", buffering=0) as file:
                while file.write(bytes(_FILLING)) == _FILLING:
                    pass
        except OSError:
            pass  # that was the last of it
        try:
            yield node
        finally:
            filler.unlink()


def _lines(log: Path) -> list[str]:
    lines = log.read_text(errors="replace").splitlines()
    return [line for line in lines if _USUAL not in line]


def _mount(folder: Path) -> bool:
    """Mount a small disk at a folder; tell whether that was allowed."""
    size = f"size={_SPOOL_MEBIBYTES}m"
    ended = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", size, "tmpfs", folder],  # noqa: S607  the system's
        capture_output=True,
        check=False,
    )
    return ended.returncode == 0
