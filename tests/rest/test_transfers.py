"""Transfers of projects and groups over REST: what comes along, and what stays behind."""

from typing import Any

import pytest
import requests
from gitlab import Gitlab
from gitlab.exceptions import GitlabGroupTransferError, GitlabTransferProjectError
from gitlab.v4.objects import Group

from people import People, Person, connect, refused
from publications import publish
from registry import Registry, fresh
from requesting import group_index, open_session, project_index

LONGEST_PATH = 255


def new_group(gitlab: Gitlab, stem: str = "g", **attributes: object) -> Group:
    """Create a group with a path of its own."""
    path = fresh(stem)
    return gitlab.groups.create({"name": path, "path": path, **attributes})


# --- projects ---------------------------------------------------------------------------------


def test_roles_of_the_old_group_do_not_survive_a_transfer(people: People) -> None:
    """Warehouse, 2026: a team's rights survived the transfer of a project."""
    old, new = people.registry.group(), people.registry.group()
    project = people.registry.project(f"{old.full_path}/p")
    owner = people.with_role(old, "owner")
    people.registry.member(new, owner.user, "maintainer")
    of_old, of_new = people.with_role(old, "maintainer"), people.with_role(new, "developer")
    of_project = people.with_role(project, "developer")
    group_token = people.registry.deploy_token(old).secret
    own_token = people.registry.deploy_token(project).secret
    index = project_index(requests.Session(), people.address, project.id)
    assert index.upload_wheel("moves", ("x", group_token)).status_code == 201

    owner.gitlab.projects.get(project.id).transfer(new.full_path)
    moved = of_new.gitlab.projects.get(f"{new.full_path}/p")
    assert moved.id == project.id
    assert refused(of_old.gitlab.projects.get, project.id)[0] == 404
    assert refused(owner.gitlab.projects.delete, project.id)[0] == 403
    for secret, status in (
        (of_old.secret, 404),
        (group_token, 404),
        (of_project.secret, 201),
        (own_token, 201),
        (of_new.secret, 201),
    ):
        assert index.upload_wheel(fresh("after"), ("x", secret)).status_code == status


def test_a_transfer_takes_the_settings_and_the_visibility_of_the_new_group(
    people: People,
) -> None:
    gitlab = people.new().gitlab
    strict = new_group(
        gitlab, duplicates="deny", locked_settings=["duplicates"], visibility="internal"
    )
    project = gitlab.projects.create({"name": fresh("p"), "visibility": "public"})
    gitlab.projects.update(project.id, {"duplicates": "allow"})
    project.transfer(strict.id)
    moved = gitlab.projects.get(project.id)
    assert (moved.duplicates, moved.visibility) == ("deny", "internal")
    (event,) = [
        each for each in moved.audit_events.list(get_all=True) if each.event_name == "project_moved"
    ]
    assert event.details["visibility"] == ["public", "internal"]
    assert event.details["full_path"] == [project.path_with_namespace, moved.path_with_namespace]


@pytest.mark.parametrize(
    ("role", "there", "status"),
    [
        ("maintainer", "owner", 403),
        ("owner", None, 404),
        ("owner", "guest", 400),
        ("owner", "developer", 400),
        ("owner", "maintainer", 200),
    ],
)
def test_who_may_transfer_a_project(
    people: People, role: str, there: str | None, status: int
) -> None:
    project, group = people.registry.project(), people.registry.group()
    person = people.with_role(project, role)
    if there is not None:
        people.registry.member(group, person.user, there)
    answer = requests.put(
        f"{people.api}/projects/{project.id}/transfer",
        json={"namespace": group.id},
        headers=person.headers,
        timeout=30,
    )
    assert answer.status_code == status, answer.text
    moved = answer.json() if status == 200 else person.gitlab.projects.get(project.id).attributes
    assert (moved["namespace"]["id"] == group.id) is (status == 200)


def test_where_a_project_cannot_go(people: People) -> None:
    person = people.new()
    gitlab = person.gitlab
    group, other = new_group(gitlab), people.new()
    project = gitlab.projects.create({"name": "p", "namespace_id": group.id})
    gitlab.projects.create({"name": "p"})  # in the person's own namespace
    for to, status, words in (
        (group.id, 400, "already in this namespace"),
        (person.user.username, 400, "has already been taken"),
        (other.user.username, 404, "404 Namespace Not Found"),
        (10**12, 404, "404 Namespace Not Found"),
    ):
        code, message = refused(project.transfer, to)
        assert (code, words in message) == (status, True), message
    with pytest.raises(GitlabTransferProjectError):
        project.transfer("no-such")
    assert gitlab.projects.get(project.id).path_with_namespace == f"{group.path}/p"


