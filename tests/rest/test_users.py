from dataclasses import replace
from typing import Any

import pytest
import requests
from gitlab import Gitlab

from people import People, Person, connect, refused
from registry import fresh
from requesting import project_index


def test_oneself(people: People, admin: Person) -> None:
    person = people.new()
    person.gitlab.auth()
    me = person.gitlab.user
    assert me is not None
    assert (me.id, me.username, me.state, me.is_admin) == (
        person.user.id,
        person.user.username,
        "active",
        False,
    )
    assert me.web_url == f"{people.address}/{person.user.username}"
    admin.gitlab.auth()
    assert admin.gitlab.user is not None
    assert admin.gitlab.user.is_admin is True


def test_nobody(anonymous: Gitlab) -> None:
    assert refused(anonymous.http_get, "/user")[0] == 401
    code, message = refused(anonymous.users.list, get_all=True)
    assert (code, message) == (403, "403 Forbidden - Not authorized to access /api/v4/users")
    assert refused(anonymous.users.get, 1)[0] == 401


def test_a_life(people: People, admin: Person) -> None:
    name = fresh("Life")
    made = admin.gitlab.users.create(
        {"username": name, "name": "A Life", "email": f"{name}@example.org", "password": "kd83-a_z"}
    )
    assert (made.username, made.name, made.state) == (name, "A Life", "active")
    assert (made.email, made.is_admin, made.bot) == (f"{name}@example.org", False, False)
    secret = people.registry.token(replace(admin.user, id=made.id, username=name))

    made.name = "Another Life"
    made.admin = True
    made.save()
    again = admin.gitlab.users.get(made.id)
    assert (again.name, again.is_admin) == ("Another Life", True)

    assert made.block() is True
    assert admin.gitlab.users.get(made.id).state == "blocked"
    assert refused(connect(people.address, secret).auth)[0] == 403
    assert made.unblock() is True
    connect(people.address, secret).auth()

    made.delete()
    assert refused(admin.gitlab.users.get, made.id) == (404, "404 User Not Found")
    assert refused(connect(people.address, secret).auth)[0] == 401
    admin.gitlab.users.create({"username": name, "name": "Next", "email": f"{name}@example.org"})


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"username": "no/slash"}, "path"),
        ({"username": "api"}, "path"),
        ({"email": "no-address"}, "email"),
        ({"name": " "}, "name"),
        ({"password": "short"}, "password"),
        ({"password": "p" * 129}, "password"),
        ({"password": "Password1"}, "password"),
        ({"password": "aaaaaaaaaa"}, "password"),
        ({"username": "named-alike", "password": "Named-Alike"}, "password"),
    ],
)
def test_what_cannot_be(people: People, admin: Person, changes: dict[str, str], field: str) -> None:
    body = {"username": fresh("bad"), "name": "Bad", "email": f"{fresh('bad')}@example.org"}
    answer = requests.post(
        f"{people.api}/users", json={**body, **changes}, headers=admin.headers, timeout=60
    )
    assert answer.status_code == 400
    assert list(answer.json()["message"]) == [field]


def test_what_is_missing(people: People, admin: Person) -> None:
    answer = requests.post(f"{people.api}/users", json={}, headers=admin.headers, timeout=60)
    assert (answer.status_code, answer.json()["error"]) == (400, "username is missing")


def test_what_is_taken(people: People, admin: Person) -> None:
    first, second = (fresh("taken") for _ in range(2))
    users = admin.gitlab.users
    one = users.create({"username": first, "name": "1", "email": f"{first}@example.org"})
    two = users.create({"username": second, "name": "2", "email": f"{second}@example.org"})
    group = people.registry.group()
    for name in (first, first.upper(), group.full_path):
        body = {"username": name, "name": "3", "email": f"{fresh('x')}@example.org"}
        assert refused(users.create, body) == (
            409,
            "Username has already been taken",
        )
    body = {"username": fresh("x"), "name": "3", "email": one.email.upper()}
    assert refused(users.create, body) == (409, "Email has already been taken")
    assert refused(users.update, two.id, {"email": one.email})[0] == 409
    assert refused(users.update, two.id, {"username": first})[0] == 409
    users.update(two.id, {"email": two.email, "username": second})


def test_another_name_moves_the_projects(people: People, admin: Person) -> None:
    person = people.new()
    project = person.gitlab.projects.create({"name": "mine"})
    renamed = fresh("renamed")
    admin.gitlab.users.update(person.user.id, {"username": renamed})
    found = person.gitlab.projects.get(f"{renamed}/mine")
    assert (found.id, found.path_with_namespace) == (project.id, f"{renamed}/mine")
    assert found.namespace["path"] == renamed
    assert found.permissions["project_access"]["access_level"] == 50
    assert refused(person.gitlab.projects.get, f"{person.user.username}/mine")[0] == 404
    session = requests.Session()
    index = project_index(session, people.address, project.id)
    assert index.upload_wheel("moved", ("x", person.secret)).status_code == 201


