"""Files that are in an object store: what uv and what others hear, and when the store fails.

Who is redirected, and when not, is tested in `test_redirects`; what holds for every store in
`test_transfer`.
"""

import hashlib
import os
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests

from distributions import build_wheel
from object_stores import S3Server
from registry import Registry
from running import Server
from sql.wires import wait_until
from uploading import upload

UV, PIP = "uv/0.13.9 {}", "pip/26.3 {}"
REDIRECTED = 302
LARGE = os.urandom(3 * 1024 * 1024)


@dataclass(frozen=True)
class Site:
    """A server whose files are in S3, a project in it, and one large file published there."""

    server: Server
    store: S3Server
    base: str
    auth: tuple[str, str]
    content: bytes
    url: str

    def get(self, method: str = "GET", agent: str = PIP, **headers: str) -> requests.Response:
        named = {"User-Agent": agent, "Accept-Encoding": "identity"}
        named |= {name.replace("_", "-"): value for name, value in headers.items()}
        return requests.request(
            method, self.url, auth=self.auth, headers=named, timeout=120, allow_redirects=False
        )

    @property
    def etag(self) -> str:
        return f'"{hashlib.sha256(self.content).hexdigest()}"'

    def downloads(self) -> int:
        """Return how often the project's files were downloaded, as its statistics say."""
        [project_id] = re.findall(r"/projects/(\d+)/", self.base)
        address = f"{self.server.address}/api/v4/projects/{project_id}/packages/statistics"
        figures = requests.get(address, headers={"PRIVATE-TOKEN": self.auth[1]}, timeout=60)
        return int(figures.json()["downloads"])

    def add(self, version: str, size_bytes: int = 1000) -> requests.Response:
        files = {"pkg/x": os.urandom(size_bytes)}
        return upload(self.base, self.auth, *build_wheel("pkg", version, files=files))


