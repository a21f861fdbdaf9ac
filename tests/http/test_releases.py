"""Yank, status and deletion through the REST API, and what the index says afterwards."""

from urllib.parse import quote

import pytest
import requests

from distributions import build_sdist, build_wheel
from registry import Registry
from running import Server
from uploading import upload

JSON = {"Accept": "application/vnd.pypi.simple.v1+json"}


class Place:
    """A project with one release of a wheel and an sdist, and its maintainer."""

    def __init__(self, server: Server, registry: Registry) -> None:
        self.project, self.secret = registry.publisher()
        self.api = f"{server.address}/api/v4/projects/{quote(self.project.full_path, safe='')}"
        self.base = f"{server.address}/api/v4/projects/{self.project.id}/packages/pypi"
        self.auth = ("__token__", self.secret)
        for filename, content in (build_wheel("pkg", "1.0"), build_sdist("pkg", "1.0")):
            assert upload(self.base, self.auth, filename, content).status_code == 201

    def call(self, method: str, path: str, **options: object) -> requests.Response:
        headers = {"PRIVATE-TOKEN": self.secret}
        url = f"{self.api}/packages/{path}"
        return requests.request(method, url, headers=headers, timeout=30, **options)  # type: ignore[arg-type]

    def page(self) -> requests.Response:
        url = f"{self.base}/simple/pkg/"
        return requests.get(url, auth=self.auth, headers=JSON, timeout=30)

    def yanked(self) -> list[bool | str]:
        return [file["yanked"] for file in self.page().json()["files"]]


@pytest.fixture
def place(server: Server, registry: Registry) -> Place:
    return Place(server, registry)


def test_yank_a_release_and_take_it_back(place: Place, registry: Registry) -> None:
    release_id = _release_id(place, registry)
    answer = place.call("PUT", f"{release_id}/yank", json={"reason": " broken\n build "})
    assert answer.status_code == 200, answer.text
    assert place.yanked() == ["broken build", "broken build"]
    assert place.call("DELETE", f"{release_id}/yank").status_code == 200
    assert place.yanked() == [False, False]
    assert place.call("PUT", f"{release_id}/yank").status_code == 200
    assert place.yanked() == [True, True], "without a reason, never an empty string"


@pytest.mark.parametrize(
    ("reason", "shown"),
    [
        ("worked on by \U0001f469\u200d\U0001f4bb", "worked on by \U0001f469\u200d\U0001f4bb"),
        ("\u0645\u06cc\u200c\u0634\u0648\u062f", "\u0645\u06cc\u200c\u0634\u0648\u062f"),
        ("\u200d\u200c", True),  # nothing to be seen is no reason
        ("", True),
        (None, True),
    ],
    ids=["emoji", "persian", "invisible", "empty", "null"],
)
def test_a_reason_may_join_its_characters(
    place: Place, registry: Registry, reason: str | None, shown: str | bool
) -> None:
    url = f"{_release_id(place, registry)}/yank"
    assert place.call("PUT", url, json={"reason": reason}).status_code == 200
    assert place.yanked() == [shown, shown]


@pytest.mark.parametrize("mark", ["\u202e", "\u2066", "\u200b", "\ufeff", "\x00", "\ud800"])
def test_a_reason_hides_nothing(place: Place, registry: Registry, mark: str) -> None:
    url = f"{_release_id(place, registry)}/yank"
    answer = place.call("PUT", url, json={"reason": f"a{mark}b"})
    assert answer.status_code == 400, answer.text
    assert place.yanked() == [False, False]


def test_yank_one_file(place: Place, registry: Registry) -> None:
    release_id = _release_id(place, registry)
    files = place.call("PUT", f"{release_id}/yank").json()["files"]
    assert place.call("DELETE", f"{release_id}/yank").status_code == 200
    answer = place.call("PUT", f"{release_id}/package_files/{files[0]['id']}/yank")
    assert answer.status_code == 200
    assert sorted(place.yanked()) == [False, True]
    missing = place.call("PUT", f"{release_id}/package_files/999999/yank")
    assert (missing.status_code, missing.json()["message"]) == (404, "404 Package file Not Found")


