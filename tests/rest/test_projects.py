from typing import Any

import pytest
import requests
from gitlab import Gitlab

from distributions import build_wheel
from people import People, Person, refused
from registry import fresh
from requesting import project_index


def test_a_life(people: People) -> None:
    person = people.new()
    project = person.gitlab.projects.create({"name": "My Package", "description": "Text"})
    assert (project.name, project.path, project.visibility) == (
        "My Package",
        "my-package",
        "private",
    )
    name = person.user.username
    assert project.path_with_namespace == f"{name}/my-package"
    assert project.name_with_namespace == f"{name} / My Package"
    assert project.web_url == f"{people.address}/{name}/my-package"
    assert project.namespace["kind"] == "user"
    assert (project.description, project.creator_id) == ("Text", person.user.id)
    assert (project.packages_enabled, project.package_registry_access_level) == (True, "enabled")
    assert project.permissions["project_access"]["access_level"] == 50

    project.name = "Other"
    project.path = "other"
    project.package_registry_access_level = "public"
    project.save()
    again = person.gitlab.projects.get(f"{name}/other")
    assert (again.id, again.name) == (project.id, "Other")
    assert again.package_registry_access_level == "public"
    assert refused(person.gitlab.projects.get, f"{name}/my-package") == (
        404,
        "404 Project Not Found",
    )

    index = project_index(requests.Session(), people.address, project.id)
    assert index.upload_wheel("lives", ("x", person.secret)).status_code == 201
    answer = requests.delete(
        f"{people.api}/projects/{project.id}", headers=person.headers, timeout=60
    )
    assert (answer.status_code, answer.json()) == (202, {"message": "202 Accepted"})
    assert refused(person.gitlab.projects.get, project.id)[0] == 404
    assert index.get(auth=("x", person.secret)).status_code == 404
    again = person.gitlab.projects.create({"path": "other"})
    assert (again.name, again.id != project.id) == ("other", True)
    assert again.packages.list(get_all=True) == []


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"path": "a/b"}, "path"),
        ({"path": "-"}, "path"),
        ({"name": "???"}, "path"),
        ({"path": "ok", "name": "a/b"}, "name"),
        ({"path": "ok", "namespace_id": 10**12}, "namespace"),
    ],
)
def test_what_cannot_be(people: People, body: dict[str, object], field: str) -> None:
    person = people.new()
    answer = requests.post(f"{people.api}/projects", json=body, headers=person.headers, timeout=60)
    assert (answer.status_code, list(answer.json()["message"])) == (400, [field])
    assert person.gitlab.projects.list(membership=True, get_all=True) == []


def test_parameters_of_the_wrong_form(people: People, admin: Person) -> None:
    for body, sentence in (
        ({}, "name, path are missing"),
        ({"name": "x", "visibility": "hidden"}, "visibility does not have a valid value"),
        ({"name": "x", "package_registry_access_level": "on"}, "does not have a valid value"),
        ({"name": "x", "namespace_id": "group"}, "namespace_id is invalid"),
    ):
        answer = requests.post(
            f"{people.api}/projects", json=body, headers=admin.headers, timeout=60
        )
        assert answer.status_code == 400
        assert sentence in answer.text


@pytest.mark.parametrize("form", ["json", "data"])
def test_a_choice_is_taken_back(people: People, form: str) -> None:
    """With null, for which a form has nothing."""
    person = people.new()
    chosen = {
        "package_registry_access_level": "private",
        "duplicates": "deny",
        "validation": "warn",
    }
    made = person.gitlab.projects.create({"name": fresh("own"), **chosen})
    assert made.own_settings == chosen
    nothing = dict.fromkeys(chosen, None if form == "json" else "")
    answer = requests.put(
        f"{people.api}/projects/{made.id}",
        json=nothing if form == "json" else None,
        data=nothing if form == "data" else None,
        headers=person.headers,
        timeout=60,
    )
    assert answer.status_code == 200, answer.text
    again = answer.json()
    assert again["own_settings"] == dict.fromkeys(chosen)
    assert {key: again[key] for key in chosen} == {
        "package_registry_access_level": "enabled",
        "duplicates": "allow",
        "validation": None,
    }


def test_an_administrator_makes_a_project_for_somebody(people: People, admin: Person) -> None:
    person = people.new()
    body = {"name": "For You", "path": fresh("for-you")}
    made = admin.gitlab.users.get(person.user.id).projects.create(body)
    assert made.path_with_namespace == f"{person.user.username}/{body['path']}"
    assert person.gitlab.projects.get(made.id).permissions["project_access"]["access_level"] == 50
    theirs = person.gitlab.users.get(admin.user.id).projects
    assert refused(theirs.create, body)[0] == 403
    assert refused(admin.gitlab.users.get(10**9, lazy=True).projects.create, body)[0] == 404


def test_a_path_cannot_reach_into_another_namespace(people: People) -> None:
    """A slash in `path` must not choose a namespace that was not asked about."""
    group = people.registry.group()
    inner = people.registry.group(f"{group.full_path}/inner")
    person = people.with_role(group, "developer")
    for path in ("inner/p", "../x", f"{inner.path}%2Fp"):
        body = {"path": path, "name": "x", "namespace_id": group.id}
        assert refused(person.gitlab.projects.create, body)[0] == 400


