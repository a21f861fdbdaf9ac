"""A node that is cut off from the database: no stale page, a clear 503, and back by itself."""

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from threading import Timer

import pytest
import requests

from cli.calling import wheelyard
from distributions import build_wheel
from registry import Registry
from requesting import JSON
from running import Server
from sql.wires import Wire, through, wait_until
from uploading import upload
from wheelyard.sql.listening import SURE_SECONDS

StartServer = Callable[..., Server]


def base(server: Server, project_id: int) -> str:
    return f"{server.address}/api/v4/projects/{project_id}/packages/pypi"


def versions(server: Server, project_id: int, auth: tuple[str, str]) -> list[str] | None:
    """Return the versions on the page; None for a 503, which says when to try again."""
    answer = requests.get(
        f"{base(server, project_id)}/simple/pkg/", auth=auth, headers=JSON, timeout=60
    )
    if answer.status_code == 503:
        assert int(answer.headers["Retry-After"]) > 0
        return None
    assert answer.status_code == 200, answer.text
    found: list[str] = answer.json()["versions"]
    return found


@pytest.mark.parametrize("how", ["cut", "freeze"])
def test_a_node_that_is_cut_off(
    how: str, postgresql_url: str, wire: Wire, start_server: StartServer
) -> None:
    here = start_server(environment={"WHEELYARD_DATABASE_URL": postgresql_url})
    behind = {"WHEELYARD_DATABASE_URL": through(postgresql_url, wire)}
    there = start_server(environment=behind)
    registry = Registry(here.data, postgresql_url)
    project, secret = registry.publisher()
    auth = ("x", secret)

    def publish(server: Server, version: str) -> requests.Response:
        return upload(base(server, project.id), auth, *build_wheel("pkg", version))

    assert publish(here, "1.0").status_code == 201
    wait_until(lambda: versions(there, project.id, auth) == ["1.0"])
    getattr(wire, how)()
    assert publish(here, "2.0").status_code == 201
    published_at = time.monotonic()
    assert versions(here, project.id, auth) == ["1.0", "2.0"]
    seen: list[list[str] | None] = []
    while not seen or seen[-1] is not None:
        asked_at = time.monotonic()
        seen.append(versions(there, project.id, auth))
        if seen[-1] is not None:
            assert asked_at < published_at + SURE_SECONDS, "a page of the past"
    refused = publish(there, "3.0")
    assert refused.status_code == 503
    assert int(refused.headers["Retry-After"]) > 0
    ready = requests.get(f"{there.address}/-/readiness", timeout=60)
    assert ready.status_code == 503
    assert requests.get(f"{there.address}/-/liveness", timeout=60).status_code == 200
    (wire.mend if how == "cut" else wire.thaw)()
    wait_until(lambda: versions(there, project.id, auth) == ["1.0", "2.0"], 60)
    wait_until(lambda: publish(there, "3.0").status_code in {200, 201}, 60)
    wait_until(lambda: versions(here, project.id, auth) == ["1.0", "2.0", "3.0"])


def test_a_server_waits_for_its_database_to_start(
    postgresql_url: str, wire: Wire, tmp_path: Path
) -> None:
    """As after a power cut, when all machines start at once; a command does not wait."""
    environment = {"WHEELYARD_DATABASE_URL": through(postgresql_url, wire)}
    wire.cut()
    ended = wheelyard("settings", "list", "--data", tmp_path / "data", **environment)
    assert (ended.returncode, ended.stdout) == (1, "")
    assert "cannot be reached" in ended.stderr
    mending = Timer(2, wire.mend)
    mending.start()
    server = Server(tmp_path / "data", environment=environment).start()
    mending.join()
    assert requests.get(f"{server.address}/-/readiness", timeout=60).status_code == 200
    assert server.stop() == 0


def test_a_worker_that_starts_while_the_database_is_gone(
    postgresql_url: str, wire: Wire, start_server: StartServer
) -> None:
    """It waits too: workers that end at once, again and again, would end the server."""
    server = start_server(environment={"WHEELYARD_DATABASE_URL": through(postgresql_url, wire)})
    [worker] = server.worker_pids
    wire.cut()
    os.kill(worker, signal.SIGKILL)
    wait_until(lambda: server.worker_pids not in ([], [worker]), 30)
    time.sleep(6)  # after this long the server gives up workers that end at once
    assert server.is_running()
    wire.mend()

    def is_ready() -> bool:
        try:
            return requests.get(f"{server.address}/-/readiness", timeout=5).status_code == 200
        except requests.RequestException:
            return False

    wait_until(is_ready, 60)
