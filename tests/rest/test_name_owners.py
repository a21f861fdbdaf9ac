"""Names that several projects of a group publish: who sees them, and who moves them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
import requests

from people import People, Person
from publications import publish
from registry import Registry, fresh
from running import Server
from wheelyard.domain.models.places import Namespace, Project

JSON = {"Accept": "application/vnd.pypi.simple.v1+json"}


@dataclass(frozen=True)
class Rivals:
    """A group in which two projects publish one name, `first` before `second`."""

    group: Namespace
    first: Project
    second: Project
    owner: Person
    name: str
    api: str

    def call(self, method: str, path: str, by: Person | None, **options: Any) -> requests.Response:
        headers = {} if by is None else by.headers
        url = f"{self.api}/groups/{self.group.id}/packages/pypi/{path}"
        return requests.request(method, url, headers=headers, timeout=30, **options)

    def move(self, project: Project, by: Person | None = None) -> requests.Response:
        body = {"project_id": project.id}
        return self.call("PUT", f"owners/{self.name}", by or self.owner, json=body)

    def versions(self, base: str | None = None) -> list[str]:
        base = base or f"{self.api}/groups/{self.group.id}/-/packages/pypi"
        auth = ("__token__", self.owner.secret)
        url = f"{base}/simple/{self.name}/"
        page = requests.get(url, auth=auth, headers=JSON, timeout=30).json()
        return sorted({file["filename"].split("-")[1] for file in page["files"]})


@pytest.fixture
def rivals(people: People, registry: Registry) -> Rivals:
    group = registry.group()
    projects = [registry.project(f"{group.full_path}/{name}") for name in ("first", "second")]
    owner = people.with_role(group, "maintainer")
    name = fresh("rival")
    publish(people.address, projects[0], owner, (name, "1.0"))
    publish(people.address, projects[1], owner, (name, "2.0"), (fresh("lone"), "1.0"))
    return Rivals(group, projects[0], projects[1], owner, name, people.api)


def _shown(project: Project) -> dict[str, object]:
    return {"id": project.id, "path_with_namespace": project.full_path}


def test_collisions_are_listed(rivals: Rivals) -> None:
    answer = rivals.call("GET", "collisions", rivals.owner)
    assert answer.json() == [
        {"name": rivals.name, "owner": _shown(rivals.first), "others": [_shown(rivals.second)]}
    ]
    assert answer.headers["x-total"] == "1"


def test_a_maintainer_of_the_group_moves_a_name_and_back(rivals: Rivals) -> None:
    assert rivals.versions() == ["1.0"]
    moved = rivals.move(rivals.second)
    assert (moved.status_code, moved.json()) == (
        200,
        {"name": rivals.name, "owner": _shown(rivals.second)},
    )
    assert rivals.versions() == ["2.0"]
    listed = rivals.call("GET", "collisions", rivals.owner).json()
    assert [each["owner"] for each in listed] == [_shown(rivals.second)]
    assert rivals.move(rivals.second).status_code == 200, "once more changes nothing"
    assert rivals.call("DELETE", f"owners/{rivals.name}", rivals.owner).status_code == 204
    assert rivals.versions() == ["1.0"]
    assert rivals.call("DELETE", f"owners/{rivals.name}", rivals.owner).status_code == 404


def test_a_move_is_on_record(rivals: Rivals) -> None:
    rivals.move(rivals.second)
    events = rivals.owner.gitlab.groups.get(rivals.group.id, lazy=True).audit_events
    newest = events.list(get_all=True)[0]
    assert newest.event_name == "name_owner_changed"
    assert newest.details["project_id"] == [rivals.first.id, rivals.second.id]


def test_what_cannot_be_moved(rivals: Rivals, people: People, registry: Registry) -> None:
    outside = registry.project()
    empty = registry.project(f"{rivals.group.full_path}/empty")
    for project in (outside, empty):
        assert rivals.move(project).status_code == 404
    body = {"project_id": rivals.first.id}
    assert rivals.call("PUT", "owners/unheard-of", rivals.owner, json=body).status_code == 404
    assert rivals.call("PUT", "owners/-", rivals.owner, json=body).status_code == 404
    for wrong in ({}, {"project_id": "x"}, {"project_id": 0}, {"project_id": 2**70}):
        answer = rivals.call("PUT", f"owners/{rivals.name}", rivals.owner, json=wrong)
        assert answer.status_code == 400
    developer = people.with_role(rivals.group, "developer")
    for by, status in ((developer, 403), (people.new(), 404)):
        assert rivals.move(rivals.second, by).status_code == status
        assert rivals.call("GET", "collisions", by).status_code == status
    assert rivals.call("GET", "collisions", None).status_code == 404
    reader = people.with_role(rivals.group, "maintainer", "read_api")
    assert rivals.call("GET", "collisions", reader).status_code == 200
    assert rivals.versions() == ["1.0"]


def test_a_choice_holds_in_its_own_index_only(rivals: Rivals, admin: Person) -> None:
    instance = f"{rivals.api}/packages/pypi"
    rivals.move(rivals.second)
    assert rivals.versions(instance) == ["1.0"]
    url, body = f"{instance}/owners/{rivals.name}", {"project_id": rivals.second.id}
    assert requests.put(url, json=body, headers=rivals.owner.headers, timeout=30).status_code == 403
    assert requests.put(url, json=body, timeout=30).status_code == 401
    assert requests.put(url, json=body, headers=admin.headers, timeout=30).status_code == 200
    assert rivals.versions(instance) == ["2.0"]
    listed = requests.get(
        f"{instance}/collisions", headers=admin.headers, params={"per_page": "100"}, timeout=30
    ).json()
    assert rivals.name in {each["name"] for each in listed}
    assert requests.delete(url, headers=admin.headers, timeout=30).status_code == 204
    assert rivals.versions(instance) == ["1.0"]


def test_a_collision_is_logged_once(
    start_server: Callable[..., Server],
) -> None:
    server = start_server()
    registry = Registry(server.data)
    people = People(server.address, registry)
    group = registry.group()
    first = registry.project(f"{group.full_path}/first")
    second = registry.project(f"{group.full_path}/second")
    owner = people.with_role(group, "maintainer")
    publish(server.address, first, owner, ("shared", "1.0"), ("shared", "2.0"))
    publish(server.address, second, owner, ("shared", "3.0"), ("shared", "4.0"))
    server.stop()
    warnings = [line for line in server.output.read_text().splitlines() if "other projects" in line]
    assert len(warnings) == 1
    assert first.full_path in warnings[0]
    assert second.full_path in warnings[0]