def test_an_administrator_gives_a_project_to_a_group(people: People, admin: Person) -> None:
    person = people.new()
    project = person.gitlab.projects.create({"name": fresh("given")})
    group = new_group(person.gitlab)
    assert refused(group.transfer_project, project.id)[0] == 403
    admin.gitlab.groups.get(group.id).transfer_project(project.id)
    moved = person.gitlab.projects.get(project.id)
    assert moved.path_with_namespace == f"{group.path}/{project.path}"


# --- groups -----------------------------------------------------------------------------------


def test_a_group_moves_with_everything_in_it(people: People) -> None:
    """Into another group and back to the top: addresses, roles, tokens, packages, the record."""
    owner = people.new()
    gitlab = owner.gitlab
    old, new = new_group(gitlab, "old"), new_group(gitlab, "new")
    moving = new_group(gitlab, "moving", parent_id=old.id)
    inner = new_group(gitlab, "inner", parent_id=moving.id)
    made = gitlab.projects.create({"name": "p", "namespace_id": inner.id})
    project = people.registry.run(lambda machines, _by: _project(machines, made.id))
    publish(people.address, project, owner, ("travels", "1.0"))
    of_old, of_new, of_moving = (people.new() for _ in range(3))
    for group, person in ((old, of_old), (new, of_new), (moving, of_moving)):
        group.members.create({"user_id": person.user.id, "access_level": 30})
    deploy = {
        group.id: group.deploytokens.create(
            {"name": "t", "scopes": ["read_package_registry"]}
        ).token
        for group in (old, new, moving)
    }
    access = moving.access_tokens.create({"name": "t", "scopes": ["api"], "access_level": 30})

    def readers() -> set[str]:
        index = project_index(open_session(), people.address, made.id)
        secrets = {
            "of old": of_old.secret,
            "of new": of_new.secret,
            "of moving": of_moving.secret,
            "token of old": deploy[old.id],
            "token of new": deploy[new.id],
            "token of moving": deploy[moving.id],
            "access token": access.token,
        }
        return {who for who, secret in secrets.items() if index.files("travels", ("x", secret))}

    def indexed(group: Group) -> list[str]:
        index = group_index(open_session(), people.address, group.full_path)
        return index.names(("x", owner.secret))

    own = {"of moving", "token of moving", "access token"}
    assert readers() == own | {"of old", "token of old"}
    assert (indexed(old), indexed(new)) == (["travels"], [])

    moving.transfer(new.id)
    moving = gitlab.groups.get(moving.id)
    assert (moving.full_path, moving.parent_id) == (f"{new.path}/{moving.path}", new.id)
    assert gitlab.projects.get(made.id).path_with_namespace == (
        f"{new.path}/{moving.path}/{inner.path}/p"
    )
    assert gitlab.groups.get(f"{new.path}/{moving.path}/{inner.path}").id == inner.id
    assert refused(gitlab.groups.get, f"{old.path}/{moving.path}")[0] == 404
    assert readers() == own | {"of new", "token of new"}
    assert (indexed(old), indexed(new), indexed(moving)) == ([], ["travels"], ["travels"])
    event = moving.audit_events.list(get_all=True)[0]
    assert event.event_name == "group_moved"
    assert event.details["full_path"] == [f"{old.path}/{moving.path}", moving.full_path]
    assert event.details["parent_id"] == [old.id, new.id]
    assert event.author_id == owner.user.id

    moving.transfer()
    assert gitlab.groups.get(moving.id).full_path == moving.path
    assert gitlab.groups.get(moving.id).parent_id is None
    assert readers() == own
    assert moving.access_tokens.get(access.id).access_level == 30
    again = project_index(open_session(), people.address, made.id)
    assert again.upload_wheel("later", ("x", access.token)).status_code == 201


async def _project(machines: Any, project_id: int) -> Any:
    async with machines.db.read() as tx:
        return await tx.projects.get(project_id)


def test_whoever_moves_a_group_to_the_top_owns_it(people: People, registry: Registry) -> None:
    """If nobody else does: its owners may all have been owners of the group above."""
    owner, other = people.new(), people.new()
    top = new_group(owner.gitlab)
    alone, owned = (registry.group(f"{top.path}/{fresh(name)}") for name in ("alone", "owned"))
    registry.member(owned, other.user, "owner")
    for group, new_owner in ((alone, owner), (owned, other)):
        owner.gitlab.groups.get(group.id).transfer()
        members = new_owner.gitlab.groups.get(group.path).members.list(get_all=True)
        assert [each.id for each in members] == [new_owner.user.id]


