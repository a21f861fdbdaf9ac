"""Methods beside those that `openapi.json` lists: HEAD, and what `Allow` says of the others."""

import pytest
import requests

from people import People


@pytest.mark.parametrize("path", ["/projects?per_page=1", "/projects/0", "/user", "/openapi.json"])
def test_head_is_get_without_content(people: People, path: str) -> None:
    person = people.new()
    people.registry.project(visibility="public")
    got, head = (
        requests.request(method, people.api + path, headers=person.headers, timeout=30)
        for method in ("GET", "HEAD")
    )
    assert head.status_code == got.status_code
    assert head.content == b""
    same = {name for name in got.headers if name not in {"date", "x-request-id"}}
    assert "content-length" in same
    assert {name: head.headers[name] for name in same} == {name: got.headers[name] for name in same}


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("PATCH", "/projects", "GET, HEAD, POST"),
        ("OPTIONS", "/projects/1", "DELETE, GET, HEAD, PUT"),
        ("HEAD", "/users/1/block", "POST"),
        ("GET", "/users/1/block", "POST"),
        ("GET", "/projects/1/packages/protection/rules/1", "DELETE, PATCH"),
        ("POST", "/openapi.json", "GET, HEAD"),
    ],
)
def test_a_405_names_every_method_there_is(
    people: People, method: str, path: str, allowed: str
) -> None:
    answer = requests.request(method, people.api + path, timeout=30)
    assert (answer.status_code, answer.headers["Allow"]) == (405, allowed)
