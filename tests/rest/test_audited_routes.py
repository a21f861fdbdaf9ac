"""Every route that writes leaves an audit event: a new one without an entry here fails.

Each entry prepares what its route needs and says what is sent; the path's parameters, the body
and who sends it (an administrator, unless it says otherwise).
"""

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
import requests

from days import in_days
from described import Description
from distributions import build_wheel
from people import People, Person
from publications import publish
from registry import fresh
from running import Server
from uploading import upload

DEFAULT_MAX_FILE_SIZE_BYTES = 50 * 1024 * 1024  # other tests use this server as well
TOKEN = {"name": "t", "scopes": ["read_api"]}
ACCESS_TOKEN = {**TOKEN, "access_level": 30}
DEPLOY_TOKEN = {"name": "t", "scopes": ["read_package_registry"]}
RULE = {"package_name_pattern": "a*", "package_type": "pypi"} | {
    "minimum_access_level_for_push": "owner"
}


@dataclass(frozen=True)
class Sent:
    """A request to a route: the values of its path's parameters, its body, another sender."""

    ids: dict[str, Any] = field(default_factory=dict)
    body: dict[str, Any] = field(default_factory=dict)
    headers: dict[str, str] | None = None


class Place:
    """A registry in which an administrator makes whatever a route needs."""

    def __init__(self, people: People, admin: Person) -> None:
        self.people = people
        self.admin = admin
        self._numbers = itertools.count(1)

    def make(self, path: str, /, **body: Any) -> dict[str, Any]:
        """Create something by POST and return it."""
        answer = requests.post(
            self.people.api + path, json=body, headers=self.admin.headers, timeout=30
        )
        answer.raise_for_status()
        made: dict[str, Any] = answer.json()
        return made

    def user(self) -> int:
        return int(self.make("/users", username=fresh("made"))["id"])

    def group(self) -> int:
        path = fresh("made")
        return int(self.make("/groups", name=path, path=path)["id"])

    def project(self) -> int:
        return int(self.make("/projects", name=fresh("made"), namespace_id=self.group())["id"])

    def place(self, kind: str) -> int:
        return self.group() if kind == "groups" else self.project()

    def packages(self, *names: str) -> tuple[int, list[int]]:
        """Make a project with a package of each name; return its id and theirs."""
        project_id = self.project()
        project = self.people.registry.run(lambda machines, _by: _project(machines, project_id))
        publish(self.people.address, project, self.admin, *((name, "1.0") for name in names))
        lazy = self.admin.gitlab.projects.get(project_id, lazy=True)
        return project_id, [package.id for package in lazy.packages.list(get_all=True)]

    def file(self) -> dict[str, Any]:
        """Make a package and return the parameters that lead to its file."""
        project_id, (package_id,) = self.packages("pkg")
        lazy = self.admin.gitlab.projects.get(project_id, lazy=True)
        file = lazy.packages.get(package_id).package_files.list(get_all=True)[0]
        return {"id": project_id, "package_id": package_id, "file_id": file.id}


async def _project(machines: Any, project_id: int) -> Any:
    async with machines.db.read() as tx:
        return await tx.projects.get(project_id)


def _package(place: Place) -> dict[str, Any]:
    project_id, (package_id,) = place.packages("pkg")
    return {"id": project_id, "package_id": package_id}


def _token_of_self(place: Place) -> Sent:
    return Sent(headers=place.people.new().headers)


def _personal_token(place: Place) -> dict[str, Any]:
    made = place.make(f"/users/{place.user()}/personal_access_tokens", **TOKEN)
    return {"id": made["id"]}


def _access_token(kind: str, place: Place) -> dict[str, Any]:
    of = place.place(kind)
    body = {**ACCESS_TOKEN, "expires_at": in_days(30)}
    return {"id": of, "token_id": place.make(f"/{kind}/{of}/access_tokens", **body)["id"]}


def _own_access_token(kind: str, place: Place) -> Sent:
    of = place.place(kind)
    body = {**ACCESS_TOKEN, "scopes": ["api"], "expires_at": in_days(30)}
    secret = place.make(f"/{kind}/{of}/access_tokens", **body)["token"]
    return Sent({"id": of}, headers={"PRIVATE-TOKEN": secret})


def _deploy_token(kind: str, place: Place) -> dict[str, Any]:
    of = place.place(kind)
    made = place.make(f"/{kind}/{of}/deploy_tokens", **DEPLOY_TOKEN)
    return {"id": of, "token_id": made["id"]}


def _member(kind: str, place: Place) -> dict[str, Any]:
    of, user_id = place.place(kind), place.user()
    place.make(f"/{kind}/{of}/members", user_id=user_id, access_level=20)
    return {"id": of, "user_id": user_id}


def _rule(place: Place) -> dict[str, Any]:
    of = place.project()
    return {
        "id": of,
        "rule_id": place.make(f"/projects/{of}/packages/protection/rules", **RULE)["id"],
    }