def test_a_group_takes_the_settings_and_the_visibility_of_its_parent(people: People) -> None:
    gitlab = people.new().gitlab
    parent = new_group(
        gitlab, duplicates="deny", locked_settings=["duplicates"], visibility="internal"
    )
    moving = new_group(gitlab, visibility="public", duplicates="allow")
    private = new_group(gitlab, parent_id=moving.id, visibility="private")
    public = gitlab.projects.create(
        {"name": "p", "namespace_id": moving.id, "visibility": "public"}
    )
    hidden = gitlab.projects.create({"name": "h", "namespace_id": private.id})
    assert gitlab.projects.get(hidden.id).duplicates == "allow"
    moving.transfer(parent.id)
    seen = {
        "moving": gitlab.groups.get(moving.id).visibility,
        "private": gitlab.groups.get(private.id).visibility,
        "public": gitlab.projects.get(public.id).visibility,
        "hidden": gitlab.projects.get(hidden.id).visibility,
    }
    assert seen == {
        "moving": "internal",
        "private": "private",
        "public": "internal",
        "hidden": "private",
    }
    assert gitlab.projects.get(hidden.id).duplicates == "deny"
    event = gitlab.groups.get(moving.id).audit_events.list(get_all=True)[0]
    assert event.details["lowered"] == [
        f"{parent.path}/{moving.path}",
        f"{parent.path}/{moving.path}/p",
    ]


def test_who_may_transfer_a_group(people: People, anonymous: Gitlab) -> None:
    group, target = people.registry.group(), people.registry.group()
    hidden = people.registry.group()

    def move(person: Person, group_id: int | None) -> int:
        body = {} if group_id is None else {"group_id": group_id}
        url = f"{people.api}/groups/{group.id}/transfer"
        return requests.post(url, json=body, headers=person.headers, timeout=30).status_code

    maintainer, owner = people.with_role(group, "maintainer"), people.with_role(group, "owner")
    people.registry.member(target, maintainer.user, "owner")
    people.registry.member(target, owner.user, "developer")
    assert move(maintainer, target.id) == 403
    assert move(owner, target.id) == 400
    assert move(owner, hidden.id) == 404
    assert move(people.new(), target.id) == 404
    assert refused(anonymous.groups.get(group.id, lazy=True).transfer, target.id)[0] == 401
    with pytest.raises(GitlabGroupTransferError):
        owner.gitlab.groups.get(group.id).transfer(target.id)
    people.registry.member(target, owner.user, "maintainer")
    assert move(owner, target.id) == 201
    token = owner.gitlab.groups.get(group.id).access_tokens.create(
        {"name": "t", "scopes": ["api"], "access_level": 50}
    )
    bot = connect(people.address, token.token)
    code, message = refused(bot.groups.get(group.id).transfer)
    assert (code, "enough permissions" in message) == (400, True), "a bot makes no group at the top"


def test_where_a_group_cannot_go(people: People) -> None:
    person = people.new()
    gitlab = person.gitlab
    top, other = new_group(gitlab), new_group(gitlab)
    child = new_group(gitlab, parent_id=top.id)
    grandchild = new_group(gitlab, parent_id=child.id)
    gitlab.groups.create({"name": "x", "path": child.path, "parent_id": other.id})
    reserved = gitlab.groups.create({"name": "api", "path": "api", "parent_id": top.id})
    for group, to, words in (
        (top, None, "already a root group"),
        (child, top.id, "already associated to the parent"),
        (top, top.id, "one of its subgroup"),
        (top, grandchild.id, "one of its subgroup"),
        (child, other.id, "has already been taken"),
        (reserved, None, "reserved name"),
    ):
        code, message = refused(group.transfer, to)
        assert (code, words in message) == (400, True), message
    assert gitlab.groups.get(grandchild.id).full_path == (
        f"{top.path}/{child.path}/{grandchild.path}"
    )