def test_lists(admin: Person) -> None:
    stem = fresh("listed_100%")
    names = [fresh("listed-z") for _ in range(3)]
    made = [admin.gitlab.users.create({"username": name, "name": stem}) for name in names]
    made[1].block()
    users = admin.gitlab.users

    def found(**filters: Any) -> list[str]:
        listed = users.list(search=stem, get_all=True, **filters)
        return [user.username for user in listed]

    assert found() == names[::-1]
    assert found(sort="asc", order_by="username") == names
    assert found(active=True) == [names[2], names[0]]
    assert found(blocked=True) == [names[1]]
    assert found(exclude_active=True) == [names[1]]
    assert found(created_after=made[0].created_at, two_factor="disabled") == names[::-1]
    assert found(created_before="2000-01-01T00:00:00Z") == []
    assert found(created_after="2000-01-01", created_before="2100-01-01") == names[::-1]
    assert found(created_after="2100-01-01") == []
    for nothing in ({"external": True}, {"two_factor": "enabled"}, {"exclude_humans": True}):
        assert found(**nothing) == []
    assert [user.id for user in users.list(username=names[0].upper(), get_all=True)] == [made[0].id]
    assert users.list(search="listed_100_", get_all=True) == []
    assert users.list(search="%%", get_all=True) == []


def test_others_see_no_more_than_a_profile(people: People) -> None:
    one, other = people.new(), people.new()
    seen = one.gitlab.users.get(other.user.id).attributes
    assert (seen["username"], seen["state"]) == (other.user.username, "active")
    [listed] = one.gitlab.users.list(username=other.user.username, get_all=True)
    for hidden in ("email", "is_admin", "created_at", "namespace_id"):
        assert hidden not in seen
        assert hidden not in listed.attributes
    assert one.gitlab.users.list(search=f"{other.user.username}@", get_all=True) == []


def test_only_administrators_change_users(people: People) -> None:
    person = people.new()
    users, own = person.gitlab.users, person.user.id
    for work in (
        lambda: users.create({"username": fresh("x"), "name": "x", "email": "x@example.org"}),
        lambda: users.update(own, {"admin": True}),
        lambda: users.get(own).block(),
        lambda: users.delete(own),
    ):
        assert refused(work)[0] == 403


def test_nobody_blocks_or_deletes_oneself(admin: Person) -> None:
    me = admin.gitlab.users.get(admin.user.id)
    assert refused(me.block) == (
        403,
        "403 Forbidden - The API initiating user cannot be blocked by the API",
    )
    assert refused(me.delete)[0] == 403


def test_an_owner_of_things_is_not_deleted_with_them_unasked(people: People, admin: Person) -> None:
    person, heir = people.new(), people.new()
    alone = person.gitlab.groups.create({"name": "Alone", "path": fresh("alone")})
    shared = person.gitlab.groups.create({"name": "Shared", "path": fresh("shared")})
    shared.members.create({"user_id": heir.user.id, "access_level": 50})
    users = admin.gitlab.users
    code, message = refused(users.delete, person.user.id)
    assert (code, "sole-owner of a group" in message) == (409, True)

    alone.members.create({"user_id": heir.user.id, "access_level": 50})
    project = person.gitlab.projects.create({"name": "own"})
    code, message = refused(users.delete, person.user.id)
    assert (code, "owning projects" in message) == (409, True)
    assert admin.gitlab.projects.get(project.id).name == "own"

    users.delete(person.user.id, hard_delete=True)
    assert refused(admin.gitlab.projects.get, project.id)[0] == 404
    assert heir.gitlab.groups.get(alone.id).members.list(get_all=True)[0].id == heir.user.id


def test_a_hard_deletion_takes_the_groups_that_nobody_else_owns(
    people: People, admin: Person
) -> None:
    person = people.new()
    group = person.gitlab.groups.create({"name": "Alone", "path": fresh("alone")})
    inner = person.gitlab.projects.create({"name": "inner", "namespace_id": group.id})
    admin.gitlab.users.delete(person.user.id, hard_delete=True)
    assert refused(admin.gitlab.groups.get, group.id)[0] == 404
    assert refused(admin.gitlab.projects.get, inner.id)[0] == 404


def test_what_somebody_published_outlives_the_account(people: People, admin: Person) -> None:
    project = people.registry.project()
    person = people.with_role(project, "developer")
    session = requests.Session()
    index = project_index(session, people.address, project)
    assert index.upload_wheel("outlives", ("x", person.secret)).status_code == 201
    admin.gitlab.users.delete(person.user.id)
    assert index.names(("x", admin.secret)) == ["outlives"]


def test_scopes(people: People) -> None:
    person = people.new()
    reader, other = (
        people.connect(person.user, "read_user"),
        people.connect(person.user, "self_rotate"),
    )
    assert reader.get("/user")["id"] == person.user.id
    assert reader.gitlab.users.get(person.user.id).id == person.user.id
    for path in ("/projects", "/groups", f"/users/{person.user.id}/projects"):
        assert refused(reader.gitlab.http_get, path)[0] == 403
    for path in ("/user", "/users", "/version"):
        assert refused(other.gitlab.http_get, path)[0] == 403