def open_site(server: Server, store: S3Server) -> Site:
    registry = Registry(server.data)
    project, secret = registry.publisher()
    auth = ("__token__", secret)
    base = f"{server.address}/api/v4/projects/{project.id}/packages/pypi"
    filename, content = build_wheel("pkg", "1.0", files={"pkg/x": LARGE})
    assert upload(base, auth, filename, content).status_code == 201
    url = f"{base}/files/{hashlib.sha256(content).hexdigest()}/{filename}"
    return Site(server, store, base, auth, content, url)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Return a server that redirects uv and sends to others; `AGENTS` are one of each kind."""
    folder = tmp_path_factory.mktemp("site")
    store = S3Server(folder / "moto.log").start()
    environment = {**store.environment, "WHEELYARD_BLOBS": store.fresh_url()}
    server = Server(folder / "data", environment=environment).start()
    yield open_site(server, store)
    assert server.stop() == 0
    store.stop()


def test_streamed(site: Site) -> None:
    answer = site.get(agent=PIP)
    assert (answer.status_code, answer.content) == (200, site.content)
    assert answer.headers["etag"] == site.etag
    assert answer.headers["cache-control"] == "private, max-age=31536000, immutable"


def test_redirected(site: Site) -> None:
    answer = site.get(agent=UV)
    assert (answer.status_code, answer.content) == (REDIRECTED, b"")
    assert answer.headers["cache-control"] == "private, no-store"
    location = answer.headers["location"]
    assert urlsplit(location).netloc == urlsplit(site.store.endpoint).netloc
    assert requests.get(location, timeout=60).content == site.content
    assert site.get(agent=UV).headers["location"] == location, "a fresh one is given out again"


@pytest.mark.parametrize("agent", [UV, PIP])
def test_what_needs_no_bytes_is_answered_from_here(site: Site, agent: str) -> None:
    head = site.get("HEAD", agent=agent)
    assert (head.status_code, head.headers["content-length"]) == (200, str(len(site.content)))
    assert (head.headers["accept-ranges"], head.headers["etag"]) == ("bytes", site.etag)
    known = site.get(agent=agent, If_None_Match=site.etag)
    assert (known.status_code, known.headers["etag"]) == (304, site.etag)
    outside = site.get(agent=agent, Range="bytes=999999999-")
    assert outside.status_code == 416
    assert outside.headers["content-range"] == f"bytes */{len(site.content)}"


@pytest.mark.parametrize("agent", [UV, PIP])
def test_ranges(site: Site, agent: str) -> None:
    for spec, span in (
        ("0-0", slice(0, 1)),
        ("-22", slice(-22, None)),
        ("1048570-1048590", slice(1048570, 1048591)),
        ("2000000-", slice(2000000, None)),
    ):
        answer = site.get(agent=agent, Range=f"bytes={spec}")
        if agent == UV:
            assert answer.status_code == REDIRECTED
            address = answer.headers["location"]
            answer = requests.get(address, headers={"Range": f"bytes={spec}"}, timeout=60)
        assert (answer.status_code, answer.content) == (206, site.content[span])


def test_a_download_that_goes_on(site: Site) -> None:
    rest = site.get(Range="bytes=100-", If_Range=site.etag)
    assert (rest.status_code, rest.content) == (206, site.content[100:])
    other = site.get(Range="bytes=100-", If_Range='"another"')
    assert (other.status_code, other.content) == (200, site.content)


@pytest.mark.parametrize("agent", [UV, PIP])
def test_small_files_and_metadata_are_always_sent_from_here(site: Site, agent: str) -> None:
    filename, content = build_wheel("small", "1.0", files={"small/x": os.urandom(9)})
    assert upload(site.base, site.auth, filename, content).status_code == 201
    small = replace(site, url=f"{site.base}/files/{hashlib.sha256(content).hexdigest()}/{filename}")
    for _ in range(2):  # from the store, and from memory
        part = small.get(agent=agent, Range="bytes=3-8")
        assert (part.status_code, part.content) == (206, content[3:9])
        whole = small.get(agent=agent)
        assert (whole.status_code, whole.content) == (200, content)
        head = small.get("HEAD", agent=agent)
        assert (head.status_code, head.headers["content-length"]) == (200, str(len(content)))
        metadata = replace(site, url=f"{site.url}.metadata").get(agent=agent)
        assert metadata.status_code == 200
        assert b"Name: pkg" in metadata.content


def test_strangers_hear_nothing_of_the_store(site: Site) -> None:
    headers = {"User-Agent": UV}
    answer = requests.get(site.url, headers=headers, timeout=60, allow_redirects=False)
    assert answer.status_code == 401
    assert "location" not in answer.headers


def test_a_redirected_download_counts(site: Site) -> None:
    """Once for the whole, and not for the later parts of one that goes on."""
    site = open_site(site.server, site.store)
    assert site.get(agent=UV).status_code == REDIRECTED
    assert site.get(agent=UV, Range="bytes=0-9").status_code == REDIRECTED
    assert site.get(agent=UV, Range="bytes=10-").status_code == REDIRECTED
    assert site.get("HEAD", agent=UV).status_code == 200
    site.get(agent=PIP)
    deadline = time.monotonic() + 30
    while (seen := site.downloads()) < 3:
        assert time.monotonic() < deadline
        time.sleep(0.2)
    assert seen == 3


def test_the_spool_is_empty_afterwards(site: Site) -> None:
    assert site.add("3.0", 9 * 1024 * 1024).status_code == 201
    assert not list((site.server.data / "spool").glob("*"))
    assert not (site.server.data / "blobs").exists()


def _is_ready(server: Server) -> bool:
    return requests.get(f"{server.address}/-/readiness", timeout=60).status_code == 200


def test_a_store_that_is_down(tmp_path: Path) -> None:
    store = S3Server(tmp_path / "moto.log").start()
    environment = {**store.environment, "WHEELYARD_BLOBS": store.fresh_url()}
    server = Server(tmp_path / "data", environment=environment).start()
    try:
        site = open_site(server, store)
        store.stop()
        for answer in (site.get(), site.add("2.0"), site.add("2.1", 9 * 1024 * 1024)):
            assert answer.status_code == 503, answer.text
            assert int(answer.headers["retry-after"]) > 0
            assert "object store" in answer.json()["message"]
        page = requests.get(f"{site.base}/simple/pkg/", auth=site.auth, timeout=60)
        assert "2.0" not in page.text
        ready = requests.get(f"{server.address}/-/readiness", timeout=60)
        assert (ready.status_code, ready.json()["database"]) == (503, "ok")
        assert "object store does not answer" in ready.json()["store"]
        store.start()  # it has forgotten everything
        wait_until(lambda: _is_ready(server))
        assert site.add("2.0").status_code == 201
        lost = site.get()
        assert (lost.status_code, "missing" in lost.json()["message"]) == (503, True)
    finally:
        assert server.stop() == 0
        store.stop()
    assert not list((tmp_path / "data" / "spool").glob("*"))