def _blocked_user(place: Place) -> dict[str, Any]:
    user_id = place.user()
    place.make(f"/users/{user_id}/block")
    return {"id": user_id}


def _owned_name(place: Place, *, is_moved: bool) -> Sent:
    project_id, _ = place.packages(name := fresh("owned"))
    if is_moved:
        url = f"{place.people.api}/packages/pypi/owners/{name}"
        body = {"project_id": project_id}
        requests.put(url, json=body, headers=place.admin.headers, timeout=30).raise_for_status()
        return Sent({"package_name": name})
    return Sent({"package_name": name}, {"project_id": project_id})


def _owned_in_group(place: Place, *, is_moved: bool) -> Sent:
    project_id, _ = place.packages(name := fresh("owned"))
    group_id = place.admin.gitlab.projects.get(project_id).namespace["id"]
    ids, body = {"id": group_id, "package_name": name}, {"project_id": project_id}
    if is_moved:
        url = f"{place.people.api}/groups/{group_id}/packages/pypi/owners/{name}"
        requests.put(url, json=body, headers=place.admin.headers, timeout=30).raise_for_status()
        return Sent(ids)
    return Sent(ids, body)


Recipe = Callable[[Place], Sent]

RECIPES: dict[str, Recipe] = {
    "POST /users": lambda _: Sent({}, {"username": fresh("made")}),
    "PUT /users/{id}": lambda p: Sent({"id": p.user()}, {"name": "New"}),
    "POST /users/{id}/block": lambda p: Sent({"id": p.user()}),
    "POST /users/{id}/unblock": lambda p: Sent(_blocked_user(p)),
    "DELETE /users/{id}": lambda p: Sent({"id": p.user()}),
    "POST /users/{id}/personal_access_tokens": lambda p: Sent({"id": p.user()}, TOKEN),
    "POST /user/personal_access_tokens": lambda _: Sent(
        {}, {"name": "t", "scopes": ["self_rotate"]}
    ),
    "DELETE /personal_access_tokens/self": _token_of_self,
    "POST /personal_access_tokens/self/rotate": _token_of_self,
    "DELETE /personal_access_tokens/{id}": lambda p: Sent(_personal_token(p)),
    "POST /personal_access_tokens/{id}/rotate": lambda p: Sent(_personal_token(p)),
    "POST /groups": lambda _: Sent({}, {"name": "New", "path": fresh("made")}),
    "PUT /groups/{id}": lambda p: Sent({"id": p.group()}, {"description": "new"}),
    "POST /groups/{id}/transfer": lambda p: Sent({"id": p.group()}, {"group_id": p.group()}),
    "POST /groups/{id}/projects/{project_id}": lambda p: Sent(
        {"id": p.group(), "project_id": p.project()}
    ),
    "DELETE /groups/{id}": lambda p: Sent({"id": p.group()}),
    "POST /projects": lambda _: Sent({}, {"name": fresh("made")}),
    "POST /projects/user/{user_id}": lambda p: Sent({"user_id": p.user()}, {"name": fresh("made")}),
    "PUT /projects/{id}": lambda p: Sent({"id": p.project()}, {"duplicates": "deny"}),
    "PUT /projects/{id}/transfer": lambda p: Sent({"id": p.project()}, {"namespace": p.group()}),
    "DELETE /projects/{id}": lambda p: Sent({"id": p.project()}),
    "PUT /application/settings": lambda _: Sent(
        {}, {"max_file_size_bytes": DEFAULT_MAX_FILE_SIZE_BYTES}
    ),
    "PUT /application/plan_limits": lambda _: Sent(
        {}, {"plan_name": "default", "pypi_max_file_size": DEFAULT_MAX_FILE_SIZE_BYTES}
    ),
    "POST /projects/{id}/packages/protection/rules": lambda p: Sent({"id": p.project()}, RULE),
    "PATCH /projects/{id}/packages/protection/rules/{rule_id}": lambda p: Sent(
        _rule(p), {"package_name_pattern": "b*"}
    ),
    "DELETE /projects/{id}/packages/protection/rules/{rule_id}": lambda p: Sent(_rule(p)),
    "DELETE /projects/{id}/packages/{package_id}": lambda p: Sent(_package(p)),
    "PUT /projects/{id}/packages/{package_id}/yank": lambda p: Sent(_package(p)),
    "DELETE /projects/{id}/packages/{package_id}/yank": lambda p: Sent(_package(p)),
    "DELETE /projects/{id}/packages/{package_id}/package_files/{file_id}": lambda p: Sent(p.file()),
    "PUT /projects/{id}/packages/{package_id}/package_files/{file_id}/yank": lambda p: Sent(
        p.file()
    ),
    "DELETE /projects/{id}/packages/{package_id}/package_files/{file_id}/yank": lambda p: Sent(
        p.file()
    ),
    "PUT /projects/{id}/packages/pypi/status/{package_name}": lambda p: Sent(
        {**_package(p), "package_name": "pkg"}, {"status": "deprecated"}
    ),
    "PUT /packages/pypi/owners/{package_name}": lambda p: _owned_name(p, is_moved=False),
    "DELETE /packages/pypi/owners/{package_name}": lambda p: _owned_name(p, is_moved=True),
    "PUT /groups/{id}/packages/pypi/owners/{package_name}": lambda p: _owned_in_group(
        p, is_moved=False
    ),
    "DELETE /groups/{id}/packages/pypi/owners/{package_name}": lambda p: _owned_in_group(
        p, is_moved=True
    ),
}


