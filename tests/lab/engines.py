"""The real engines on loopback: a PostgreSQL primary with a synchronous standby, and Ceph.

The scripts in the folder `engines` start and repair them; here they are broken.
"""

import os
import shlex
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from lab.standby import Standby
from postgres import other_account, server_programs

_SCRIPTS = Path(__file__).with_name("engines")
_SCRIPT_SECONDS = 600

_PORTS = range(20_000, 32_000)
"""Below those that systems give to connections: a port must stay free until what died is back."""

_PORT_COUNT = 110
_OSD_PORTS_FROM = 10

BUCKET = "wheels"


class Engines:
    """Both clusters, with their state in `folder`."""

    def __init__(self, folder: Path) -> None:
        self._ceph, self._pg = folder / "ceph", folder / "pg"
        self._to_start = {"ceph-up": self._ceph, "pg-up": self._pg}
        port = _free_ports(_PORT_COUNT)
        self.gateway_ports = (port, port + 1)
        self.database_ports = (port + 3, port + 4)
        self._settings = {
            "LAB_CEPH_PORT_A": str(port),
            "LAB_CEPH_PORT_B": str(port + 1),
            "LAB_CEPH_PORT_MON": str(port + 2),
            "LAB_CEPH_PORT_OSD": str(port + _OSD_PORTS_FROM),
            "LAB_PG_PORT_A": str(port + 3),
            "LAB_PG_PORT_B": str(port + 4),
            "LAB_PG_BIN": str(server_programs(folder, other_account())),
        }

    def ready(self) -> None:
        """Start what was broken, or never started, and return when everything is whole."""
        with ThreadPoolExecutor(2) as both:
            for done in [both.submit(self._run, *item) for item in self._to_start.items()]:
                done.result()
        self._to_start.clear()

    def database_url(self, *ports: int) -> str:
        """Return the URL of the database; it is at one of these ports, or of the servers' own."""
        hosts = ",".join(f"127.0.0.1:{port}" for port in ports or self.database_ports)
        return f"postgresql://u@{hosts}/db?target_session_attrs=read-write"

    def kill_primary(self) -> None:
        """Kill the database server that takes writes."""
        self._to_start["pg-up"] = self._pg
        file = Path(self._facts()["PG_LEADER_PIDFILE"])
        _kill(int(file.read_text().splitlines()[0]))

    def standby(self) -> Standby:
        """Return the server that follows the primary at present."""
        facts = self._facts()
        return Standby(
            *(
                f"postgresql://postgres@127.0.0.1:{facts[port]}/db"
                for port in ("PG_LEADER_PORT", "PG_FOLLOWER_PORT")
            )
        )

    def primary_index(self) -> int:
        """Return which of `database_ports` is the primary's."""
        return self.database_ports.index(int(self._facts()["PG_LEADER_PORT"]))

    def promote_standby(self) -> None:
        """Make the standby the primary: what an operator, or a cluster manager, does."""
        self._run("pg-failover", self._pg)

    def kill_daemon(self, name: str) -> None:
        """Kill a part of Ceph: osd.0 to osd.2, client.rgw.a or client.rgw.b."""
        self._to_start["ceph-up"] = self._ceph
        _kill(int((self._ceph / "run" / f"{name}.pid").read_text()))

    @contextmanager
    def full_store(self) -> Iterator[None]:
        """Let the object store take nothing more: its quota is used up."""
        self._quota("set", "--max-size=1")
        self._quota("enable")
        try:
            yield
        finally:
            self._quota("disable")

    def logs(self) -> list[Path]:
        """Return the logs that tell what happened to the engines."""
        databases = [self._pg / "log" / f"{name}.log" for name in "ab"]
        return [*databases, self._ceph / "log" / "cluster.log"]

    def _facts(self) -> dict[str, str]:
        lines = (self._pg / "env").read_text().splitlines()
        return dict(shlex.split(line)[0].split("=", 1) for line in lines)

    def _quota(self, *arguments: str) -> None:
        config = ["-c", str(self._ceph / "ceph.conf")]
        subprocess.run(
            ["radosgw-admin", *config, "quota", *arguments, "--quota-scope=user", "--uid=lab"],  # noqa: S607  Debian's
            check=True,
            capture_output=True,
            timeout=_SCRIPT_SECONDS,
        )

    def _run(self, script: str, folder: Path) -> None:
        ended = subprocess.run(
            [_SCRIPTS / script, folder],
            env={**os.environ, **self._settings},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_SCRIPT_SECONDS,
            check=False,
        )
        assert ended.returncode == 0, ended.stderr


def _kill(pid: int) -> None:
    """Kill a process, and wait until it is gone."""
    os.kill(pid, signal.SIGKILL)
    status = Path(f"/proc/{pid}/stat")
    deadline = time.monotonic() + 30
    while status.exists() and status.read_text().rpartition(")")[2].split()[0] != "Z":
        assert time.monotonic() < deadline, f"process {pid} does not end"
        time.sleep(0.01)


def _free_ports(count: int) -> int:
    """Return the first of so many ports in a row that are free."""
    starts = list(_PORTS)[:-count:count]
    first = os.getpid() % len(starts)  # so that two labs at once do not want the same
    for start in starts[first:] + starts[:first]:
        if all(_is_free(port) for port in range(start, start + count)):
            return start
    raise AssertionError("there are no free ports")


def _is_free(port: int) -> bool:
    with socket.socket() as tried:
        try:
            tried.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
