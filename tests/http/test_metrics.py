"""`/-/metrics`: what moves when, over all workers; who may read it; what it does not tell."""

import os
import signal
from collections.abc import Callable
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests

from registry import Registry
from requesting import project_index
from running import Server
from scraping import Figures, await_figures, scrape, value
from wheelyard.domain.metrics import FAMILIES, Kind

StartServer = Callable[..., Server]

PAGE, FILE = "{index}/simple/{name}/", "{index}/files/{sha256}/{filename}"
UPLOADS = "/api/v4/projects/{id}/packages/pypi"
MODES = ("read", "write")

MOVED = [
    ("wheelyard_http_requests_total", {"method": "POST", "route": UPLOADS, "status": "201"}, 2),
    ("wheelyard_http_requests_total", {"method": "POST", "route": UPLOADS, "status": "400"}, 1),
    ("wheelyard_http_requests_total", {"method": "GET", "route": PAGE, "status": "200"}, 3),
    ("wheelyard_http_requests_total", {"method": "GET", "route": PAGE, "status": "304"}, 1),
    ("wheelyard_http_requests_total", {"method": "GET", "route": FILE, "status": "200"}, 2),
    ("wheelyard_http_requests_total", {"method": "GET", "route": FILE, "status": "206"}, 1),
    (
        "wheelyard_http_requests_total",
        {"method": "GET", "route": "/api/v4/projects/{id}", "status": "404"},
        1,
    ),
    (
        "wheelyard_http_requests_total",
        {"method": "GET", "route": "/users/sign_in", "status": "200"},
        1,
    ),
    ("wheelyard_http_request_duration_seconds_count", {"method": "GET", "route": PAGE}, 4),
    ("wheelyard_http_request_duration_seconds_count", {"method": "POST", "route": UPLOADS}, 3),
    ("wheelyard_index_reads_total", {"document": "page", "source": "stores"}, 1),
    ("wheelyard_index_reads_total", {"document": "page", "source": "memory"}, 3),
    ("wheelyard_index_reads_total", {"document": "file", "source": "stores"}, 2),
    ("wheelyard_index_reads_total", {"document": "file", "source": "memory"}, 1),
    ("wheelyard_uploads_total", {"result": "new"}, 1),
    ("wheelyard_uploads_total", {"result": "repeated"}, 1),
    ("wheelyard_uploads_total", {"result": "refused"}, 1),
    ("wheelyard_upload_rejections_total", {"code": "not-a-form"}, 1),
]


def use(server: Server, registry: Registry) -> tuple[int, int, list[str]]:
    """Do each thing that is counted; return the bytes of the pages and of the upload, and names."""
    project, secret = registry.publisher()
    auth = ("__token__", secret)
    with requests.Session() as session:  # one connection: one worker
        index = project_index(session, server.address, project)
        assert index.upload_wheel("secretpackage", auth).status_code == 201
        assert index.upload_wheel("secretpackage", auth).status_code == 201
        refused = session.post(index.base, auth=auth, data={":action": "file_upload"}, timeout=60)
        assert refused.status_code == 400
        pages = [index.get("/simple/secretpackage/", auth) for _ in range(3)]
        seen = {
            "If-None-Match": pages[0].headers["ETag"],
            "Accept": pages[0].headers["Content-Type"],
        }
        assert index.get("/simple/secretpackage/", auth, headers=seen).status_code == 304
        [file] = pages[0].json()["files"]
        address = f"/files/{file['url'].rpartition('/files/')[2]}"
        assert [index.get(address, auth).status_code for _ in range(2)] == [200, 200]
        assert index.get(address, auth, headers={"Range": "bytes=0-9"}).status_code == 206
        for path in ("/api/v4/projects/secretproject", "/users/sign_in"):
            session.get(server.address + path, timeout=60)
    page_bytes = sum(int(page.headers["Content-Length"]) for page in pages)
    return page_bytes, file["size"], ["secretpackage", "secretproject", project.full_path, secret]


def test_everything_that_is_done_is_counted_over_all_workers(start_server: StartServer) -> None:
    server = start_server("--workers", "2")
    registry, before = Registry(server.data), scrape(server.address)
    page_bytes, file_bytes, names = use(server, registry)

    def moved(figures: Figures, name: str, **labels: str) -> float:
        return value(figures, name, **labels) - value(before, name, **labels)

    after = await_figures(
        server.address,
        lambda figures: all(moved(figures, name, **labels) >= by for name, labels, by in MOVED),
    )
    for name, labels, by in MOVED:
        assert moved(after, name, **labels) == by, (name, labels)
    assert moved(after, "wheelyard_http_response_bytes_total", route=PAGE) == page_bytes
    assert moved(after, "wheelyard_http_response_bytes_total", route=FILE) == 2 * file_bytes + 10
    assert moved(after, "wheelyard_uploaded_bytes_total") == 2 * file_bytes
    for mode in MODES:
        for name in ("wheelyard_database_transaction_seconds", "wheelyard_database_wait_seconds"):
            assert moved(after, f"{name}_count", mode=mode) > 0
            assert moved(after, f"{name}_sum", mode=mode) > 0
    for operation in ("put", "read"):
        assert moved(after, "wheelyard_store_operation_seconds_count", operation=operation) > 0
    await_figures(server.address, is_quiet)
    exposed = requests.get(f"{server.address}/-/metrics", timeout=60).text
    assert not [name for name in names if name in exposed]


