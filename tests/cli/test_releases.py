"""`wheelyard yank` and `wheelyard status set`, as the next reader of a running server sees them."""

from dataclasses import dataclass

import pytest
import requests

from cli.calling import refusal, shown, wheelyard
from distributions import build_sdist, build_wheel
from registry import Registry
from running import Server
from uploading import upload

JSON = {"Accept": "application/vnd.pypi.simple.v1+json"}
WHEEL, SDIST, NEWER = (
    build_wheel("some-pkg", "1.0"),
    build_sdist("some-pkg", "1.0"),
    build_wheel("some-pkg", "2.0rc1"),
)


@dataclass(frozen=True)
class Place:
    """A project with two releases, and how it is read and changed."""

    server: Server
    path: str
    base: str
    auth: tuple[str, str]

    @property
    def data(self) -> tuple[str, str]:
        return ("--data", str(self.server.data))

    def page(self) -> dict[str, object]:
        address = f"{self.base}/simple/some-pkg/"
        answer = requests.get(address, auth=self.auth, headers=JSON, timeout=60)
        page: dict[str, object] = answer.json()
        return page

    def html(self) -> str:
        return requests.get(f"{self.base}/simple/some-pkg/", auth=self.auth, timeout=60).text

    def yanked(self) -> dict[str, bool | str]:
        files = self.page()["files"]
        assert isinstance(files, list)
        return {file["filename"]: file["yanked"] for file in files}


@pytest.fixture
def place(server: Server, registry: Registry) -> Place:
    project, secret = registry.publisher()
    base = f"{server.address}/api/v4/projects/{project.id}/packages/pypi"
    place = Place(server, project.full_path, base, ("__token__", secret))
    for filename, content in (WHEEL, SDIST, NEWER):
        assert upload(base, place.auth, filename, content).status_code == requests.codes.created
    return place


def test_yank_a_release_and_take_it_back(place: Place) -> None:
    told = shown("yank", place.path, "Some.Pkg", "v1.0", "--reason", " bad\n <b> ", *place.data)
    assert (told["name"], told["version"], told["package_type"]) == ("some-pkg", "1.0", "pypi")
    assert [
        (file["file_name"], file["yanked"], file["yanked_reason"]) for file in told["files"]
    ] == [(WHEEL[0], True, "bad <b>"), (SDIST[0], True, "bad <b>")]
    assert place.yanked() == {WHEEL[0]: "bad <b>", SDIST[0]: "bad <b>", NEWER[0]: False}
    assert place.html().count('data-yanked="bad &lt;b&gt;"') == 2

    ended = wheelyard("yank", place.path, "some-pkg", "1.0", "--undo", *place.data)
    assert ended.stdout == "some-pkg 1.0 is no longer yanked.\n"
    assert set(place.yanked().values()) == {False}
    assert "data-yanked" not in place.html()


def test_yank_one_file_without_a_reason(place: Place) -> None:
    one = ("yank", place.path, "some-pkg", "1.0", "--file", SDIST[0], *place.data)
    told = shown(*one)
    assert {file["file_name"]: file["yanked"] for file in told["files"]} == {
        WHEEL[0]: False,
        SDIST[0]: True,
    }
    assert {file["yanked_reason"] for file in told["files"]} == {None}
    assert place.yanked() == {WHEEL[0]: False, SDIST[0]: True, NEWER[0]: False}
    assert place.html().count('data-yanked=""') == 1
    ended = wheelyard(*one, "--undo")
    assert ended.stdout == f"{SDIST[0]} is no longer yanked.\n"
    assert set(place.yanked().values()) == {False}


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (("some-pkg", "9.9"), "some-pkg 9.9"),
        (("some-pkg", "1.0", "--file", NEWER[0]), NEWER[0]),
        (("some-pkg", "1.0", "--reason", "x" * 1001), "1000"),
    ],
    ids=["version", "file of another release", "overlong reason"],
)
def test_what_cannot_be_yanked(place: Place, arguments: tuple[str, ...], named: str) -> None:
    status, sentence = refusal("yank", place.path, *arguments, *place.data)
    assert status == 1
    assert sentence.startswith("wheelyard: ")
    assert named in sentence
    assert set(place.yanked().values()) == {False}


def test_status(place: Place) -> None:
    given = ("status", "set", place.path, "Some_Pkg")
    told = shown(*given, "deprecated", "--reason", 'use "other" & go', *place.data)
    assert told == {"name": "some-pkg", "status": "deprecated", "reason": 'use "other" & go'}
    assert place.page()["project-status"] == {"status": "deprecated", "reason": 'use "other" & go'}
    assert '<meta name="pypi:project-status" content="deprecated">' in place.html()
    assert len(place.yanked()) == 3
    newer = build_wheel("some-pkg", "3.0")
    assert upload(place.base, place.auth, *newer).status_code == requests.codes.created

    told = shown(*given, "quarantined", *place.data)
    assert told == {"name": "some-pkg", "status": "quarantined", "reason": None}
    assert place.page()["project-status"] == {"status": "quarantined"}
    assert place.page()["files"] == []
    assert place.page()["versions"] == ["1.0", "2.0rc1", "3.0"]
    assert ".whl" not in place.html()
    refused = upload(place.base, place.auth, *build_wheel("some-pkg", "4.0"))
    assert refused.status_code == requests.codes.forbidden

    ended = wheelyard(*given, "active", *place.data)
    assert ended.stdout == "some-pkg is active now.\n"
    assert "project-status" not in place.page()
    assert len(place.yanked()) == 4


def test_statuses_that_are_none(place: Place) -> None:
    status, sentence = refusal("status", "set", place.path, "some-pkg", "withdrawn", *place.data)
    assert status == 2
    for known in ("active", "deprecated", "archived", "quarantined"):
        assert known in sentence
    status, sentence = refusal("status", "set", place.path, "other", "archived", *place.data)
    assert (status, sentence) == (1, "wheelyard: 404 Package Not Found\n")
    assert "project-status" not in place.page()
