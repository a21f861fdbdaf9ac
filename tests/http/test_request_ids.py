"""Request ids: on every answer, in every log line of the request, and in the body of a 5xx."""

import json
import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any

import pytest
import requests

from distributions import build_wheel
from registry import Registry
from requesting import project_index, send_raw
from running import Server
from stores import touches_the_disk
from wheelyard.domain.errors import Reason, Refused
from wheelyard.http.asgi import App, Message, Receive, Scope, Send
from wheelyard.http.middleware.failures import Failures
from wheelyard.http.middleware.identified import Identified
from wheelyard.http.middleware.proxies import Proxies
from wheelyard.http.request_ids import RequestIds
from wheelyard.http.rest.api import build_api
from wheelyard.http.web.errors import ErrorPages

OUR_ID = re.compile(r"[0-9a-f]{12}-[0-9a-f]+")
HEADER = "X-Request-Id"

StartServer = Callable[..., Server]


def sent_id(server: Server, path: str, value: str) -> str:
    """Return the id of the answer to a request that brings one."""
    answer = send_raw(
        server.address, path.encode(), headers={HEADER.encode(): value.encode("latin-1")}
    )
    return answer.headers[HEADER.lower()]


def test_every_answer_has_an_id_of_its_own(
    server: Server, registry: Registry, session: requests.Session
) -> None:
    project, secret = registry.publisher()
    auth = ("__token__", secret)
    index = project_index(session, server.address, project)
    answers = [index.upload_wheel("identified", auth)]
    [file] = index.files("identified", auth)
    address = f"/files/{str(file['url']).rpartition('/files/')[2]}"
    answers += [index.get("/simple/identified/", auth) for _ in range(3)]  # the last from memory
    answers += [index.get(address, auth) for _ in range(3)]
    answers += [
        index.get("/simple/identified/", auth, method="HEAD"),
        index.get(address, auth, headers={"Range": "bytes=0-3"}),
        index.get(
            "/simple/identified/", auth, headers={"If-None-Match": answers[3].headers["ETag"]}
        ),
        index.get("/simple/unknown/", auth),
        index.get(),
        index.get("/simple/Identified/", auth),
        *(
            session.get(server.address + path, timeout=60)
            for path in (
                "/-/health",
                "/-/readiness",
                "/api/v4/version",
                "/api/v4/nothing",
                "/users/sign_in",
                "/static/web/wheelyard.css",
                "/nothing/at/all",
            )
        ),
    ]
    ids = [answer.headers[HEADER] for answer in answers]
    assert all(map(OUR_ID.fullmatch, ids))
    assert len(set(ids)) == len(ids)
    assert {answer.status_code for answer in answers} >= {200, 201, 206, 301, 401, 404}


def test_ids_of_strangers_are_not_taken_over(server: Server) -> None:
    assert OUR_ID.fullmatch(sent_id(server, "/-/health", "mine"))


def test_ids_of_a_trusted_proxy_are(start_server: StartServer) -> None:
    server = start_server(environment={"WHEELYARD_TRUSTED_PROXIES": "127.0.0.0/8"})
    registry = Registry(server.data)
    project, secret = registry.publisher(visibility="public")
    with requests.Session() as session:
        index = project_index(session, server.address, project)
        assert index.upload_wheel("pkg", ("__token__", secret)).status_code == 201
    page = f"/api/v4/projects/{project.id}/packages/pypi/simple/pkg/"
    for number in range(3):  # from the database, then from memory
        given = f"4bf92f35-77b3-{number}"
        assert sent_id(server, page, given) == given
    assert sent_id(server, "/-/health", "Root=1-6789/x@y:z+1_2.3") == "Root=1-6789/x@y:z+1_2.3"
    for bad in ("", "a b", 'a"b', "<i>", "é", "x" * 129):
        for path in ("/-/health", page):
            assert OUR_ID.fullmatch(sent_id(server, path, bad)), bad


def log_entries(server: Server, event: str) -> Iterator[dict[str, Any]]:
    for line in server.output.read_text().splitlines():
        if line.startswith("{") and (entry := json.loads(line))["event"] == event:
            yield entry


