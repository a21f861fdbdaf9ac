"""The packages of a project, as python-gitlab sees them, and the statuses GitLab answers."""

from dataclasses import dataclass
from typing import Any

import pytest
import requests
from gitlab import Gitlab
from gitlab.exceptions import GitlabDeleteError, GitlabGetError, GitlabListError

from people import People, Person
from publications import publish, publish_both
from registry import Registry
from wheelyard.domain.models.places import Project

PACKAGES = [("Alpha", "2.0"), ("alpha", "1.0"), ("My_Pkg", "1.0"), ("mypkg", "1.0"), ("beta", "1")]


@dataclass(frozen=True)
class Shelf:
    """A public project with some packages, and a maintainer of it."""

    project: Project
    owner: Person
    api: str

    def get(self, path: str = "", by: Person | None = None, **query: str) -> requests.Response:
        headers = {} if by is None else by.headers
        url = f"{self.api}/projects/{self.project.id}/packages{path}"
        return requests.get(url, headers=headers, params=query, timeout=30)


@pytest.fixture(scope="module")
def shelf(people: People, registry: Registry) -> Shelf:
    project = registry.project(visibility="public")
    owner = people.with_role(project, "maintainer")
    publish(people.address, project, owner, *PACKAGES)
    return Shelf(project, owner, people.api)


@pytest.fixture
def private(people: People, registry: Registry) -> Shelf:
    project = registry.project()
    owner = people.with_role(project, "maintainer")
    publish_both(people.address, project, owner, "pkg", "1.0")
    return Shelf(project, owner, people.api)


def test_one_package_has_gitlabs_shape(shelf: Shelf) -> None:
    project = shelf.owner.gitlab.projects.get(shelf.project.id, lazy=True)
    newest = project.packages.list(package_name="alpha", package_version="1.0", get_all=True)[0]
    package = project.packages.get(newest.id).asdict()
    older = project.packages.list(package_name="Alpha", package_version="2.0", get_all=True)[0]
    created_at = package.pop("created_at")
    assert created_at.endswith("Z")
    assert package == {
        "id": newest.id,
        "name": "alpha",
        "version": "1.0",
        "package_type": "pypi",
        "status": "default",
        "last_downloaded_at": None,
        "creator_id": shelf.owner.user.id,
        "tags": [],
        "pipelines": [],
        "_links": {
            "web_path": f"/{shelf.project.full_path}/-/packages/{newest.id}",
            "delete_api_path": f"{shelf.api}/projects/{shelf.project.id}/packages/{newest.id}",
        },
        "versions": [
            {
                "id": older.id,
                "version": "2.0",
                "created_at": older.created_at,
                "tags": [],
                "pipelines": [],
            }
        ],
    }


def test_only_who_may_delete_is_told_where(shelf: Shelf, people: People) -> None:
    developer = people.with_role(shelf.project, "developer")
    for by, expected in ((shelf.owner, 5), (developer, 0), (None, 0)):
        shown = shelf.get(by=by).json()
        assert sum("delete_api_path" in each["_links"] for each in shown) == expected
        assert len(shown) == 5


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({}, ["Alpha 2.0", "alpha 1.0", "My_Pkg 1.0", "mypkg 1.0", "beta 1"]),
        ({"sort": "desc"}, ["beta 1", "mypkg 1.0", "My_Pkg 1.0", "alpha 1.0", "Alpha 2.0"]),
        ({"order_by": "version"}, ["alpha 1.0", "My_Pkg 1.0", "mypkg 1.0", "beta 1", "Alpha 2.0"]),
        ({"package_name": "ALP"}, ["Alpha 2.0", "alpha 1.0"]),
        ({"package_name": "my_"}, ["My_Pkg 1.0"]),
        ({"package_name": "my-pkg"}, ["My_Pkg 1.0"]),
        ({"package_name": "%"}, []),
        ({"package_name": ""}, ["Alpha 2.0", "alpha 1.0", "My_Pkg 1.0", "mypkg 1.0", "beta 1"]),
        ({"package_version": "2.0"}, ["Alpha 2.0"]),
        ({"package_version": "2"}, []),
        ({"package_type": "npm"}, []),
        ({"package_type": "pypi", "package_name": "beta"}, ["beta 1"]),
        ({"status": "default", "package_name": "beta"}, ["beta 1"]),
        ({"status": "hidden"}, []),
        ({"status": "pending_destruction"}, []),
        ({"include_versionless": "true", "package_name": "beta"}, ["beta 1"]),
    ],
)
def test_filters_and_orders(shelf: Shelf, query: dict[str, Any], expected: list[str]) -> None:
    shown = shelf.get(**query).json()
    assert [f"{each['name']} {each['version']}" for each in shown] == expected


@pytest.mark.parametrize(
    "query",
    [
        {"status": "unknown"},
        {"package_type": "pip"},
        {"order_by": "project_path"},
        {"sort": "up"},
        {"include_versionless": "perhaps"},
    ],
)
def test_a_value_that_is_none_of_gitlabs_is_refused(shelf: Shelf, query: dict[str, Any]) -> None:
    answer = shelf.get(**query)
    assert answer.status_code == 400
    assert answer.json()["error"].startswith(next(iter(query)))