def is_quiet(figures: Figures) -> bool:
    """Tell whether nothing is done but what asks, which a moment may be too early for."""
    waiting = [value(figures, "wheelyard_database_queue_length", mode=mode) for mode in MODES]
    progress = value(figures, "wheelyard_http_requests_in_progress")
    return (waiting, progress, value(figures, "wheelyard_workers")) == ([0, 0], 1, 2)


def worker_holding(server: Server, connection: HTTPConnection) -> int:
    """Return which worker has the connection, by the files it holds open."""
    local = connection.sock.getsockname()[1]
    [inode] = [
        line.split()[9]
        for line in Path("/proc/net/tcp").read_text().splitlines()[1:]
        if line.split()[2].endswith(f":{local:04X}") and line.split()[3] == "01"
    ]
    for pid in server.worker_pids:
        for descriptor in Path(f"/proc/{pid}/fd").iterdir():
            if descriptor.is_symlink() and str(descriptor.readlink()) == f"socket:[{inode}]":
                return pid
    raise AssertionError("no worker has it")


def test_a_worker_that_dies_takes_no_figures_along_and_leaves_no_gauge(
    start_server: StartServer,
) -> None:
    server = start_server("--workers", "2")
    registry = Registry(server.data)
    project, secret = registry.publisher()
    health = {"method": "GET", "route": "/-/health", "status": "200"}
    for _ in range(20):
        requests.get(f"{server.address}/-/health", timeout=60)
    await_figures(
        server.address, lambda all_: value(all_, "wheelyard_http_requests_total", **health) == 20
    )
    connection = HTTPConnection(urlsplit(server.address).netloc, timeout=60)
    connection.putrequest("POST", f"/api/v4/projects/{project.id}/packages/pypi")
    connection.putheader("PRIVATE-TOKEN", secret)
    connection.putheader("Content-Type", "multipart/form-data; boundary=x")
    connection.putheader("Content-Length", "1000")
    connection.endheaders()  # and then nothing: the request is in progress
    progress = "wheelyard_http_requests_in_progress"
    await_figures(server.address, lambda all_: value(all_, progress) == 2)
    os.kill(worker_holding(server, connection), signal.SIGKILL)
    after = await_figures(
        server.address,
        lambda all_: value(all_, progress) == 1 and value(all_, "wheelyard_workers") == 2,
    )
    assert value(after, "wheelyard_http_requests_total", **health) == 20
    connection.close()
    assert server.stop() == 0
    server.start()  # a server that starts counts from nothing
    assert value(scrape(server.address), "wheelyard_http_requests_total", **health) == 0


def ask(server: Server, source: str = "127.0.0.1", **headers: str) -> HTTPResponse:
    """Ask for the figures from one of this machine's addresses."""
    host, port = urlsplit(server.address).netloc.split(":")
    connection = HTTPConnection(host, int(port), timeout=60, source_address=(source, 0))
    named = {name.replace("_", "-"): text for name, text in headers.items()}
    connection.request("GET", "/-/metrics", headers=named)
    response = connection.getresponse()
    response.read()
    connection.close()
    return response


def test_only_this_machine_may_read_them_at_first(server: Server) -> None:
    assert ask(server).status == 200
    # Behind a proxy that nobody has declared, everybody seems to be this machine.
    for header in ("X_Forwarded_For", "X_Real_IP", "Forwarded", "Via", "X_Forwarded_Proto"):
        assert ask(server, **{header: "127.0.0.1"}).status == 404


def test_networks_and_administrators(start_server: StartServer) -> None:
    environment = {
        "WHEELYARD_METRICS_FROM": "203.0.113.0/24",
        "WHEELYARD_TRUSTED_PROXIES": "127.0.0.2",
    }
    server = start_server(environment=environment)
    registry = Registry(server.data)
    admin, user = registry.user(is_admin=True), registry.user()
    assert ask(server).status == 404
    assert ask(server, X_Forwarded_For="203.0.113.9").status == 404  # says who?
    assert ask(server, "127.0.0.2", X_Forwarded_For="203.0.113.9").status == 200
    assert ask(server, "127.0.0.2", X_Forwarded_For="203.0.113.9, 198.51.100.1").status == 404
    assert ask(server, "127.0.0.2").status == 404
    for secret, status in (
        (registry.token(admin, "read_api"), 200),
        (registry.token(admin, "api"), 200),
        (registry.token(admin, "read_user"), 404),
        (registry.token(user, "api"), 404),
        ("glpat-nobodys", 404),
    ):
        assert ask(server, Authorization=f"Bearer {secret}").status == status
    revoked = registry.new_token(admin, "api")
    registry.revoke(revoked.token)
    assert ask(server, Authorization=f"Bearer {revoked.secret}").status == 404


@pytest.mark.parametrize("accept", ["", "application/openmetrics-text; version=1.0.0"])
def test_both_forms_name_every_metric(server: Server, accept: str) -> None:
    answer = requests.get(f"{server.address}/-/metrics", headers={"Accept": accept}, timeout=60)
    assert answer.headers["Content-Type"].startswith(accept.partition(";")[0] or "text/plain")
    for family in FAMILIES:
        is_total = family.kind is Kind.COUNTER and not accept
        assert f"# TYPE {family.name}{'_total' if is_total else ''} {family.kind}\n" in answer.text