def test_log_lines_of_requests_at_the_same_time_have_their_own_ids(
    start_server: StartServer,
) -> None:
    environment = {"WHEELYARD_ACCESS_LOG": "true", "WHEELYARD_TRUSTED_PROXIES": "127.0.0.0/8"}
    server = start_server(environment=environment)
    project, secret = Registry(server.data).publisher()
    with requests.Session() as session, ThreadPoolExecutor(6) as pool:
        index = project_index(session, server.address, project)

        def publish(number: int) -> tuple[str, str]:
            wheel = build_wheel(f"pkg{number}", "1.0")
            headers = {HEADER: f"proxy-{number}", "X-Forwarded-For": "203.0.113.7"}
            answer = index.upload(*wheel, ("__token__", secret), headers=headers)
            assert answer.status_code == 201, answer.text
            return wheel[0], answer.headers[HEADER]

        published = dict(pool.map(publish, range(12)))
        ours = [index.get("/simple/pkg1/", ("__token__", secret)) for _ in range(3)]
    assert server.stop() == 0
    assert set(published.values()) == {f"proxy-{number}" for number in range(12)}
    logged = {
        entry["filename"]: entry["request_id"] for entry in log_entries(server, "file published")
    }
    assert logged == published
    by_id = {entry["request_id"]: entry for entry in log_entries(server, "request")}
    assert set(by_id) == {*published.values(), *(answer.headers[HEADER] for answer in ours)}
    assert {entry["address"] for entry in by_id.values()} == {"203.0.113.7", "127.0.0.1"}


@touches_the_disk
def test_a_file_that_is_lost_is_a_503_with_its_id(
    start_server: StartServer,
) -> None:
    server = start_server()
    project, secret = Registry(server.data).publisher()
    with requests.Session() as session:
        index = project_index(session, server.address, project)
        assert index.upload_wheel("pkg", ("__token__", secret)).status_code == 201
        for path in (server.data / "blobs").rglob("*"):
            if path.is_file():
                path.unlink()
        [file] = index.files("pkg", ("__token__", secret))
        address = f"/files/{str(file['url']).rpartition('/files/')[2]}"
        answer = index.get(address, ("__token__", secret))
    assert answer.status_code == 503
    assert answer.json()["request_id"] == answer.headers[HEADER]


async def answered(app: App, path: str = "/x", accept: str = "*/*") -> tuple[Message, bytes]:
    """Return the start and the body of the answer of `app`, with an id around it."""
    sent: list[Message] = []

    async def keep(message: Message) -> None:
        sent.append(message)

    async def nothing() -> Message:
        return {"type": "http.request", "body": b""}

    scope: dict[str, Any] = {
        "type": "http",
        "method": "GET",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "scheme": "http",
        "headers": [(b"accept", accept.encode())],
        "client": ("127.0.0.1", 1),
    }
    await Identified(app, RequestIds(Proxies(())))(scope, nothing, keep)
    return sent[0], b"".join(message.get("body", b"") for message in sent)


def failing(error: Exception) -> App:
    async def fail(_scope: Scope, _receive: Receive, _send: Send) -> None:
        raise error

    return fail


RESTING = Refused(Reason.UNAVAILABLE, "The database rests.", retry_after_seconds=7)


@pytest.mark.parametrize(("error", "status"), [(LookupError("a bug"), 500), (RESTING, 503)])
async def test_what_fails_shows_its_id_as_json_and_as_a_page(error: Exception, status: int) -> None:
    services: Any = type("NoServices", (), {"external_url": None})()
    pages = ErrorPages(failing(error), services)
    for app, accept in ((Failures(failing(error)), "*/*"), (Failures(pages), "text/html")):
        start, body = await answered(app, accept=accept)
        assert start["status"] == status
        request_id = dict(start["headers"])[b"x-request-id"]
        assert request_id in body
        if accept != "text/html":
            assert json.loads(body)["request_id"] == request_id.decode()


async def test_a_bug_behind_the_rest_api_is_told_in_json_with_its_id() -> None:
    def clock() -> datetime:
        raise LookupError("a bug")

    services: Any = type("Services", (), {"clock": staticmethod(clock)})()
    api = build_api(services)

    async def noting(scope: Scope, receive: Receive, send: Send) -> None:
        with pytest.raises(LookupError):  # which the log is told of, behind the answer
            await api(scope, receive, send)

    start, body = await answered(noting, "/projects/1")
    assert start["status"] == 500
    assert json.loads(body)["request_id"].encode() == dict(start["headers"])[b"x-request-id"]


async def test_refusals_that_are_not_our_fault_show_none() -> None:
    start, body = await answered(Failures(failing(Refused(Reason.FORBIDDEN, "403 Forbidden"))))
    assert start["status"] == 403
    assert b"request_id" not in body
