"""Nothing acknowledged is lost, whatever fails, and all resumes without an operator.

But for one thing: somebody has to say which database server leads after the primary is gone.
"""

import os
import time
from collections.abc import Callable, Iterator
from functools import partial
from http import HTTPStatus
from pathlib import Path

import pytest
import requests

from distributions import build_wheel
from lab.cluster import Cluster
from lab.examining import examine
from lab.traffic import Traffic
from running import Server
from sql.wires import wait_until
from uploading import upload
from wheelyard.sql.listening import SURE_SECONDS

pytestmark = pytest.mark.timeout(600)

_LONGER_THAN_A_LOOK_SECONDS = 8
"""More than a standby is seen to wait before it is believed: `wheelyard.sql.replay`."""


@pytest.fixture
def running(cluster: Cluster, traffic: Traffic, tmp_path: Path) -> Iterator[Traffic]:
    """Publish and read during the test; afterwards see that all is well."""
    with traffic.running():
        yield traffic
    examine(cluster, traffic, tmp_path)


def test_nodes_are_killed_in_the_middle_of_uploads(cluster: Cluster, running: Traffic) -> None:
    for node in cluster.nodes:
        node.kill()
        running.await_promises(10)
        node.start()  # as systemd does
        running.await_promises(2, by=[node])


def test_the_primary_is_killed(cluster: Cluster, running: Traffic) -> None:
    cluster.engines.kill_primary()
    running.await_refusals(3)
    for node in cluster.nodes:
        ready = requests.get(f"{node.address}/-/readiness", timeout=60)
        assert (ready.status_code, ready.json()["status"]) == (503, "failed")
    cluster.engines.promote_standby()
    running.await_promises(3, by=cluster.nodes)


def test_pages_in_memory_go_on_without_a_primary(cluster: Cluster, traffic: Traffic) -> None:
    page = traffic.publish_quietly()
    before = _remembered(cluster, page)
    cluster.engines.kill_primary()
    _await_pages(cluster, page, before)
    for node in cluster.nodes:
        assert "servers vouch for" in node.output.read_text()
        refused = upload(node.address + traffic.path, traffic.auth, *build_wheel("quiet", "2.0"))
        assert (refused.status_code, refused.headers["Retry-After"]) == (503, "2")
    cluster.engines.promote_standby()


def test_half_a_record_does_not_stop_them(cluster: Cluster, traffic: Traffic) -> None:
    """The last that the standby has got of the primary's log is the beginning of a record."""
    page = traffic.publish_quietly()
    before = _remembered(cluster, page)
    standby = cluster.engines.standby()
    standby.await_half_a_record(then=cluster.engines.kill_primary)
    _await_pages(cluster, page, before)
    assert standby.has_half_a_record()
    cluster.engines.promote_standby()


def test_a_standby_that_does_not_replay_is_not_believed(cluster: Cluster, traffic: Traffic) -> None:
    """It has received what others published last, but does not know it yet."""
    page = traffic.publish_quietly()
    before = _remembered(cluster, page)
    first, *_, node = cluster.nodes
    wire = cluster.wires[cluster.engines.primary_index()]
    with cluster.engines.standby().held_replay():
        wire.cut()
        wheel = build_wheel("quiet", "2.0")
        answer = upload(first.address + traffic.path, traffic.auth, *wheel)
        assert answer.status_code == HTTPStatus.CREATED, answer.text
        assert len(page(first).json()["files"]) == 2
        cluster.engines.kill_primary()
        ends_at = time.monotonic() + _LONGER_THAN_A_LOOK_SECONDS
        while time.monotonic() < ends_at:
            assert page(node).content != before[node], "a page of the past"
    wait_until(lambda: page(first).status_code == HTTPStatus.OK)
    wire.mend()
    cluster.engines.promote_standby()


def test_a_node_reaches_nothing_but_the_standby(cluster: Cluster, running: Traffic) -> None:
    """It can tell what is new from what is not, to the last change that others made."""
    page = running.publish_quietly()
    *others, node = cluster.nodes
    assert page(node).status_code == HTTPStatus.OK
    wire = cluster.wires[cluster.engines.primary_index()]
    cluster.await_standby_known()
    wire.cut()
    running.await_promises(5, by=others)
    wait_until(lambda: page(node).status_code == HTTPStatus.OK, 60)
    for number in range(10):
        wheel = build_wheel("quiet", f"2.{number}")
        answer = upload(others[0].address + running.path, running.auth, *wheel)
        assert answer.status_code == HTTPStatus.CREATED, answer.text
        assert page(node).status_code == HTTPStatus.SERVICE_UNAVAILABLE, "a page of the past"
    wire.mend()
    running.await_promises(3, by=[node])
    assert len(page(node).json()["files"]) == 11


@pytest.mark.parametrize("daemon", ["osd.1", "client.rgw.a", "client.rgw.b"])
def test_a_part_of_the_object_store_is_killed(
    cluster: Cluster, running: Traffic, daemon: str
) -> None:
    """A storage daemon, or a gateway."""
    cluster.engines.kill_daemon(daemon)
    running.await_promises(10, by=cluster.nodes)


@pytest.mark.parametrize("how", ["cut", "freeze"])
def test_a_node_is_cut_off_from_the_database(cluster: Cluster, running: Traffic, how: str) -> None:
    *others, node = cluster.nodes
    for wire in cluster.wires:
        getattr(wire, how)()
    wait_until(lambda: (node, HTTPStatus.SERVICE_UNAVAILABLE) in running.refused, 60)
    running.await_promises(10, by=others)
    for wire in cluster.wires:
        (wire.mend if how == "cut" else wire.thaw)()
    running.await_promises(3, by=[node])


def test_a_disk_without_room(cluster: Cluster, running: Traffic) -> None:
    filename, content = build_wheel("full", "1.0", files={"data": os.urandom(3_000_000)})
    with cluster.full_disk() as node:
        answer = upload(node.address + running.path, running.auth, filename, content)
        assert answer.status_code == HTTPStatus.INSUFFICIENT_STORAGE
        assert int(answer.headers["Retry-After"]) > 0
        running.await_promises(10, by=[other for other in cluster.nodes if other is not node])
    answer = upload(node.address + running.path, running.auth, filename, content)
    assert answer.status_code == HTTPStatus.CREATED


def test_an_object_store_without_room(cluster: Cluster, running: Traffic) -> None:
    with cluster.engines.full_store():
        wait_until(
            lambda: all(
                (node, HTTPStatus.INSUFFICIENT_STORAGE) in running.refused for node in cluster.nodes
            ),
            60,
        )
    running.await_promises(3, by=cluster.nodes)


def _remembered(
    cluster: Cluster, page: Callable[[Server], requests.Response]
) -> dict[Server, bytes]:
    """Return each node's page when it has that in memory, and knows that there is a standby.

    A page that was read while notifications were on their way is not good for long, so it is
    read again after they have come.
    """
    cluster.await_standby_known()
    return {node: page(node).content for node in cluster.nodes}


def _await_pages(
    cluster: Cluster,
    page: Callable[[Server], requests.Response],
    before: dict[Server, bytes],
) -> None:
    """Return when each node goes on serving its page, for longer than it is sure by itself."""

    def goes_on(node: Server, since: float) -> bool:
        answer = page(node)
        if answer.status_code == HTTPStatus.OK:
            assert answer.content == before[node]
            return time.monotonic() > since + SURE_SECONDS
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "2")
        return False

    killed_at = time.monotonic()
    for node in cluster.nodes:
        wait_until(partial(goes_on, node, killed_at), 60)