def test_an_address_is_taken_once(people: People) -> None:
    gitlab = people.new().gitlab
    project = gitlab.projects.create({"name": "taken"})
    other = gitlab.projects.create({"name": "other"})
    for work in (
        lambda: gitlab.projects.create({"path": "TAKEN"}),
        lambda: gitlab.projects.update(other.id, {"path": "Taken"}),
    ):
        code, message = refused(work)
        assert (code, "has already been taken" in message) == (400, True)
    gitlab.projects.update(project.id, {"path": "Taken"})
    assert gitlab.projects.get(project.id).path == "Taken"


def test_who_may_create_in_a_group(people: People, anonymous: Gitlab) -> None:
    group = people.registry.group(visibility="public")
    for role, may in (("reporter", False), ("developer", True), (None, False)):
        person = people.with_role(group, role) if role else people.new()
        body = {"name": fresh("p"), "namespace_id": group.id}
        if may:
            made = person.gitlab.projects.create(body)
            assert made.namespace["id"] == group.id
            assert made.permissions == {
                "project_access": None,
                "group_access": {"access_level": 30, "notification_level": 3},
            }
        else:
            code, message = refused(person.gitlab.projects.create, body)
            assert (code, "is not valid" in message) == (400, True)
    assert refused(anonymous.projects.create, {"name": "x"})[0] == 401
    other = people.new()
    namespace_id = other.gitlab.projects.create({"name": "x"}).namespace["id"]
    body = {"name": "y", "namespace_id": namespace_id}
    assert refused(people.new().gitlab.projects.create, body)[0] == 400


def test_who_may_change_and_delete(people: People, anonymous: Gitlab) -> None:
    project = people.registry.project(visibility="public")
    change, show = {"description": "x"}, {"visibility": "private"}
    for role, changes, shows in (
        ("developer", 403, 403),
        ("maintainer", 200, 403),
        ("owner", 200, 200),
        (None, 403, 403),
    ):
        person = people.with_role(project, role) if role else people.new()
        for body, status in ((change, changes), (show, shows)):
            answer = requests.put(
                f"{people.api}/projects/{project.id}",
                json=body,
                headers=person.headers,
                timeout=60,
            )
            assert answer.status_code == status, (role, body)
        if role == "maintainer":
            assert refused(person.gitlab.projects.delete, project.id)[0] == 403
        people.registry.configure(project, "visibility", "public")
    assert refused(anonymous.projects.delete, project.id)[0] == 401
    assert refused(anonymous.projects.update, project.id, {})[0] == 401
    people.registry.configure(project, "visibility", "private")
    for gitlab, status in ((anonymous, 401), (people.new().gitlab, 404)):
        assert refused(gitlab.projects.delete, project.id)[0] == status
        assert refused(gitlab.projects.get, project.id)[0] == 404
    code, message = refused(
        people.with_role(project, "owner").gitlab.projects.update, project.id, {}
    )
    assert (code, "at least one parameter must be provided" in message) == (400, True)


def test_the_older_switch(people: People) -> None:
    gitlab = people.new().gitlab
    off = gitlab.projects.create({"name": "off", "packages_enabled": False})
    assert (off.packages_enabled, off.package_registry_access_level) == (False, "disabled")
    project = gitlab.projects.create({"name": "p", "package_registry_access_level": "private"})
    for is_on, level in ((True, "private"), (False, "disabled"), (True, "enabled")):
        gitlab.projects.update(project.id, {"packages_enabled": is_on})
        assert gitlab.projects.get(project.id).package_registry_access_level == level


# --- lists ------------------------------------------------------------------------------------


def names(gitlab: Gitlab, **filters: Any) -> list[str]:
    return [project.name for project in gitlab.projects.list(get_all=True, **filters)]


def test_who_sees_which(people: People, admin: Person, anonymous: Gitlab) -> None:
    group, stem = people.registry.group(visibility="public"), fresh("seen")
    for visibility in ("public", "internal", "private"):
        people.registry.project(f"{group.full_path}/{stem}-{visibility}", visibility)
    elsewhere = people.registry.project(f"{people.registry.group().full_path}/{stem}-elsewhere")
    guest, stranger = people.with_role(group, "guest"), people.new()
    of_one = people.with_role(elsewhere, "guest")
    public, internal, private, other = (
        f"{stem}-{name}" for name in ("public", "internal", "private", "elsewhere")
    )

    def seen(gitlab: Gitlab, **filters: Any) -> set[str]:
        return set(names(gitlab, search=stem, **filters))

    assert seen(anonymous) == {public}
    assert seen(stranger.gitlab) == {public, internal}
    assert seen(guest.gitlab) == {public, internal, private}
    assert seen(of_one.gitlab) == {public, internal, other}
    assert seen(admin.gitlab) == {public, internal, private, other}
    assert seen(admin.gitlab, membership=True) == set()
    assert seen(anonymous, membership=True) == set()
    assert seen(guest.gitlab, membership=True) == {public, internal, private}
    assert seen(of_one.gitlab, membership=True) == {other}
    assert (
        "package_registry_access_level"
        not in anonymous.projects.list(search=stem, get_all=True)[0].attributes
    )


