"""Holes that other registries had, as far as no other test is about the same: docs/holes.md."""

import pytest
import requests

from distributions import build_wheel
from people import People, Person
from registry import Registry, fresh
from requesting import group_index, open_session, project_index


@pytest.mark.parametrize("way", ["header", "deploy", "bearer", "basic", "query"])
@pytest.mark.parametrize("blank", ["", "%20", "%00"])
def test_a_blank_secret_is_nobodys(people: People, way: str, blank: str) -> None:
    """Artifactory, 2026: a blank join key let everybody in."""
    project = people.registry.project()
    headers = {
        "header": {"PRIVATE-TOKEN": blank},
        "deploy": {"Deploy-Token": blank},
        "bearer": {"Authorization": f"Bearer {blank}"},
        "basic": {"Authorization": "Basic Og=="},
        "query": {},
    }[way]
    query = f"?private_token={blank}" if way == "query" else ""
    session = open_session()
    for path, statuses in (
        ("/user", {401}),
        (f"/projects/{project.id}", {401, 404}),
        ("/application/settings", {401}),
        (f"/projects/{project.id}/packages/pypi/simple/", {401}),
    ):
        answer = session.get(f"{people.api}{path}{query}", headers=headers, timeout=30)
        assert answer.status_code in statuses, (path, answer.text)


def test_what_one_reads_is_kept_for_nobody_else(people: People, registry: Registry) -> None:
    """Artifactory, 2024: what was kept for one could be had, or changed, by another."""
    project, secret = registry.publisher()
    index = project_index(open_session(), people.address, project)
    assert index.upload(*build_wheel("pkg", "1.0"), ("x", secret)).status_code == 201
    stranger = ("x", people.new().secret)
    addresses = ["/simple/", "/simple/pkg/", "/pypi/pkg/json"]
    file = str(index.files("pkg", ("x", secret))[0]["url"]).removeprefix("../..")
    for rest in (*addresses, file, f"{file}.metadata"):
        for _ in range(2):  # from the database, then perhaps from memory
            assert index.get(rest, ("x", secret)).status_code == 200
            assert index.get(rest, stranger).status_code == 404
            assert index.get(rest).status_code == 401
    evil = {"Host": "evil.example", "Accept": "application/vnd.pypi.simple.v1+json"}
    for rest in addresses:
        index.get(rest, ("x", secret), headers=evil)
        assert "evil.example" not in index.get(rest, ("x", secret)).text


def test_making_an_administrator_is_recorded(people: People, admin: Person) -> None:
    """Warehouse, 2026: changes of the administrator's flag were not in the log."""
    user = people.new().user
    for flag in (True, False):
        admin.gitlab.users.update(user.id, {"admin": flag})
        event = admin.gitlab.audit_events.list(
            entity_type="User", entity_id=user.id, per_page=1, get_all=False
        )[0]
        assert (event.event_name, event.author_id) == ("user_changed", admin.user.id)
        assert event.details["is_admin"] == [not flag, flag]


def test_another_spelling_is_no_other_name_in_a_group(people: People, registry: Registry) -> None:
    """Nexus: a group did not normalise names, so another spelling was a way past its owner."""
    group = registry.group()
    first, second = (registry.project(f"{group.full_path}/{name}") for name in ("a", "b"))
    owner = people.with_role(group, "maintainer")
    auth = ("x", owner.secret)
    stem = fresh("spelled")
    for project, name in ((first, stem), (second, stem.replace("-", "_").upper())):
        index = project_index(open_session(), people.address, project)
        assert index.upload_wheel(name, auth, "1.0").status_code == 201
    index = group_index(open_session(), people.address, group)
    assert index.names(auth) == [stem]
    (file,) = index.files(stem, auth)
    assert (
        file["url"]
        == project_index(open_session(), people.address, first).files(stem, auth)[0]["url"]
    )
    url = f"{people.api}/groups/{group.id}/packages/pypi/collisions"
    (collision,) = requests.get(url, headers=owner.headers, timeout=30).json()
    assert collision["owner"]["id"] == first.id


@pytest.mark.parametrize("wildcard", ["%", "_", "\\"])
def test_wildcards_of_the_database_are_plain_text(
    people: People, admin: Person, wildcard: str
) -> None:
    """Warehouse, 2023: LIKE got what people typed, wildcards and all."""
    name = fresh("findable")
    owner = people.new(name=name)
    group = owner.gitlab.groups.create({"name": name, "path": f"{name}-g"})
    made = owner.gitlab.projects.create({"name": name, "namespace_id": group.id})
    index = project_index(open_session(), people.address, made.id)
    assert index.upload(*build_wheel(name, "1.0"), ("x", owner.secret)).status_code == 201
    gitlab, there = admin.gitlab, admin.gitlab.projects.get(made.id)

    def found(text: str) -> list[int]:
        """Return how much of each kind is found by a text."""
        return [
            len(gitlab.users.list(search=text, get_all=True)),
            len(gitlab.projects.list(search=text, get_all=True)),
            len(gitlab.groups.list(search=text, get_all=True)),
            len(group.members.list(query=text, get_all=True)),
            len(there.packages.list(package_name=text, get_all=True)),
        ]

    assert found(name) == [1, 1, 1, 1, 1]
    assert found(name.replace("d", wildcard)) == [0, 0, 0, 0, 0]
    assert len(gitlab.namespaces.list(search=name, get_all=True)) == 2
    assert gitlab.namespaces.list(search=name.replace("d", wildcard), get_all=True) == []