@pytest.mark.parametrize("status", ["archived", "quarantined"])
def test_a_status_that_takes_no_uploads(place: Place, status: str) -> None:
    answer = place.call("PUT", "pypi/status/Pkg", json={"status": status, "reason": "see wiki"})
    assert answer.json() == {"name": "pkg", "status": status, "reason": "see wiki"}
    refused = upload(place.base, place.auth, *build_wheel("pkg", "2.0"))
    assert refused.status_code == 403
    assert refused.json()["errors"][0]["code"] == f"project-{status}"
    page = place.page().json()
    assert page["project-status"] == {"status": status, "reason": "see wiki"}
    assert len(page["files"]) == (0 if status == "quarantined" else 2)
    assert place.call("PUT", "pypi/status/pkg", json={"status": "active"}).status_code == 200
    assert "project-status" not in place.page().json()
    assert upload(place.base, place.auth, *build_wheel("pkg", "2.0")).status_code == 201


def test_a_quarantined_file_is_not_served_by_its_address(place: Place) -> None:
    entry = place.page().json()["files"][0]
    address = f"{place.base}/simple/pkg/{entry['url']}"
    assert requests.get(address, auth=place.auth, timeout=30).status_code == 200
    assert place.call("PUT", "pypi/status/pkg", json={"status": "quarantined"}).status_code == 200
    assert requests.get(address, auth=place.auth, timeout=30).status_code == 404


def test_deleted_files_are_gone_and_versions_stay(place: Place, registry: Registry) -> None:
    release_id = _release_id(place, registry)
    address = f"{place.base}/simple/pkg/{place.page().json()['files'][0]['url']}"
    assert place.call("DELETE", f"{release_id}").status_code == 204
    assert requests.get(address, auth=place.auth, timeout=30).status_code == 404
    page = place.page().json()
    assert (page["files"], page["versions"]) == ([], ["1.0"])
    assert place.call("DELETE", f"{release_id}").status_code == 404
    assert upload(place.base, place.auth, *build_wheel("pkg", "1.0")).status_code == 201
    assert len(place.page().json()["files"]) == 1


def test_deleting_the_newest_duplicate_lists_the_older_one_again(
    place: Place, registry: Registry
) -> None:
    filename, other = build_wheel("pkg", "1.0", files={"pkg/other.py": b"x = 1\n"})
    before = place.page().json()["files"]
    assert upload(place.base, place.auth, filename, other).status_code == 201
    release_id = _release_id(place, registry)
    files = place.call("PUT", f"{release_id}/yank").json()["files"]
    newest = next(file for file in reversed(files) if file["file_name"] == filename)
    assert len(files) == 3
    path = f"{release_id}/package_files/{newest['id']}"
    assert place.call("DELETE", path).status_code == 204
    assert [file["hashes"] for file in place.page().json()["files"]] == [
        file["hashes"] for file in before
    ]


def test_who_may_yank(place: Place, registry: Registry) -> None:
    release_id = _release_id(place, registry)
    developer, stranger = registry.user(), registry.user()
    registry.member(place.project, developer, "developer")
    for secret, status in (
        (registry.token(developer), 403),
        (registry.token(stranger), 404),
        ("glpat-unknown", 401),
    ):
        answer = requests.put(
            f"{place.api}/packages/{release_id}/yank",
            headers={"PRIVATE-TOKEN": secret},
            timeout=30,
        )
        assert answer.status_code == status
    assert requests.put(f"{place.api}/packages/{release_id}/yank", timeout=30).status_code == 404
    assert place.yanked() == [False, False]


def _release_id(place: Place, registry: Registry) -> int:
    async def find(machines: object, _by: object) -> int:
        async with machines.db.read() as tx:  # type: ignore[attr-defined]
            release = await tx.releases.find(place.project.id, "pkg", "1.0")
            return int(release.id)

    return registry.run(find)
