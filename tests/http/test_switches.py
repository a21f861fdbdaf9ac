"""The two switches: packages of the whole instance, and of one project; and the way back."""

from collections.abc import Callable

import pytest
import requests

from distributions import build_wheel
from registry import Registry
from requesting import Index, group_index, project_index
from running import Server

FILENAME, CONTENT = build_wheel("switched", "1.0")


def every_answer(project: Index, group: Index, secret: str | None) -> list[requests.Response]:
    """Ask for everything that there is, and publish."""
    auth = None if secret is None else ("x", secret)
    url = project.files("switched", auth)
    rest = str(url[0]["url"]).removeprefix("../..") if url else f"/files/{'0' * 64}/{FILENAME}"
    reads = ["/simple/", "/simple/switched/", rest, f"{rest}.metadata", "/simple", "/simple/Any"]
    return [
        *(index.get(read, auth) for index in (project, group) for read in reads),
        project.upload(FILENAME, CONTENT, auth),
    ]


def test_off_for_the_instance(
    start_server: Callable[..., Server], session: requests.Session
) -> None:
    server = start_server()
    registry = Registry(server.data)
    project, secret = registry.publisher("public")
    index = project_index(session, server.address, project)
    group = group_index(session, server.address, project.full_path.split("/")[0])
    root = registry.token(registry.user(is_admin=True))
    assert index.upload(FILENAME, CONTENT, ("x", secret)).status_code == 201

    registry.setting("packages_enabled", "false")
    bodies = set()
    for caller in (None, "wrong", secret, root):
        for answer in every_answer(index, group, caller):
            assert answer.status_code == 404, answer.url
            bodies.add(answer.content)
    assert len(bodies) == 1
    assert index.get("/simple/", ("gitlab-ci-token", "x")).status_code == 404
    assert project_index(session, server.address, 10**9).get().status_code == 404

    registry.setting("packages_enabled", "true")
    assert len(index.files("switched")) == 1
    assert index.upload(FILENAME, CONTENT, ("x", secret)).status_code == 201


def test_off_for_a_project(server: Server, registry: Registry, session: requests.Session) -> None:
    project, secret = registry.publisher()
    index = project_index(session, server.address, project)
    auth = ("x", secret)
    assert index.upload(FILENAME, CONTENT, auth).status_code == 201
    [before] = index.files("switched", auth)
    rest = str(before["url"]).removeprefix("../..")

    registry.configure(project, "packages_enabled", "false")
    for read in ("/simple/", "/simple/switched/", rest, f"{rest}.metadata", "/simple/absent/"):
        answer = index.get(read, auth)
        assert answer.status_code == 403
        assert "switched off" in answer.json()["message"]
        assert index.get(read).status_code == 401
    answer = index.upload(FILENAME, CONTENT, auth)
    assert (answer.status_code, "switched off" in answer.json()["message"]) == (403, True)

    registry.configure(project, "packages_enabled", "true")
    assert index.files("switched", auth) == [before]
    assert index.get(rest, auth).content == CONTENT
    assert index.upload_wheel("again", auth).status_code == 201


@pytest.mark.parametrize("level", ["private", "public"])
def test_switching_on_keeps_an_access_level_that_is_on(
    server: Server, registry: Registry, session: requests.Session, level: str
) -> None:
    project, _ = registry.publisher("private")
    registry.configure(project, "package_registry_access_level", level)
    registry.configure(project, "packages_enabled", "true")
    anonymous = project_index(session, server.address, project).get()
    assert anonymous.status_code == (200 if level == "public" else 401)


def test_visibility_holds_from_the_next_request(
    server: Server, registry: Registry, session: requests.Session
) -> None:
    project, secret = registry.publisher("public")
    index = project_index(session, server.address, project)
    assert index.upload(FILENAME, CONTENT, ("x", secret)).status_code == 201
    [file] = index.files("switched")
    rest = str(file["url"]).removeprefix("../..")
    for _ in range(3):
        assert index.get(rest).content == CONTENT
    registry.configure(project, "visibility", "private")
    assert [index.get(read).status_code for read in ("/simple/", rest)] == [401, 401]
    assert index.get(rest, ("x", secret)).headers["Cache-Control"].startswith("private")
    registry.configure(project, "visibility", "public")
    assert [index.get(read).status_code for read in ("/simple/", rest)] == [200, 200]
