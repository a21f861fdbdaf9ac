"""The index of the whole instance: everything that the caller may read, at one address."""

from dataclasses import dataclass

import pytest
import requests

from distributions import build_wheel
from people import People, Person
from publications import publish
from registry import Registry, fresh
from requesting import Auth, Index
from running import Server
from wheelyard.domain.models.places import Project


@dataclass(frozen=True)
class Instance:
    """A project of each visibility with a package of its own, and the index of all."""

    index: Index
    projects: dict[str, Project]
    names: dict[str, str]
    maintainer: Person

    def seen(self, auth: Auth = None) -> set[str]:
        """Return the visibilities of the packages that are listed."""
        listed = set(self.index.names(auth))
        return {visibility for visibility, name in self.names.items() if name in listed}


@pytest.fixture(scope="module")
def people(server: Server, registry: Registry) -> People:
    return People(server.address, registry)


@pytest.fixture(scope="module")
def instance(
    server: Server, registry: Registry, session: requests.Session, people: People
) -> Instance:
    maintainer = people.new()
    projects, names = {}, {}
    for visibility in ("public", "internal", "private"):
        projects[visibility] = registry.project(visibility=visibility)
        registry.member(projects[visibility], maintainer.user, "maintainer")
        names[visibility] = fresh(f"of-{visibility}")
        publish(server.address, projects[visibility], maintainer, (names[visibility], "1.0"))
    index = Index(session, f"{server.address}/api/v4/packages/pypi")
    return Instance(index, projects, names, maintainer)


def auth_of(person: Person) -> Auth:
    return ("__token__", person.secret)


def test_who_sees_what(instance: Instance, people: People, registry: Registry) -> None:
    everything = {"public", "internal", "private"}
    guest = people.with_role(instance.projects["private"], "guest")
    deploy = registry.deploy_token(instance.projects["private"], "read_package_registry")
    assert instance.seen() == {"public"}
    assert instance.seen(("__token__", "glpat-wrong")) == {"public"}
    assert instance.seen(auth_of(people.new())) == {"public", "internal"}
    assert instance.seen(auth_of(guest)) == everything
    assert instance.seen(auth_of(people.new(is_admin=True))) == everything
    assert instance.seen(("x", deploy.secret)) == {"public", "private"}


def test_pages_and_files_follow(instance: Instance, people: People) -> None:
    stranger = auth_of(people.new())
    for visibility, name in instance.names.items():
        page = f"/simple/{name}/"
        maintainers = instance.index.get(page, auth_of(instance.maintainer))
        file = maintainers.json()["files"][0]
        path = f"/files/{file['hashes']['sha256']}/{file['filename']}"
        _, content = build_wheel(name, "1.0")
        for auth, absent in ((None, 401), (stranger, 404)):
            seen = visibility in instance.seen(auth)
            for address in (page, path, f"{path}.metadata", f"/pypi/{name}/json"):
                answer = instance.index.get(address, auth)
                assert answer.status_code == (200 if seen else absent), (visibility, address)
        assert instance.index.get(path, auth_of(instance.maintainer)).content == content


@pytest.mark.parametrize("path", ["/simple/unheard-of/", "/files/" + "0" * 64 + "/a.whl"])
def test_somebody_unknown_is_asked_who_they_are(instance: Instance, path: str) -> None:
    answer = instance.index.get(path)
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Basic ")
    assert instance.index.get(path, auth_of(instance.maintainer)).status_code == 404


def test_a_hidden_name_looks_like_none(instance: Instance, people: People) -> None:
    stranger = auth_of(people.new())
    answers = [
        instance.index.get(f"/simple/{name}/", stranger)
        for name in (instance.names["private"], "unheard-of")
    ]
    assert answers[0].status_code == 404
    assert answers[0].content == answers[1].content


def test_names_are_spelled_canonically(instance: Instance) -> None:
    name = instance.names["public"]
    moved = instance.index.get(f"/simple/{name.upper()}")
    assert moved.status_code == 301
    assert moved.headers["location"] == f"/api/v4/packages/pypi/simple/{name}/"


def test_a_name_belongs_to_the_first_of_the_instance(
    instance: Instance, registry: Registry, server: Server
) -> None:
    name = fresh("contested")
    owner, later = registry.project(), registry.project(visibility="public")
    for project, version in ((owner, "1.0"), (later, "9.0")):
        registry.member(project, instance.maintainer.user, "maintainer")
        publish(server.address, project, instance.maintainer, (name, version))
    files = instance.index.files(name, auth_of(instance.maintainer))
    assert [file["filename"] for file in files] == [build_wheel(name, "1.0")[0]]
    # Hidden is not free: whoever may not read the owner's gets nobody else's.
    assert instance.index.get(f"/simple/{name}/").status_code == 401
    assert name not in instance.index.names()


def test_it_can_only_be_read(instance: Instance) -> None:
    assert instance.index.get(method="POST").status_code == 405
    answer = instance.index.upload_wheel("new", auth_of(instance.maintainer))
    assert answer.status_code in {404, 405}


def test_a_token_needs_a_scope(instance: Instance, people: People) -> None:
    reader, other = people.new("read_api"), people.new("read_user")
    assert instance.index.get(auth=auth_of(reader)).status_code == 200
    assert instance.index.get(auth=auth_of(other)).status_code == 403
