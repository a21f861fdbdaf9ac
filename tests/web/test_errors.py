"""Errors in the pages' own style for browsers, and as they were for programs."""

import asyncio
from typing import Any

import pytest
import requests

from registry import Registry
from requesting import send_raw
from running import Server
from visiting import Visitor
from wheelyard.domain.errors import Reason, Refused
from wheelyard.http.asgi import Message, Receive, Scope, Send
from wheelyard.http.web.errors import ErrorPages


def test_what_is_private_and_what_is_not_there_are_alike_to_strangers(
    stranger: Visitor, registry: Registry
) -> None:
    project = registry.project(visibility="private")
    group = registry.group(visibility="private")
    for path in (project.full_path, group.full_path, registry.user().username):
        for suffix in ("", "/-/packages", "?tab=x"):
            known = stranger.get(f"/{path}{suffix}")
            unknown = stranger.get(f"/{path}x{suffix}")
            assert (known.status, unknown.status) == (302, 302)
            assert known.location.startswith("/users/sign_in?redirect_to=")
            assert unknown.location.replace("x", "") == known.location.replace("x", "")


def test_what_is_private_and_what_is_not_there_are_alike_to_others(
    visitor: Visitor, registry: Registry
) -> None:
    project = registry.project(visibility="private")
    group = registry.group(visibility="private")
    for path in (project.full_path, group.full_path):
        for suffix in ("", "/-/packages"):
            known, unknown = visitor.get(f"/{path}{suffix}"), visitor.get(f"/{path}x{suffix}")
            assert (known.status, known.heading) == (404, "Not Found")
            assert (known.status, known.answer.text) == (unknown.status, unknown.answer.text)


@pytest.mark.parametrize("accept", ["*/*", "application/json", ""])
def test_programs_get_json(server: Server, registry: Registry, accept: str) -> None:
    project = registry.project(visibility="private")
    for path in (
        "/not/there",
        f"/{project.full_path}",
        "/a%00b",
        "/static/nothing.css",
        "/simple/",
    ):
        answer = send_raw(server.address, path.encode(), headers={b"Accept": accept.encode()})
        sentence = "404 Not Found"
        assert answer.status == 404
        assert answer.headers["content-type"] == "application/json"
        assert answer.body == f'{{"error":"{sentence}","message":"{sentence}"}}'.encode()


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"])
def test_other_methods_find_nothing(visitor: Visitor, method: str) -> None:
    address = f"{visitor.address}/not/there"
    status = visitor.session.request(method, address, timeout=30).status_code
    assert status == (404 if method == "OPTIONS" else 403), "a form without a token comes first"


def test_the_rest_api_and_the_index_keep_their_errors(server: Server, registry: Registry) -> None:
    project = registry.project(visibility="private")
    accept = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
    expected = {
        "/api/v4/nothing": (404, "application/json"),
        f"/api/v4/projects/{project.id}": (404, "application/json"),
        f"/api/v4/projects/{project.id}/packages/pypi/simple/": (401, "application/problem+json"),
        "/api/v4/packages/pypi/simple/x/": (401, "application/problem+json"),
        "/-/health": (200, "text/plain; charset=utf-8"),
        "/-/help/upload-checks": (200, "text/html; charset=utf-8"),
    }
    for path, (status, content_type) in expected.items():
        answer = requests.get(server.address + path, headers=accept, timeout=30)
        assert (answer.status_code, answer.headers["Content-Type"]) == (status, content_type), path
    assert (
        requests.post(f"{server.address}/-/health", headers=accept, timeout=30).status_code == 405
    )


def test_htmx_is_led_to_the_sign_in_as_a_whole_page(stranger: Visitor) -> None:
    page = stranger.get("/projects/new", HX_Request="true", Accept="*/*")
    assert (page.status, page.answer.headers["HX-Redirect"]) == (
        200,
        "/users/sign_in?redirect_to=%2Fprojects%2Fnew",
    )


async def answered(error: Exception, accept: str = "text/html") -> list[Message]:
    """Return what a browser is sent when a page fails so."""

    async def failing(_scope: Scope, _receive: Receive, _send: Send) -> None:
        raise error

    sent: list[Message] = []

    async def keep(message: Message) -> None:
        await asyncio.sleep(0)
        sent.append(message)

    async def nothing() -> Message:
        return {"type": "http.disconnect"}

    scope: dict[str, Any] = {
        "type": "http",
        "method": "GET",
        "path": "/x",
        "raw_path": b"/x",
        "query_string": b"",
        "scheme": "http",
        "headers": [(b"accept", accept.encode())],
    }
    services: Any = type("NoServices", (), {"external_url": None})()
    await ErrorPages(failing, services)(scope, nothing, keep)
    return sent


async def test_a_bug_is_a_page_that_says_nothing_of_it() -> None:
    start, body = await answered(LookupError("secret detail"))
    assert start["status"] == 500
    assert b"Something went wrong" in body["body"]
    assert b"secret detail" not in body["body"]
    with pytest.raises(LookupError):
        await answered(LookupError(), accept="*/*")


async def test_a_refusal_keeps_its_sentence_and_its_headers() -> None:
    refused = Refused(Reason.UNAVAILABLE, "The <database> rests.", retry_after_seconds=7)
    start, body = await answered(refused)
    assert start["status"] == 503
    assert (b"retry-after", b"7") in start["headers"]
    assert b"The &lt;database&gt; rests." in body["body"]
    start, body = await answered(Refused(Reason.FORBIDDEN, "403 Forbidden - Not you."))
    assert (start["status"], b"Not you." in body["body"]) == (403, True)
