"""Addresses: projects and groups at their full paths, in any case and depth, and nothing else."""

import pytest

from registry import Registry, fresh
from requesting import send_raw
from running import Server
from visiting import Visitor


def test_places_are_found_in_any_case_and_depth(visitor: Visitor, registry: Registry) -> None:
    top = registry.group(fresh("Top"), "public")
    registry.group(f"{top.full_path}/Mid", "public")
    registry.group(f"{top.full_path}/Mid/Low", "public")
    project = registry.project(f"{top.full_path}/Mid/Low/My.Project-1", "public")
    for path in (project.full_path, project.full_path.upper(), project.full_path.lower() + "/"):
        page = visitor.get(f"/{path}")
        assert (page.status, page.heading) == (200, "My.Project-1 Public"), path
    links = page.links()
    assert links["Mid"] == f"/{top.full_path}/Mid"
    assert links["Low"] == f"/{top.full_path}/Mid/Low"
    group = visitor.get(f"/{top.full_path}/mid")
    assert group.heading.startswith("Mid")
    assert group.links()["Low"] == f"/{top.full_path}/Mid/Low"


@pytest.mark.parametrize(
    "path",
    [
        *("//", "//evil.example/", "/%2F", "/..", "/a/../b", "/%2e%2e/x", "/a%2Fb", "/%25", "/%ff"),
        *("/a%00", "/a%0d%0aSet-Cookie:x", "/-/", "/-/packages", "/x/-/packages/-/packages"),
        *("/" + "a/" * 2000, "/%F0%9F%A7%80", "/a//b", "/ ", "/\\evil.example", "/a;b", "/a?%zz=%"),
    ],
)
def test_strange_paths(server: Server, visitor: Visitor, path: str) -> None:
    page = visitor.get(path if not path.startswith("//") else f"{visitor.address}{path}")
    assert page.status in {200, 404}
    raw = path.replace(" ", "%20").encode()
    for accept in (b"text/html", b"*/*"):
        answer = send_raw(server.address, raw, headers={b"Accept": accept})
        assert answer.status in {302, 303, 404}
        location = answer.headers.get("location", "/")
        assert location.startswith("/users/sign_in") or location == "/"


def test_an_encoded_slash_is_no_other_spelling(visitor: Visitor, registry: Registry) -> None:
    project = registry.project(visibility="public")
    assert visitor.get(f"/{project.full_path}").status == 200
    assert visitor.get(f"/{project.full_path.replace('/', '%2F')}").status == 404


@pytest.mark.parametrize("host", [b"[", b"a b", b"", b"evil.example:99999", b"\xff", b"a/b@c"])
def test_strange_hosts(server: Server, host: bytes) -> None:
    for path in (b"/", b"/users/sign_in", b"/projects/new", b"/not/there"):
        answer = send_raw(server.address, path, headers={b"Host": host, b"Accept": b"text/html"})
        assert answer.status in {200, 302, 303, 400}


@pytest.mark.parametrize(
    "cookie",
    [
        *(b"wheelyard_session=", b"wheelyard_session", b"=", b";;;", b"wheelyard_session=\xff\xfe"),
        *(b"wheelyard_session=%00", b"wheelyard_theme=x; wheelyard_flash=danger.%%%", b"a" * 5000),
        *(b"wheelyard_flash=x.AAAA", b"wheelyard_flash=info._w", b'wheelyard_visit="\xe9"'),
    ],
)
def test_strange_cookies(server: Server, cookie: bytes) -> None:
    for path in (b"/users/sign_in", b"/projects/new"):
        answer = send_raw(
            server.address, path, headers={b"Cookie": cookie, b"Accept": b"text/html"}
        )
        assert answer.status in {200, 302}