def test_an_address_stays_short_enough_for_all_that_is_below(people: People) -> None:
    """A full path has up to 1024 characters, however it came about."""
    gitlab = people.new().gitlab
    deep = new_group(gitlab)
    for _ in range(3):
        body = {"name": "x", "path": fresh("x").ljust(LONGEST_PATH, "x"), "parent_id": deep.id}
        deep = gitlab.groups.create(body)
    moving = new_group(gitlab)
    long_name = "y" * LONGEST_PATH
    project = gitlab.projects.create({"name": long_name, "namespace_id": moving.id})
    code, message = refused(moving.transfer, deep.id)
    assert (code, "up to 1024 characters" in str(message)) == (400, True)
    code, message = refused(project.transfer, deep.id)
    assert code == 400
    body = {"name": long_name, "namespace_id": deep.id}
    assert refused(gitlab.projects.create, body)[0] == 400
    top = gitlab.groups.get(deep.full_path.partition("/")[0])
    short = gitlab.projects.create({"name": "z" * 240, "namespace_id": deep.id})
    code, message = refused(gitlab.groups.update, top.id, {"path": "t" * LONGEST_PATH})
    assert (code, "up to 1024 characters" in str(message)) == (400, True)
    assert gitlab.projects.get(short.id).path == "z" * 240


# --- names ------------------------------------------------------------------------------------


@pytest.mark.parametrize("moves", ["project", "group"])
def test_a_name_that_comes_into_a_group_takes_nobodys_place(
    people: People, registry: Registry, moves: str
) -> None:
    """An older project of the same name, moved in, would be the first to have published it."""
    attacker = people.new()
    outside = new_group(attacker.gitlab)
    made = attacker.gitlab.projects.create({"name": "p", "namespace_id": outside.id})
    evil = registry.run(lambda machines, _by: _project(machines, made.id))
    name = fresh("victim")
    publish(people.address, evil, attacker, (name, "66.6"), (fresh("other"), "1.0"))
    group = registry.group()
    below = registry.group(f"{group.full_path}/below")
    victim = registry.project(f"{below.full_path}/victim")
    owner = people.with_role(group, "maintainer")
    publish(people.address, victim, owner, (name, "1.0"))
    people.registry.member(group, attacker.user, "maintainer")

    (outside if moves == "group" else made).transfer(group.id)
    index = group_index(open_session(), people.address, group)
    files = index.files(name, ("x", owner.secret))
    assert [file["filename"] for file in files] == [
        f"{name.replace('-', '_')}-1.0-py3-none-any.whl"
    ]
    url = f"{people.api}/groups/{group.id}/packages/pypi/collisions"
    (collision,) = requests.get(url, headers=owner.headers, timeout=30).json()
    assert collision["name"] == name
    assert collision["owner"]["id"] == victim.id
    kind, id_ = ("groups", outside.id) if moves == "group" else ("projects", made.id)
    events = requests.get(
        f"{people.api}/{kind}/{id_}/audit_events",
        headers=people.new(is_admin=True).headers,
        timeout=30,
    ).json()
    moved = next(event for event in events if event["event_name"].endswith("_moved"))
    assert moved["details"]["names_kept"] == [name]

    # It is a choice like any other, which does not outlive its project's stay.
    requests.delete(
        f"{people.api}/groups/{group.id}/packages/pypi/owners/{name}",
        headers=owner.headers,
        timeout=30,
    ).raise_for_status()
    assert len(index.files(name, ("x", owner.secret))) == 1
    assert "66.6" in str(index.files(name, ("x", owner.secret))[0]["filename"])


def test_a_choice_ends_when_its_project_leaves(people: People, registry: Registry) -> None:
    """Otherwise it would come back with a right that was given in another time."""
    owner = people.new()
    group, elsewhere = new_group(owner.gitlab), new_group(owner.gitlab)
    first, second = (registry.project(f"{group.full_path}/{name}") for name in ("first", "second"))
    name = fresh("chosen")
    publish(people.address, first, owner, (name, "1.0"))
    publish(people.address, second, owner, (name, "2.0"))
    url = f"{people.api}/groups/{group.id}/packages/pypi/owners/{name}"
    body = {"project_id": second.id}
    requests.put(url, json=body, headers=owner.headers, timeout=30).raise_for_status()
    index = group_index(open_session(), people.address, group.full_path)

    def versions() -> list[str]:
        files = index.files(name, ("x", owner.secret))
        return [str(file["filename"]).split("-")[1] for file in files]

    assert versions() == ["2.0"]
    owner.gitlab.projects.get(second.id).transfer(elsewhere.id)
    assert versions() == ["1.0"]
    owner.gitlab.projects.get(second.id).transfer(group.id)
    assert versions() == ["1.0"]
    assert requests.delete(url, headers=owner.headers, timeout=30).status_code == 204
