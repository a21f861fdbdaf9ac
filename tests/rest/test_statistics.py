"""Storage and download figures: what counts as a download, and when it shows."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
import requests

from people import People, Person
from publications import publish, publish_both
from registry import Registry
from wheelyard.domain.models.places import Project

SHOWS_WITHIN_SECONDS = 10
JSON = {"Accept": "application/vnd.pypi.simple.v1+json"}


@dataclass(frozen=True)
class Shop:
    """A project with a wheel and an sdist of one release, and its maintainer."""

    project: Project
    owner: Person
    api: str

    @property
    def packages(self) -> str:
        return f"{self.api}/projects/{self.project.id}/packages"

    def get(self, path: str) -> Any:
        answer = requests.get(self.packages + path, headers=self.owner.headers, timeout=30)
        answer.raise_for_status()
        return answer.json()

    def address(self, suffix: str) -> str:
        page = requests.get(
            f"{self.packages}/pypi/simple/pkg/",
            auth=("__token__", self.owner.secret),
            headers=JSON,
            timeout=30,
        ).json()
        entry = next(file for file in page["files"] if file["filename"].endswith(suffix))
        return f"{self.packages}/pypi/simple/pkg/{entry['url']}"

    def fetch(self, url: str, method: str = "GET", **headers: str) -> requests.Response:
        auth = ("__token__", self.owner.secret)
        return requests.request(method, url, auth=auth, headers=headers, timeout=30)


@pytest.fixture
def shop(people: People, registry: Registry) -> Shop:
    project = registry.project()
    owner = people.with_role(project, "maintainer")
    publish_both(people.address, project, owner, "pkg", "1.0")
    return Shop(project, owner, people.api)


def eventually(read: Callable[[], Any], expected: Any) -> Any:
    """Wait until `read` returns what is expected: figures are written in batches."""
    deadline = time.monotonic() + SHOWS_WITHIN_SECONDS
    while (seen := read()) != expected and time.monotonic() < deadline:
        time.sleep(0.2)
    return seen


def test_whole_downloads_count(shop: Shop) -> None:
    wheel, sdist = shop.address(".whl"), shop.address(".tar.gz")
    etag = shop.fetch(wheel).headers["etag"]
    shop.fetch(sdist)
    shop.fetch(sdist, Range="bytes=0-9")
    # None of these hands out a distribution from its start.
    assert shop.fetch(sdist, Range="bytes=10-").status_code == 206
    assert shop.fetch(sdist, Range="bytes=-10").status_code == 206
    assert shop.fetch(wheel, "HEAD").status_code == 200
    assert shop.fetch(wheel, **{"If-None-Match": etag}).status_code == 304
    assert shop.fetch(wheel + ".metadata").status_code == 200
    assert shop.fetch(wheel, Range="bytes=99999999-").status_code == 416
    assert eventually(lambda: shop.get("/statistics")["downloads"], 3) == 3
    today = datetime.now(UTC).date().isoformat()
    figures = shop.get("/statistics?days=7")
    assert figures["downloads_by_day"] == [{"date": today, "downloads": 3}]
    package = shop.get("")[0]
    assert package["last_downloaded_at"][:10] == today
    assert shop.get(f"/{package['id']}/statistics") == figures


def test_storage(shop: Shop, people: People) -> None:
    before = shop.get("/statistics")
    assert (before["packages"], before["files"], before["downloads"]) == (1, 2, 0)
    sizes = [file["size"] for file in shop.get(f"/{shop.get('')[0]['id']}/package_files")]
    assert before["bytes"] == sum(sizes)
    publish(people.address, shop.project, shop.owner, ("other", "1.0"), ("pkg", "2.0"))
    after = shop.get("/statistics")
    assert (after["packages"], after["files"]) == (3, 4)


def test_who_may_ask(shop: Shop, people: People, registry: Registry) -> None:
    url = f"{shop.packages}/statistics"
    assert requests.get(url, timeout=30).status_code == 404
    assert requests.get(url, headers=people.new().headers, timeout=30).status_code == 404
    guest = people.with_role(shop.project, "guest")
    assert requests.get(url, headers=guest.headers, timeout=30).status_code == 200
    for days in ("0", "367", "x"):
        answer = requests.get(url, headers=guest.headers, params={"days": days}, timeout=30)
        assert answer.status_code == 400
    empty = registry.project(visibility="public")
    of_empty = f"{people.api}/projects/{empty.id}/packages/statistics"
    assert requests.get(of_empty, timeout=30).json() == {
        "packages": 0,
        "files": 0,
        "bytes": 0,
        "downloads": 0,
        "downloads_by_day": [],
    }
