"""Versions that PEP 440 counts as equal are one release, however they are spelled."""

from typing import Any

import pytest
import requests

from distributions import build_sdist, build_wheel
from registry import Registry
from requesting import Index, open_session, project_index
from running import Server


class Place:
    """A project with a wheel of 1.0, and its maintainer."""

    def __init__(self, server: Server, registry: Registry) -> None:
        self.project, self.secret = registry.publisher()
        self.api = f"{server.address}/api/v4/projects/{self.project.id}"
        self.index: Index = project_index(open_session(), server.address, self.project)
        self.auth = ("__token__", self.secret)
        assert self.index.upload(*build_wheel("pkg", "1.0"), self.auth).status_code == 201

    def call(self, method: str, path: str, **options: Any) -> requests.Response:
        headers = {"PRIVATE-TOKEN": self.secret}
        return requests.request(method, self.api + path, headers=headers, timeout=30, **options)

    def packages(self) -> list[tuple[str, int]]:
        """Return the versions that there are, and how many files each has."""
        found = self.call("GET", "/packages").json()
        files = [self.call("GET", f"/packages/{each['id']}/package_files").json() for each in found]
        return [(each["version"], len(of)) for each, of in zip(found, files, strict=True)]


@pytest.fixture
def place(server: Server, registry: Registry) -> Place:
    return Place(server, registry)


def test_an_equal_version_joins_the_release(place: Place) -> None:
    for filename, content in (build_sdist("pkg", "1.0.0"), build_wheel("pkg", "1")):
        assert place.index.upload(filename, content, place.auth).status_code == 201
    assert place.index.upload(*build_wheel("pkg", "1.0.1"), place.auth).status_code == 201
    assert place.packages() == [("1.0", 3), ("1.0.1", 1)]
    page = place.index.get("/simple/pkg/", place.auth).json()
    assert page["versions"] == ["1.0", "1.0.1"]
    assert len(page["files"]) == 4
    releases = place.index.get("/pypi/pkg/json", place.auth).json()["releases"]
    assert {version: len(files) for version, files in releases.items()} == {"1.0": 3, "1.0.1": 1}


@pytest.mark.parametrize("spelled", ["1", "1.0", "1.0.0", "v1.0", "01.0", "0!1.0"])
def test_a_release_is_found_by_any_spelling(place: Place, spelled: str) -> None:
    answer = place.index.get(f"/pypi/pkg/{spelled}/json", place.auth)
    assert answer.status_code == 200
    assert answer.json()["info"]["version"] == "1.0"


@pytest.mark.parametrize("other", ["1.1", "1.0.post0", "1.0a0", "1!1.0", "1.0+local", "x", "1."])
def test_another_version_is_not_found(place: Place, other: str) -> None:
    assert place.index.get(f"/pypi/pkg/{other}/json", place.auth).status_code == 404


def test_yanking_and_deleting_take_all_spellings(place: Place) -> None:
    assert place.index.upload(*build_sdist("pkg", "1.0.0"), place.auth).status_code == 201
    (package,) = place.call("GET", "/packages").json()
    assert place.call("PUT", f"/packages/{package['id']}/yank").status_code == 200
    assert [file["yanked"] for file in place.index.files("pkg", place.auth)] == [True, True]
    assert place.call("DELETE", f"/packages/{package['id']}").status_code == 204
    assert place.index.files("pkg", place.auth) == []


def test_a_version_that_was_deleted_comes_back_in_its_old_spelling(place: Place) -> None:
    """Its page has listed it all the time (PEP 700): it is there once, not twice."""
    (package,) = place.call("GET", "/packages").json()
    assert place.call("DELETE", f"/packages/{package['id']}").status_code == 204
    assert place.index.upload(*build_wheel("pkg", "1.0.0"), place.auth).status_code == 201
    assert place.index.get("/simple/pkg/", place.auth).json()["versions"] == ["1.0"]
    assert place.packages() == [("1.0", 1)]
