"""The session of a browser as a credential of the REST API: as in GitLab, and nowhere else."""

from collections.abc import Callable

import pytest
import requests

from people import People
from registry import Registry, fresh
from requesting import TIMEOUT_SECONDS, open_session, project_index
from running import Server
from visiting import SESSION_COOKIE, open_for
from wheelyard.actions.users import set_blocked
from wheelyard.domain.models.users import User
from wheelyard.http.csrf import csrf_token


@pytest.fixture
def user(registry: Registry) -> User:
    return registry.user()


@pytest.fixture
def secret(registry: Registry, user: User) -> str:
    return open_for(registry, user)


@pytest.fixture
def send(server: Server, secret: str) -> Callable[..., requests.Response]:
    """Send a request with the user's cookie, from an address of its own."""
    session = open_session()
    session.cookies.set(SESSION_COOKIE, secret)

    def sent(method: str, path: str, **options: object) -> requests.Response:
        address = f"{server.address}/api/v4{path}"
        return session.request(method, address, timeout=TIMEOUT_SECONDS, **options)  # type: ignore[arg-type]  # what requests takes

    return sent


def test_reading(send: Callable[..., requests.Response], user: User, registry: Registry) -> None:
    project = registry.project(f"{user.username}/mine")
    assert send("GET", "/user").json()["username"] == user.username
    assert send("GET", f"/projects/{project.id}").json()["path"] == "mine"
    assert send("GET", "/personal_access_tokens/self").status_code == 401, "it is no token"


def test_writing_needs_the_token_of_our_own_pages(
    send: Callable[..., requests.Response], user: User, secret: str, registry: Registry
) -> None:
    def post(**headers: str) -> int:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return send("POST", "/projects", json={"name": fresh("p")}, headers=named).status_code

    right = csrf_token(secret)
    assert post() == 401
    assert post(X_CSRF_Token="") == 401
    assert post(X_CSRF_Token=csrf_token(open_for(registry, user))) == 401, "of another browser"
    assert post(X_CSRF_Token=right, Origin="https://evil.example") == 401
    assert post(X_CSRF_Token=right, Sec_Fetch_Site="cross-site") == 401
    assert post(X_CSRF_Token=right) == 201
    for method in ("PUT", "DELETE"):
        project = registry.project(f"{user.username}/{fresh('p')}")
        path = f"/projects/{project.id}"
        assert send(method, path, json={"name": "x"}).status_code == 401, "as nobody"
        headers = {"X-CSRF-Token": right}
        assert send(method, path, json={"name": "x"}, headers=headers).status_code in {200, 202}


def test_a_token_goes_before_the_session(
    send: Callable[..., requests.Response], server: Server, registry: Registry
) -> None:
    other = People(server.address, registry).new("read_api")
    shown = send("GET", "/user", headers=other.headers)
    assert shown.json()["username"] == other.user.username
    refused = send("POST", "/projects", json={"name": "x"}, headers=other.headers)
    assert refused.status_code == 403, "the token's scopes count"
    assert send("GET", "/user", headers={"PRIVATE-TOKEN": "glpat-wrong"}).status_code == 401


def test_a_session_that_has_ended(
    send: Callable[..., requests.Response], user: User, registry: Registry
) -> None:
    assert send("GET", "/user").status_code == 200
    registry.run(lambda machines, by: set_blocked(machines.db, by, user.id, is_blocked=True))
    assert send("GET", "/user").status_code == 401


def test_the_index_and_uploads_do_not_take_it(
    server: Server, user: User, secret: str, registry: Registry
) -> None:
    """Any page on the web can make a browser ask for those, and they need no token of ours."""
    project, name = registry.project(f"{user.username}/mine"), fresh("only-mine")
    index = project_index(open_session(), server.address, project)
    owner = ("x", registry.token(user))
    assert index.upload_wheel(name, owner).status_code == 201
    url = str(index.files(name, owner)[0]["url"])
    file = "/files/" + url.partition("/files/")[2]
    assert index.get(file, owner).status_code == 200
    index.session.cookies.set(SESSION_COOKIE, secret)
    index.session.headers["X-CSRF-Token"] = csrf_token(secret)
    assert index.get().status_code == 401
    assert index.get(f"/simple/{name}/").status_code == 401
    assert index.get(f"/pypi/{name}/json").status_code == 401
    assert index.get(file).status_code == 401
    assert index.upload_wheel("other").status_code == 401
    api = f"{server.address}/api/v4"
    group = f"/groups/{project.namespace_id}/-/packages/pypi/simple/"
    for path in (group, "/packages/pypi/simple/"):
        answer = index.session.get(api + path, timeout=TIMEOUT_SECONDS)
        assert name not in answer.text, path


def test_the_audit_knows_who_it_was(
    send: Callable[..., requests.Response],
    server: Server,
    user: User,
    secret: str,
    registry: Registry,
) -> None:
    headers = {"X-CSRF-Token": csrf_token(secret)}
    made = send("POST", "/projects", json={"name": fresh("p")}, headers=headers).json()
    admin = People(server.address, registry).new(is_admin=True)
    events = admin.get(f"/projects/{made['id']}/audit_events")
    assert [(event["author_id"], event["event_name"]) for event in events] == [
        (user.id, "project_created")
    ]