def _of_both(kind: str) -> dict[str, Recipe]:
    """Return the entries of the routes that groups and projects have alike."""
    base = f"/{kind}/{{id}}"
    return {
        f"POST {base}/members": lambda p: Sent(
            {"id": p.place(kind)}, {"user_id": p.user(), "access_level": 30}
        ),
        f"PUT {base}/members/{{user_id}}": lambda p: Sent(_member(kind, p), {"access_level": 30}),
        f"DELETE {base}/members/{{user_id}}": lambda p: Sent(_member(kind, p)),
        f"POST {base}/access_tokens": lambda p: Sent(
            {"id": p.place(kind)}, {**ACCESS_TOKEN, "expires_at": in_days(30)}
        ),
        f"POST {base}/access_tokens/self/rotate": lambda p: _own_access_token(kind, p),
        f"POST {base}/access_tokens/{{token_id}}/rotate": lambda p: Sent(_access_token(kind, p)),
        f"DELETE {base}/access_tokens/{{token_id}}": lambda p: Sent(_access_token(kind, p)),
        f"POST {base}/deploy_tokens": lambda p: Sent({"id": p.place(kind)}, DEPLOY_TOKEN),
        f"DELETE {base}/deploy_tokens/{{token_id}}": lambda p: Sent(_deploy_token(kind, p)),
    }


RECIPES |= _of_both("projects") | _of_both("groups")

UPLOAD = "POST /projects/{project}/packages/pypi"


@pytest.fixture(scope="module")
def place(people: People, admin: Person) -> Place:
    return Place(people, admin)


@pytest.fixture(scope="module")
def description(server: Server) -> Description:
    return Description(server.address)


@pytest.fixture(scope="module")
def newest_event(people: People, admin: Person) -> Callable[[], dict[str, Any]]:
    def newest() -> dict[str, Any]:
        answer = requests.get(
            f"{people.api}/audit_events",
            params={"per_page": "1"},
            headers=admin.headers,
            timeout=30,
        )
        shown: dict[str, Any] = answer.json()[0]
        return shown

    return newest


def test_every_writing_route_has_an_entry(server: Server) -> None:
    document = requests.get(f"{server.address}/api/v4/openapi.json", timeout=30).json()
    writing = {
        f"{method.upper()} {path}"
        for path, methods in document["paths"].items()
        for method in methods
        if method != "get"
    }
    assert writing == {*RECIPES, UPLOAD}


@pytest.mark.parametrize("route", RECIPES)
def test_a_writing_route_leaves_an_event(
    place: Place,
    newest_event: Callable[[], dict[str, Any]],
    description: Description,
    route: str,
) -> None:
    """And its answer is what the API's description says."""
    method, _, path = route.partition(" ")
    sent = RECIPES[route](place)
    before = newest_event()
    answer = requests.request(
        method,
        place.people.api + path.format(**sent.ids),
        json=sent.body or None,
        headers=sent.headers or place.admin.headers,
        timeout=30,
    )
    assert answer.ok, answer.text
    description.check(method, path, answer)
    after = newest_event()
    assert after["id"] > before["id"]
    by_admin = after["author_id"] == place.admin.user.id
    assert by_admin is (sent.headers is None)
    assert after["details"]["ip_address"] == "127.0.0.1"


def test_an_upload_leaves_an_event(
    place: Place, newest_event: Callable[[], dict[str, Any]]
) -> None:
    base = f"{place.people.api}/projects/{place.project()}/packages/pypi"
    auth = ("__token__", place.admin.secret)
    filename, content = build_wheel("pkg", "1.0")
    assert upload(base, auth, filename, content).status_code == 201
    event = newest_event()
    assert (event["event_name"], event["details"]["filename"]) == ("file_published", filename)
    assert upload(base, auth, filename, content).status_code == 201
    assert newest_event()["id"] == event["id"], "the same bytes again change nothing"


@pytest.mark.parametrize("path", ["/-/health", "/-/readiness", "/api/v4/docs", "/api/v4/version"])
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_nothing_else_takes_changes(server: Server, path: str, method: str) -> None:
    answer = requests.request(method, server.address + path, timeout=30)
    assert answer.status_code == 405