def test_pages(shelf: Shelf) -> None:
    project = shelf.owner.gitlab.projects.get(shelf.project.id, lazy=True)
    by_twos = project.packages.list(per_page=2, iterator=True, order_by="name")
    assert [each.name for each in by_twos] == ["Alpha", "alpha", "beta", "My_Pkg", "mypkg"]
    assert by_twos.total == 5
    answer = shelf.get(page="2", per_page="2")
    assert (answer.headers["x-total"], answer.headers["x-next-page"]) == ("5", "3")


def test_a_deprecated_name_has_gitlabs_status(private: Shelf) -> None:
    url = f"{private.api}/projects/{private.project.id}/packages/pypi/status/pkg"
    marked = {"status": "deprecated"}
    requests.put(url, json=marked, headers=private.owner.headers, timeout=30).raise_for_status()
    shown = private.get(by=private.owner, status="deprecated").json()
    assert [each["status"] for each in shown] == ["deprecated"]
    assert private.get(by=private.owner, status="default").json() == []
    assert len(private.get(by=private.owner).json()) == 1


def test_files(private: Shelf) -> None:
    project = private.owner.gitlab.projects.get(private.project.id, lazy=True)
    package = project.packages.list(get_all=True)[0]
    wheel, sdist = package.package_files.list(get_all=True)
    assert wheel.file_name == "pkg-1.0-py3-none-any.whl"
    assert sdist.file_name == "pkg-1.0.tar.gz"
    assert len(wheel.file_sha256) == 64
    assert wheel.package_id == package.id
    by_name = package.package_files.list(order_by="file_name", sort="desc", per_page=1, page=1)
    assert [each.file_name for each in by_name] == ["pkg-1.0.tar.gz"]
    package.package_files.delete(wheel.id)
    assert [each.id for each in package.package_files.list(get_all=True)] == [sdist.id]
    with pytest.raises(GitlabDeleteError) as refused:
        package.package_files.delete(wheel.id)
    assert refused.value.response_code == 404


def test_there_are_no_pipelines(private: Shelf) -> None:
    project = private.owner.gitlab.projects.get(private.project.id, lazy=True)
    package = project.packages.list(get_all=True)[0]
    assert package.pipelines.list(get_all=True) == []
    for per_page, status in (("1", 200), ("20", 200), ("21", 400), ("0", 400), ("x", 400)):
        answer = private.get(f"/{package.id}/pipelines", private.owner, per_page=per_page)
        assert answer.status_code == status, per_page
    assert private.get("/999999999/pipelines", private.owner).status_code == 404


def test_delete(private: Shelf) -> None:
    project = private.owner.gitlab.projects.get(private.project.id, lazy=True)
    package = project.packages.list(get_all=True)[0]
    package.delete()
    assert project.packages.list(get_all=True) == []
    with pytest.raises(GitlabGetError) as refused:
        project.packages.get(package.id)
    assert (refused.value.response_code, refused.value.error_message) == (
        404,
        "404 Package Not Found",
    )


def test_what_is_not_there(shelf: Shelf, private: Shelf) -> None:
    elsewhere = private.get(by=private.owner).json()[0]["id"]
    for package_id, status in ((elsewhere, 404), (10**9, 404), ("x", 400), (10**30, 400), (0, 400)):
        answer = shelf.get(f"/{package_id}")
        assert answer.status_code == status, package_id
        assert "message" in answer.json()


def test_who_sees_what(shelf: Shelf, private: Shelf, people: People, anonymous: Gitlab) -> None:
    stranger, guest = people.new(), people.with_role(private.project, "guest")
    for client, status in ((anonymous, 404), (stranger.gitlab, 404)):
        with pytest.raises(GitlabListError) as refused:
            client.projects.get(private.project.id, lazy=True).packages.list(get_all=True)
        assert refused.value.response_code == status
    assert len(private.get(by=guest).json()) == 1
    assert shelf.get().status_code == 200
    wrong = {"PRIVATE-TOKEN": "glpat-wrong"}
    url = f"{shelf.api}/projects/{shelf.project.id}/packages"
    assert requests.get(url, headers=wrong, timeout=30).status_code == 401


def test_who_may_delete(shelf: Shelf, people: People) -> None:
    package_id = shelf.get().json()[0]["id"]
    developer = people.with_role(shelf.project, "developer")
    for by in (None, people.new(), developer):
        answer = requests.delete(
            f"{shelf.api}/projects/{shelf.project.id}/packages/{package_id}",
            headers={} if by is None else by.headers,
            timeout=30,
        )
        assert answer.status_code == 403
    assert len(shelf.get().json()) == 5


def test_packages_that_are_switched_off(private: Shelf, registry: Registry, people: People) -> None:
    guest = people.with_role(private.project, "guest")
    registry.configure(private.project, "packages_enabled", "false")
    assert private.get(by=guest).status_code == 403
    assert private.get(by=people.new()).status_code == 404
