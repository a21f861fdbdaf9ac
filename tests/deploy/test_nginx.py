"""The deployment of the documentation: what goes through nginx, and what nobody notices."""

import os
import re
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from hashlib import sha256
from http.client import HTTPSConnection
from typing import Self
from urllib.parse import quote, urlsplit

import pytest
import requests
import urllib3

from databases import forget
from deploy.behind_nginx import Nginx, Nodes
from distributions import build_wheel, upload_fields
from requesting import JSON, Index, project_index
from running import Server
from scraping import scrape, value
from serving.certificates import Certificate, make_certificate
from wheelyard.app import Machinery
from wheelyard.domain.models.callers import Caller
from wheelyard.domain.models.places import Project

PROGRESS = "wheelyard_http_requests_in_progress"
"""Of a node: with the request that asks for it."""


class Site:
    """The nodes, nginx before them, and a project with a package of more than a megabyte."""

    def __init__(self, nodes: Nodes, nginx: Nginx, certificate: Certificate) -> None:
        self.nodes, self.nginx, self.certificate = nodes, nginx, certificate
        self.project: Project
        self.project, secret = nodes.registry.publisher()
        self.auth = ("__token__", secret)
        self.filename, self.content = build_wheel(
            "large", "1.0", files={"large/data": os.urandom(3_000_000)}
        )
        with self.session() as session:
            answer = self.index(session).upload(self.filename, self.content, self.auth)
        assert answer.status_code == 201, answer.text

    def session(self) -> requests.Session:
        return self.certificate.session()

    def index(self, session: requests.Session) -> Index:
        return project_index(session, self.nginx.https, self.project)

    def read(self, session: requests.Session) -> int:
        """Return the status of a read of the page."""
        return self.index(session).get("/simple/large/", self.auth).status_code


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("site")
    with ExitStack() as stack:
        stack.callback(forget, folder)
        nodes = Nodes(folder)
        stack.callback(nodes.stop)
        nodes.start()
        certificate = make_certificate(folder)
        nginx = Nginx(folder / "nginx", nodes.all, certificate)
        stack.callback(nginx.stop)
        nginx.await_answers()
        yield Site(nodes, nginx, certificate)


def test_files_over_a_megabyte_go_up_and_come_down_whole_and_in_parts(site: Site) -> None:
    with site.session() as session:
        index = site.index(session)
        [file] = index.files("large", site.auth)
        address = f"/files/{str(file['url']).rpartition('/files/')[2]}"
        whole = index.get(address, site.auth)
        assert sha256(whole.content).hexdigest() == sha256(site.content).hexdigest()
        part = index.get(address, site.auth, headers={"Range": "bytes=1000000-2000000"})
        assert (part.status_code, part.content) == (206, site.content[1_000_000:2_000_001])
        assert part.headers["Content-Range"] == f"bytes 1000000-2000000/{len(site.content)}"


def test_pages_keep_their_encoding_and_their_strong_etag(site: Site) -> None:
    with site.session() as session:
        index, headers = site.index(session), {**JSON, "Accept-Encoding": "gzip"}
        for version in ("1.0", "2.0", "3.0", "4.0"):  # so that it is worth compressing
            assert index.upload_wheel("several", site.auth, version).status_code == 201
        page = index.get("/simple/several/", site.auth, headers=headers)
        assert page.headers["Content-Encoding"] == "gzip"
        assert page.headers["ETag"].startswith('"')
        again = index.get(
            "/simple/several/",
            site.auth,
            headers={**headers, "If-None-Match": page.headers["ETag"]},
        )
        assert again.status_code == 304


def test_an_encoded_slash_stays_one(site: Site) -> None:
    with site.session() as session:
        path = quote(site.project.full_path, safe="")
        assert "%2F" in path
        index = project_index(session, site.nginx.https, path)
        assert index.get("/simple/large/", site.auth).status_code == 200


def test_the_nodes_know_the_client_and_its_scheme(site: Site) -> None:
    """What a client says of itself in the forwarding headers goes no further than nginx."""
    forged = {"X-Forwarded-For": "203.0.113.7", "X-Forwarded-Proto": "http", "X-Request-Id": "mine"}
    with _from("127.0.0.9", site) as pool:
        filename, content = build_wheel("addressed", "1.0")
        fields = {name: values[0] for name, values in upload_fields(filename, content).items()}
        secret = {"PRIVATE-TOKEN": site.auth[1]}
        base = f"/api/v4/projects/{site.project.id}/packages/pypi"
        answer = pool.request(
            "POST",
            base,
            fields={**fields, "content": (filename, content)},
            headers={**secret, **forged},
        )
        assert answer.status == 201, answer.data
        assert re.fullmatch("[0-9a-f]{32}", answer.headers["X-Request-Id"])  # nginx's own
        document = pool.request("GET", f"{base}/pypi/addressed/json", headers={**secret, **forged})
        assert f'"{site.nginx.https}/' in document.data.decode()
        assert pool.request("GET", "/-/metrics").status == 404
        assert pool.request("GET", "/-/health").status == 200
    assert site.nodes.registry.run(_last_address) == "127.0.0.9"


