"""What is remembered is never wrong: a change is in the next answer of every worker process."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from distributions import build_wheel
from people import People, Person
from registry import Registry
from requesting import JSON
from running import Server
from uploading import upload
from wheelyard.domain.models.places import Namespace, Project
from wheelyard.domain.models.users import User

ASKED = 8  # times, each on a connection of its own: each of two workers has its turn


@pytest.fixture(scope="module")
def workers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    server = Server(tmp_path_factory.mktemp("two") / "data", "--workers", "2").start()
    yield server
    assert server.stop() == 0


class Place:
    """A private project of a group with one release; a maintainer, a guest and an administrator."""

    def __init__(self, server: Server) -> None:
        self.registry = Registry(server.data)
        people = People(server.address, self.registry)
        self.group: Namespace = self.registry.group(visibility="public")
        self.project: Project = self.registry.project(f"{self.group.full_path}/project")
        self.owner: Person = people.with_role(self.group, "owner")
        self.reader: User = self.registry.user()
        self.registry.member(self.project, self.reader, "guest")
        self.token = self.registry.new_token(self.reader, "read_api")
        self.admin = people.new(is_admin=True)
        self.api = f"{server.address}/api/v4"
        self.base = f"{self.api}/projects/{self.project.id}/packages/pypi"
        self.of_group = f"{self.api}/groups/{self.group.id}/-/packages/pypi"
        self.publish("pkg", "1.0")
        self.release = f"/projects/{self.project.id}/packages/{self._release_id()}"
        self.file = "/files/" + self.page().json()["files"][0]["url"].split("/files/")[1]

    def publish(self, name: str, version: str) -> None:
        answer = upload(self.base, self._owner_auth, *build_wheel(name, version))
        assert answer.status_code == 201, answer.text

    def page(self) -> requests.Response:
        return self.ask("/simple/pkg/")

    def ask(self, rest: str, base: str | None = None) -> requests.Response:
        """Read as the guest, on a connection of its own."""
        auth = ("x", self.token.secret)
        url = (base or self.base) + rest
        return requests.get(url, auth=auth, headers=JSON, timeout=30)

    def call(self, method: str, path: str, by: Person | None = None, **body: object) -> None:
        headers = (by or self.owner).headers
        answer = requests.request(
            method, self.api + path, headers=headers, json=body or None, timeout=30
        )
        assert answer.ok, answer.text

    @property
    def _owner_auth(self) -> tuple[str, str]:
        return "x", self.owner.headers["PRIVATE-TOKEN"]

    def _release_id(self) -> int:
        url = f"{self.api}/projects/{self.project.id}/packages"
        found = requests.get(url, headers=self.owner.headers, timeout=30).json()
        return int(found[0]["id"])


@pytest.fixture
def place(workers: Server) -> Place:
    return Place(workers)


See = Callable[[Place], object]
Change = Callable[[Place], None]


def versions(place: Place) -> object:
    return place.page().json()["versions"]


def yanked(place: Place) -> object:
    return [file["yanked"] for file in place.page().json()["files"]]


def files(place: Place) -> object:
    return len(place.page().json()["files"])


def names(place: Place) -> object:
    return [project["name"] for project in place.ask("/simple/").json()["projects"]]


def names_of_group(place: Place) -> object:
    answer = place.ask("/simple/", place.of_group)
    return [project["name"] for project in answer.json()["projects"]]


def versions_of_group(place: Place) -> object:
    answer = place.ask("/simple/pkg/", place.of_group)
    return answer.json()["versions"] if answer.ok else answer.status_code


def page_status(place: Place) -> object:
    return place.page().status_code


def file_status(place: Place) -> object:
    return place.ask(place.file).status_code


def statuses(place: Place) -> object:
    return [place.ask(rest).status_code for rest in ("/simple/pkg/", "/simple/", place.file)]


def cache_control(place: Place) -> object:
    return place.page().headers["Cache-Control"].split(",")[0]


def state(place: Place) -> object:
    return place.page().json().get("project-status", {}).get("status", "active")


def _project(**changed: Any) -> Change:
    return lambda place: place.call("PUT", f"/projects/{place.project.id}", **changed)


def _other_project_publishes(place: Place) -> None:
    other = place.registry.project(f"{place.group.full_path}/other")
    base = place.base.replace(f"/{place.project.id}/", f"/{other.id}/")
    owner = ("x", place.owner.headers["PRIVATE-TOKEN"])
    assert upload(base, owner, *build_wheel("pkg", "9.0")).status_code == 201
    assert versions_of_group(place) == ["1.0"], "the name is not its"
    place.registry.member(other, place.reader, "guest")
    place.call("PUT", f"/groups/{place.group.id}/packages/pypi/owners/pkg", project_id=other.id)


CHANGES: dict[str, tuple[See, object, Change, object]] = {
    "another version": (versions, ["1.0"], lambda p: p.publish("pkg", "2.0"), ["1.0", "2.0"]),
    "another name": (names, ["pkg"], lambda p: p.publish("second", "1.0"), ["pkg", "second"]),
    "another name, in the group": (
        names_of_group,
        ["pkg"],
        lambda p: p.publish("second", "1.0"),
        ["pkg", "second"],
    ),
    "another version, in the group": (
        versions_of_group,
        ["1.0"],
        lambda p: p.publish("pkg", "2.0"),
        ["1.0", "2.0"],
    ),
    "a yank": (yanked, [False], lambda p: p.call("PUT", f"{p.release}/yank"), [True]),
    "a deleted release": (files, 1, lambda p: p.call("DELETE", p.release), 0),
    "a deleted release, in the list": (names, ["pkg"], lambda p: p.call("DELETE", p.release), []),
    "a deleted release, and its file": (
        file_status,
        200,
        lambda p: p.call("DELETE", p.release),
        404,
    ),
    "a quarantine": (
        state,
        "active",
        lambda p: p.call(
            "PUT", f"/projects/{p.project.id}/packages/pypi/status/pkg", status="quarantined"
        ),
        "quarantined",
    ),
    "a revoked token": (
        statuses,
        [200, 200, 200],
        lambda p: p.call("DELETE", f"/personal_access_tokens/{p.token.token.id}", p.admin),
        [401, 401, 401],
    ),
    "a blocked user": (
        statuses,
        [200, 200, 200],
        lambda p: p.call("POST", f"/users/{p.reader.id}/block", p.admin),
        [403, 403, 403],
    ),
    "a lost role": (
        statuses,
        [200, 200, 200],
        lambda p: p.call("DELETE", f"/projects/{p.project.id}/members/{p.reader.id}"),
        [404, 404, 404],
    ),
    "packages switched off": (
        page_status,
        200,
        _project(package_registry_access_level="disabled"),
        403,
    ),
    "another visibility": (cache_control, "private", _project(visibility="public"), "public"),
    "a deleted project": (
        statuses,
        [200, 200, 200],
        lambda p: p.call("DELETE", f"/projects/{p.project.id}"),
        [404, 404, 404],
    ),
    "another owner of a name": (versions_of_group, ["1.0"], _other_project_publishes, ["9.0"]),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_is_in_the_next_answer_of_every_worker(place: Place, change: str) -> None:
    see, before, make, after = CHANGES[change]
    assert [see(place) for _ in range(ASKED)] == [before] * ASKED
    make(place)
    assert [see(place) for _ in range(ASKED)] == [after] * ASKED


def test_a_new_role_opens_what_was_closed(place: Place) -> None:
    stranger = place.registry.user()
    place.token = place.registry.new_token(stranger, "read_api")
    assert [page_status(place) for _ in range(ASKED)] == [404] * ASKED
    place.registry.member(place.project, stranger, "guest")
    assert [page_status(place) for _ in range(ASKED)] == [200] * ASKED


def test_packages_of_the_instance_switched_off_and_on(place: Place) -> None:
    assert [page_status(place) for _ in range(ASKED)] == [200] * ASKED
    try:
        place.registry.setting("packages_enabled", "false")
        assert [page_status(place) for _ in range(ASKED)] == [404] * ASKED
    finally:
        place.registry.setting("packages_enabled", "true")
    assert [page_status(place) for _ in range(ASKED)] == [200] * ASKED


def test_what_memory_answers_counts(place: Place) -> None:
    """A download from memory is noted as any other is."""
    for _ in range(ASKED):
        assert place.ask(place.file).status_code == 200
    deadline = time.monotonic() + 30
    while (downloads := _downloads(place)) < ASKED:
        assert time.monotonic() < deadline, downloads
        time.sleep(0.2)
    assert downloads == ASKED


def _downloads(place: Place) -> int:
    answer = requests.get(
        f"{place.api}/projects/{place.project.id}/packages/statistics",
        headers=place.owner.headers,
        timeout=30,
    )
    return int(answer.json()["downloads"])


def test_no_memory_at_all(tmp_path: Path) -> None:
    """With `cache_mb` 0 everything is read anew."""
    server = Server(tmp_path / "data", environment={"WHEELYARD_CACHE_MB": "0"}).start()
    try:
        place = Place(server)
        assert versions(place) == ["1.0"]
        place.publish("pkg", "2.0")
        assert versions(place) == ["1.0", "2.0"]
        assert file_status(place) == 200
    finally:
        assert server.stop() == 0


def test_a_name_that_lost_its_files_is_listed_again_with_the_next(place: Place) -> None:
    place.publish("other", "1.0")
    place.call("DELETE", place.release)
    assert [names(place) for _ in range(ASKED)] == [["other"]] * ASKED
    place.publish("pkg", "2.0")
    assert [names(place) for _ in range(ASKED)] == [["other", "pkg"]] * ASKED
