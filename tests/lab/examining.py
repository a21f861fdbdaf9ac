"""What has to be so after everything that broke: nothing lost, nothing different, all is well."""

import hashlib
import json
import os
import subprocess
import sys
from http import HTTPStatus
from itertools import product
from pathlib import Path

import requests

from distributions import build_wheel
from lab.cluster import Cluster
from lab.traffic import LANES, Traffic
from requesting import JSON
from sql.wires import wait_until
from uploading import upload

HTML = {"Accept": "text/html"}


def examine(cluster: Cluster, traffic: Traffic, folder: Path) -> None:
    """See that every node serves, that nothing acknowledged is lost and all is the same."""
    assert traffic.broken == []
    for number, node in enumerate(cluster.nodes):
        wheel = build_wheel(LANES[0], f"2.{number}")
        wait_until(
            lambda to=node.address, what=wheel: _is_published(traffic, to, what),  # type: ignore[misc]
            60,
        )
    wait_until(lambda: len({_pages(traffic, node.address) for node in cluster.nodes}) == 1, 60)
    _check_files(traffic)
    _check_store(cluster, folder)


def _is_published(traffic: Traffic, address: str, wheel: tuple[str, bytes]) -> bool:
    return upload(address + traffic.path, traffic.auth, *wheel).status_code == HTTPStatus.CREATED


def _pages(traffic: Traffic, address: str) -> tuple[bytes, ...] | str:
    """Return the bytes of all pages and the list as a node serves them."""
    answers = [
        requests.get(
            f"{address}{traffic.path}/simple/{page}",
            auth=traffic.auth,
            headers=kind | {"Accept-Encoding": "identity"},
            timeout=60,
        )
        for page, kind in product(["", *(f"{name}/" for name in LANES)], [JSON, HTML])
    ]
    if not all(answer.ok for answer in answers):
        return address
    return tuple(answer.content for answer in answers)


def _check_files(traffic: Traffic) -> None:
    """Download every listed file, from one node or another, and compare its digest."""
    listed = {}
    for name in LANES:
        page = f"{traffic.path}/simple/{name}/"
        answer = requests.get(
            traffic.nodes[0].address + page, auth=traffic.auth, headers=JSON, timeout=60
        )
        for file in answer.json()["files"]:
            listed[file["filename"]] = page + file["url"]
    assert traffic.promises.keys() <= listed.keys()
    for turn, (filename, path) in enumerate(listed.items()):
        node = traffic.nodes[turn % len(traffic.nodes)]
        answer = requests.get(node.address + path, auth=traffic.auth, timeout=60)
        assert answer.status_code == HTTPStatus.OK, (filename, answer.text)
        digest = hashlib.sha256(answer.content).hexdigest()
        assert digest in path.split("/"), filename
        promise = traffic.promises.get(filename)
        assert promise is None or digest == promise.sha256, filename


def _check_store(cluster: Cluster, folder: Path) -> None:
    """Compare all rows with all bytes; every upload was sent again, so there are no orphans."""
    ended = subprocess.run(
        [sys.executable, "-m", "wheelyard", "verify", "--deep", "--json", "--data", folder],
        env={**os.environ, **cluster.environment(0)},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert ended.returncode == 0, ended
    told = json.loads(ended.stdout)
    assert (told["ok"], told["findings"]) == (True, []), told