async def _last_address(machines: Machinery, _by: Caller) -> str | None:
    async with machines.db.read() as tx:
        events = [event async for event, _ in tx.audit.events()]
    return [event.address for event in events if "addressed" in repr(event)][-1]


@contextmanager
def _from(source: str, site: Site) -> Iterator[urllib3.HTTPSConnectionPool]:
    """Yield connections to nginx from another address of this machine."""
    parts = urlsplit(site.nginx.https)
    with urllib3.HTTPSConnectionPool(
        parts.hostname or "",
        parts.port,
        source_address=(source, 0),
        ca_certs=str(site.certificate.authority),
        timeout=60,
    ) as pool:
        yield pool


def test_plain_http_is_sent_to_https(site: Site) -> None:
    answer = requests.get(f"{site.nginx.http}/a%2Fb?c=d", allow_redirects=False, timeout=60)
    assert (answer.status_code, answer.headers["Location"]) == (308, "https://127.0.0.1/a%2Fb?c=d")


def test_an_upload_reaches_the_node_while_it_is_sent(site: Site) -> None:
    filename, content = build_wheel("slow", "1.0", files={"slow/data": os.urandom(400_000)})
    fields = {name: values[0] for name, values in upload_fields(filename, content).items()}
    body, kind = urllib3.encode_multipart_formdata({**fields, "content": (filename, content)})
    half = len(body) // 2
    connection = HTTPSConnection(
        urlsplit(site.nginx.https).netloc,
        timeout=60,
        context=ssl.create_default_context(cafile=site.certificate.authority),
    )
    connection.putrequest("POST", f"/api/v4/projects/{site.project.id}/packages/pypi")
    connection.putheader("PRIVATE-TOKEN", site.auth[1])
    connection.putheader("Content-Type", kind)
    connection.putheader("Content-Length", str(len(body)))
    connection.endheaders()
    connection.send(body[:half])
    _await(lambda: any(value(scrape(node.address), PROGRESS) == 2 for node in site.nodes.all))
    connection.send(body[half:])
    assert connection.getresponse().status == 201
    connection.close()


def _await(holds: Callable[[], bool], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def _await_reads(node: Server) -> None:
    """Wait until nginx has nodes answer again that it had passed over."""
    _await(lambda: _reads(node) > 0)


def _reads(node: Server) -> float:
    labels = {"method": "GET", "route": "{index}/simple/{name}/", "status": "200"}
    return value(scrape(node.address), "wheelyard_http_requests_total", **labels)


class Readers:
    """Threads that read a page through nginx, all the time, and note every status."""

    def __init__(self, site: Site, count: int = 3) -> None:
        self.statuses: list[int | str] = []
        self._site = site
        self._is_over = threading.Event()
        self._threads = [threading.Thread(target=self._read) for _ in range(count)]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        self.await_more()
        return self

    def __exit__(self, *_: object) -> None:
        self._is_over.set()
        for thread in self._threads:
            thread.join()

    def await_more(self, count: int = 50) -> None:
        """Wait until as many more reads have been answered."""
        wanted = len(self.statuses) + count
        _await(lambda: len(self.statuses) >= wanted)

    def _read(self) -> None:
        with self._site.session() as session:
            while not self._is_over.is_set():
                try:
                    self.statuses.append(self._site.read(session))
                except requests.RequestException as error:
                    self.statuses.append(repr(error))


def test_a_node_that_is_killed_is_not_noticed_by_who_reads(site: Site) -> None:
    with Readers(site) as readers:
        for node in site.nodes.all:
            node.kill()
            readers.await_more()
            node.start()
            _await_reads(node)
    assert set(readers.statuses) == {200}, site.nginx.log()


def test_an_upgrade_of_one_node_after_the_other_is_not_noticed(site: Site) -> None:
    with Readers(site) as readers:
        for number, node in enumerate(site.nodes.all):
            assert node.stop() == 0
            with site.session() as session:
                answer = site.index(session).upload_wheel("upgraded", site.auth, f"1.{number}")
                assert answer.status_code == 201, answer.text
            readers.await_more()
            node.start()
            _await_reads(node)
    assert set(readers.statuses) == {200}, site.nginx.log()
    with site.session() as session:
        versions = site.index(session).get("/simple/upgraded/", site.auth).json()["versions"]
    assert versions == ["1.0", "1.1"]