def test_filters(people: People) -> None:
    person, stem = people.new(), fresh("filters")
    gitlab = person.gitlab
    for name, visibility in (("b", "public"), ("a", "internal"), ("c_%", "private")):
        gitlab.projects.create({"name": f"{stem} {name}", "visibility": visibility})
    group = people.registry.group()
    people.registry.member(group, person.user, "developer")
    gitlab.projects.create({"name": f"{stem} d", "namespace_id": group.id})
    a, b, c, d = (f"{stem} {name}" for name in ("a", "b", "c_%", "d"))

    def seen(**filters: Any) -> list[str]:
        return names(gitlab, **{"search": stem, **filters})

    assert seen() == [d, c, a, b]
    assert seen(order_by="id", sort="asc") == [b, a, c, d]
    assert seen(order_by="name", sort="asc") == [a, b, c, d]
    assert seen(order_by="path") == [d, c, b, a]
    assert seen(order_by="last_activity_at") == [d, c, a, b]
    assert seen(owned=True) == [c, a, b]
    assert seen(min_access_level=30) == [d, c, a, b]
    assert seen(min_access_level=40) == [c, a, b]
    assert seen(visibility="private") == [d, c]
    assert seen(search=f"{stem} C_%") == [c]
    assert seen(search="%", membership=True) == [c]
    assert seen(search=group.path, membership=True) == []
    assert seen(search=group.path, membership=True, search_namespaces=True) == [d]
    assert seen(starred=False, archived=False, topic="", statistics=True) == [d, c, a, b]
    for nothing in ({"starred": True}, {"archived": True}, {"topic": "x"}):
        assert seen(**nothing) == []
    first = gitlab.projects.list(search=b, get_all=True)[0]
    assert seen(id_after=first.id, per_page=1) == [d, c, a]
    assert seen(id_before=first.id + 1) == [b]
    assert seen(last_activity_before=first.last_activity_at) == []
    assert seen(last_activity_after="2000-01-01", last_activity_before="2100-01-01") == seen()
    assert seen(last_activity_after="2100-01-01") == []
    [simple] = gitlab.projects.list(search=a, simple=True, get_all=True)
    assert "permissions" not in simple.attributes
    own = gitlab.users.get(person.user.id).projects.list(get_all=True)
    assert [project.name for project in own] == [c, a, b]
    other = people.new()
    listed = other.get(f"/users/{person.user.username}/projects")
    assert [project["name"] for project in listed] == [a, b]
    assert refused(other.get, "/users/no-such/projects")[0] == 404


def test_publishing_is_activity(people: People) -> None:
    """Who looks for what nobody uses any more must not find what is published to every day."""
    person, stem = people.new(), fresh("active")
    first, second = (person.gitlab.projects.create({"name": f"{stem} {n}"}) for n in (1, 2))
    assert first.last_activity_at == first.created_at
    index = project_index(requests.Session(), people.address, first.id)
    assert index.upload_wheel("daily", ("x", person.secret)).status_code == 201
    active_at = person.gitlab.projects.get(first.id).last_activity_at
    assert active_at > second.created_at

    def seen(**filters: Any) -> list[int]:
        listed = person.gitlab.projects.list(search=stem, get_all=True, **filters)
        assert all(each.id != first.id or each.last_activity_at == active_at for each in listed)
        return [project.id for project in listed]

    assert seen(order_by="last_activity_at") == [first.id, second.id]
    assert seen(order_by="created_at") == [second.id, first.id]
    assert seen(last_activity_before=active_at) == [second.id]
    assert seen(last_activity_after=active_at) == [first.id]


def test_statistics_are_for_reporters_who_ask(people: People) -> None:
    owner = people.new()
    made = owner.gitlab.projects.create({"name": fresh("stats"), "visibility": "public"})
    wheel = build_wheel("stored", "1.0")
    index = project_index(requests.Session(), people.address, made.id)
    assert index.upload(*wheel, ("x", owner.secret)).status_code == 201
    sizes = {"storage_size": len(wheel[1]), "packages_size": len(wheel[1])}
    assert owner.gitlab.projects.get(made.id, statistics=True).statistics == sizes
    [listed] = owner.gitlab.projects.list(search=made.name, statistics=True, get_all=True)
    assert listed.statistics == sizes
    assert "statistics" not in owner.gitlab.projects.get(made.id).attributes
    guest = people.new().gitlab.projects.get(made.id, statistics=True)
    assert "statistics" not in guest.attributes


def test_a_list_for_somebody_with_many_roles(people: People) -> None:
    person = people.new()
    group = people.registry.group()
    for number in range(40):
        project = people.registry.project(f"{group.full_path}/p{number}")
        people.registry.member(project, person.user, ["guest", "developer"][number % 2])
    assert len(names(person.gitlab, membership=True)) == 40
    assert len(names(person.gitlab, min_access_level=30)) == 20
