from typing import Any

import pytest
import requests
from gitlab import Gitlab

from distributions import build_wheel
from people import People, Person, connect, refused
from registry import fresh
from requesting import group_index, project_index


def test_a_life(people: People) -> None:
    person = people.new()
    path = fresh("life")
    group = person.gitlab.groups.create({"name": "A Life", "path": path})
    assert (group.name, group.path, group.full_path) == ("A Life", path, path)
    assert (group.visibility, group.parent_id, group.avatar_url) == ("private", None, None)
    assert group.web_url == f"{people.address}/groups/{path}"
    [owner] = group.members.list(get_all=True)
    assert (owner.id, owner.access_level) == (person.user.id, 50)

    child = person.gitlab.groups.create({"name": "Child", "path": "child", "parent_id": group.id})
    assert (child.full_path, child.full_name) == (f"{path}/child", "A Life / Child")
    child.description = "Something"
    child.visibility = "private"
    child.save()
    assert person.gitlab.groups.get(f"{path}/child").description == "Something"

    group.delete()
    for gone in (group.id, child.id):
        assert refused(person.gitlab.groups.get, gone) == (
            404,
            "404 Group Not Found",
        )
    assert person.gitlab.groups.create({"name": "Next", "path": path}).full_path == path


def test_who_may_create(people: People, anonymous: Gitlab) -> None:
    body = {"name": "x", "path": fresh("x")}
    assert refused(anonymous.groups.create, body)[0] == 401
    group = people.registry.group(visibility="public")
    hidden = people.registry.group()
    for role, status in (("developer", 403), ("maintainer", 201), (None, 403)):
        person = people.with_role(group, role) if role else people.new()
        inner = {"name": "x", "path": fresh("x"), "parent_id": group.id}
        if status == 201:
            assert person.gitlab.groups.create(inner).parent_id == group.id
        else:
            assert refused(person.gitlab.groups.create, inner)[0] == status
        inner["parent_id"] = hidden.id
        assert refused(person.gitlab.groups.create, inner)[0] == 404


def test_an_access_token_makes_no_group_of_its_own(people: People) -> None:
    owner = people.new()
    group = owner.gitlab.groups.create({"name": "g", "path": fresh("g")})
    token = group.access_tokens.create({"name": "t", "scopes": ["api"], "access_level": 40})
    bot = connect(people.address, token.token)
    assert refused(bot.groups.create, {"name": "x", "path": fresh("x")})[0] == 403
    inner = bot.groups.create({"name": "x", "path": "x", "parent_id": group.id})
    assert inner.full_path == f"{group.path}/x"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"path": "no/slash"}, "path"),
        ({"path": "-"}, "path"),
        ({"path": "admin"}, "path"),
        ({"name": "a/b"}, "name"),
        ({"name": ""}, "name"),
        ({"locked_settings": ["visibility"]}, "locked_settings"),
    ],
)
def test_what_cannot_be(people: People, body: dict[str, object], field: str) -> None:
    person = people.new()
    whole = {"name": "x", "path": fresh("x"), **body}
    answer = requests.post(f"{people.api}/groups", json=whole, headers=person.headers, timeout=60)
    assert (answer.status_code, list(answer.json()["message"])) == (400, [field])
    assert person.gitlab.groups.list(get_all=True) == []


def test_parameters_of_the_wrong_form(people: People, admin: Person) -> None:
    for body, sentence in (
        ({"name": "x"}, "path is missing"),
        ({"name": "x", "path": "x", "visibility": "hidden"}, "visibility does not have a valid"),
        ({"name": "x", "path": "x", "parent_id": "y"}, "parent_id is invalid"),
        ({"name": "x", "path": "x", "parent_id": 2**63}, "parent_id is invalid"),
    ):
        answer = requests.post(f"{people.api}/groups", json=body, headers=admin.headers, timeout=60)
        assert answer.status_code == 400
        assert sentence in answer.json()["error"]


def test_an_address_is_taken_once(people: People) -> None:
    person = people.new()
    group = person.gitlab.groups.create({"name": "x", "path": fresh("Taken")})
    project = person.gitlab.projects.create({"path": "inner", "namespace_id": group.id})
    for path, parent_id in (
        (group.path.upper(), None),
        (person.user.username, None),
        (project.path, group.id),
    ):
        answer = requests.post(
            f"{people.api}/groups",
            json={"name": "x", "path": path, "parent_id": parent_id},
            headers=person.headers,
            timeout=60,
        )
        assert answer.status_code == 400
        [sentence] = answer.json()["message"]["path"]
        assert "has already been taken" in sentence


def test_visibility_goes_down_only(people: People) -> None:
    gitlab = people.new().gitlab
    top = gitlab.groups.create({"name": "t", "path": fresh("t"), "visibility": "internal"})
    new = {"name": "c", "parent_id": top.id}
    code, message = refused(gitlab.groups.create, {**new, "path": "c1", "visibility": "public"})
    assert (code, "public is not allowed in a internal group" in message) == (400, True)
    child = gitlab.groups.create({**new, "path": "c2", "visibility": "internal"})
    assert refused(gitlab.groups.update, child.id, {"visibility": "public"})[0] == 400
    assert refused(gitlab.groups.update, top.id, {"visibility": "private"})[0] == 400
    gitlab.groups.update(child.id, {"visibility": "private"})
    inner = {"name": "p", "namespace_id": child.id}
    assert refused(gitlab.projects.create, {**inner, "visibility": "internal"})[0] == 400
    project = gitlab.projects.create(inner)
    assert refused(gitlab.projects.update, project.id, {"visibility": "public"})[0] == 400
    gitlab.groups.update(top.id, {"visibility": "private"})


def test_a_rename_moves_everything_below(people: People) -> None:
    owner, guest = people.new(), people.new()
    group = owner.gitlab.groups.create({"name": "Old", "path": fresh("Old")})
    child = owner.gitlab.groups.create({"name": "C", "path": "Child", "parent_id": group.id})
    project = owner.gitlab.projects.create({"path": "P", "namespace_id": child.id})
    near = owner.gitlab.groups.create({"name": "n", "path": f"{group.path}-2"})
    child.members.create({"user_id": guest.user.id, "access_level": 10})
    deploy = people.deploy_secret(project.id)
    session = requests.Session()
    index = project_index(session, people.address, project.id)
    assert index.upload_wheel("kept", ("x", deploy)).status_code == 201

    new = fresh("New")
    changed = owner.gitlab.groups.update(group.id, {"path": new, "name": "New"})
    assert (changed["full_path"], changed["name"]) == (new, "New")
    assert owner.gitlab.groups.get(child.id).full_path == f"{new}/Child"
    assert owner.gitlab.groups.get(near.id).full_path == near.full_path
    for gitlab in (owner.gitlab, guest.gitlab):
        found = gitlab.projects.get(f"{new}/Child/P")
        assert (found.id, found.name_with_namespace) == (project.id, "New / C / P")
        old = project.path_with_namespace
        assert refused(gitlab.projects.get, old)[0] == 404
    assert index.names(("x", deploy)) == ["kept"]
    assert group_index(session, people.address, new).names(("x", owner.secret)) == ["kept"]
    again = owner.gitlab.groups.create({"name": "x", "path": group.path})
    assert again.projects.list(get_all=True, include_subgroups=True) == []
    # Only its case changes.
    owner.gitlab.groups.update(group.id, {"path": new.upper()})
    assert owner.gitlab.projects.get(project.id).path_with_namespace == f"{new.upper()}/Child/P"
    assert refused(owner.gitlab.groups.update, group.id, {"path": near.path})[0] == 400


def test_who_may_change_and_delete(people: People, anonymous: Gitlab) -> None:
    group = people.registry.group(visibility="public")
    for role, status in (("maintainer", 403), ("guest", 403), (None, 403)):
        person = people.with_role(group, role) if role else people.new()
        groups = person.gitlab.groups
        assert refused(groups.update, group.id, {"name": "x"})[0] == status
        assert refused(groups.delete, group.id)[0] == status
    assert refused(anonymous.groups.update, group.id, {"name": "x"})[0] == 401
    hidden = people.registry.group()
    assert refused(people.new().gitlab.groups.delete, hidden.id)[0] == 404
    assert refused(anonymous.groups.delete, hidden.id)[0] == 401
    assert refused(people.new().gitlab.groups.update, group.id, {})[0] == 400
    owner = people.with_role(group, "owner").gitlab
    assert owner.groups.update(group.id, {"description": "x"})["description"] == "x"
    owner.groups.delete(group.id)


def test_deletion_ends_the_rights_of_the_dead(people: People) -> None:
    owner = people.new()
    group = owner.gitlab.groups.create({"name": "x", "path": fresh("reborn")})
    project = owner.gitlab.projects.create({"path": "p", "namespace_id": group.id})
    member = people.new()
    group.members.create({"user_id": member.user.id, "access_level": 50})
    deploy = people.deploy_secret(project.id)
    group.delete()
    other = people.new()
    again = other.gitlab.groups.create({"name": "x", "path": group.path})
    inner = other.gitlab.projects.create({"path": "p", "namespace_id": again.id})
    assert refused(member.gitlab.groups.get, again.id)[0] == 404
    index = project_index(requests.Session(), people.address, inner.id)
    assert index.get(auth=("x", deploy)).status_code == 401


# --- lists ------------------------------------------------------------------------------------


def names(gitlab: Gitlab, **filters: Any) -> list[str]:
    return [group.path for group in gitlab.groups.list(get_all=True, **filters)]


def test_who_sees_which(people: People, admin: Person, anonymous: Gitlab) -> None:
    stem = fresh("seen")
    groups = {
        visibility: people.registry.group(f"{stem}-{visibility}", visibility)
        for visibility in ("public", "internal", "private")
    }
    inner = people.registry.group(f"{stem}-private/{stem}-inner", "private")
    project = people.registry.project(f"{inner.full_path}/p")
    stranger, guest = people.new().gitlab, people.with_role(groups["private"], "guest").gitlab
    of_inner = people.with_role(inner, "guest").gitlab
    of_project = people.with_role(project, "guest").gitlab
    everything = [f"{stem}-inner", *(f"{stem}-{name}" for name in sorted(groups))]

    def seen(gitlab: Gitlab, **filters: Any) -> list[str]:
        return names(gitlab, search=stem, **filters)

    assert seen(anonymous) == [f"{stem}-public"]
    assert seen(admin.gitlab) == sorted(everything)
    assert seen(stranger) == []
    assert seen(stranger, all_available=True) == [f"{stem}-internal", f"{stem}-public"]
    assert seen(guest) == [f"{stem}-inner", f"{stem}-private"]
    assert seen(guest, all_available=True) == sorted(everything)
    for gitlab in (of_inner, of_project):
        # Members of something in a group see the group itself.
        assert seen(gitlab) == [f"{stem}-inner", f"{stem}-private"]
        for group in (inner, groups["private"]):
            assert gitlab.groups.get(group.id).id == group.id
    sibling = people.registry.group(f"{stem}-private/{stem}-sibling", "private")
    assert refused(of_inner.groups.get, sibling.id)[0] == 404
    assert seen(of_inner) == [f"{stem}-inner", f"{stem}-private"]
    assert seen(of_inner, min_access_level=10) == [f"{stem}-inner"]


def test_filters(people: People) -> None:
    person, stem = people.new(), fresh("filters")
    gitlab = person.gitlab
    for path, visibility in (("b", "public"), ("a", "internal"), ("c_%", "private")):
        gitlab.groups.create(
            {"name": f"{stem} {path}", "path": f"{stem}-{path[0]}", "visibility": visibility}
        )
    top = gitlab.groups.get(f"{stem}-b")
    gitlab.groups.create({"name": f"{stem} d", "path": f"{stem}-d", "parent_id": top.id})
    other = people.registry.group(f"{stem}-e")
    people.registry.member(other, person.user, "developer")
    a, b, c, d, e = (f"{stem}-{letter}" for letter in "abcde")

    def seen(**filters: Any) -> list[str]:
        return [path for path in names(gitlab, **{"search": stem, **filters}) if stem in path]

    in_order = [a, b, c, d, e]  # by name; the name of the last is its path
    assert sorted(seen()) == in_order
    assert seen(sort="desc") == seen()[::-1]
    assert seen(order_by="path") == [a, b, d, c, e]
    assert seen(order_by="id") == [b, a, c, d, e]
    assert seen(owned=True) == [a, b, c, d]
    assert seen(min_access_level=30) == seen()
    assert seen(min_access_level=40) == [a, b, c, d]
    assert seen(visibility="internal") == [a]
    assert seen(top_level_only=True) == [a, b, c, e]
    assert seen(search=f"{stem} C_%") == [c]
    assert seen(search=f"{stem} __") == []
    assert d not in seen(skip_groups=[gitlab.groups.get(f"{b}/{d}").id])
    assert refused(names, gitlab, min_access_level=7)[0] == 400
    assert refused(names, gitlab, order_by="secret")[0] == 400


def test_what_is_in_a_group(people: People, anonymous: Gitlab) -> None:
    owner = people.new().gitlab
    top = owner.groups.create({"name": "t", "path": fresh("t"), "visibility": "public"})
    new = {"name": "c", "parent_id": top.id}
    shown = owner.groups.create({**new, "path": "shown", "visibility": "public"})
    owner.groups.create({**new, "path": "hidden", "visibility": "private"})
    owner.groups.create({"name": "g", "path": "g", "parent_id": shown.id, "visibility": "public"})
    here = owner.projects.create({"path": "here", "namespace_id": top.id, "visibility": "public"})
    deep = owner.projects.create({"path": "deep", "namespace_id": shown.id})

    def listed(gitlab: Gitlab) -> list[list[str]]:
        group = gitlab.groups.get(top.id)
        return [
            [each.path for each in group.subgroups.list(get_all=True, order_by="path")],
            [each.path for each in group.descendant_groups.list(get_all=True, order_by="path")],
            [each.path for each in group.projects.list(get_all=True)],
            [each.path for each in group.projects.list(get_all=True, include_subgroups=True)],
        ]

    assert listed(owner) == [
        ["hidden", "shown"],
        ["hidden", "shown", "g"],
        ["here"],
        ["deep", "here"],
    ]
    assert listed(anonymous) == [["shown"], ["shown", "g"], ["here"], ["here"]]
    assert (here.namespace["full_path"], deep.namespace["full_path"]) == (
        top.full_path,
        shown.full_path,
    )


def test_full_names(people: People) -> None:
    gitlab = people.new().gitlab
    top = gitlab.groups.create({"name": "Top", "path": fresh("t")})
    for number in range(25):
        gitlab.groups.create({"name": f"{number:02}", "path": f"g{number}", "parent_id": top.id})
    found = [group.full_name for group in gitlab.groups.list(per_page=100, get_all=True)]
    assert found == [*(f"Top / {number:02}" for number in range(25)), "Top"]


# --- package settings that groups hand down ---------------------------------------------------


def upload_twice(people: People, project_id: int, secret: str) -> list[int]:
    """Publish two files of one name; return the statuses."""
    index, name = project_index(requests.Session(), people.address, project_id), fresh("twice")
    return [
        index.upload(
            *build_wheel(name, "1.0", files={"twice.py": content}), ("x", secret)
        ).status_code
        for content in (b"1", b"2")
    ]


def test_the_nearest_group_decides_unless_the_project_does(people: People) -> None:
    owner = people.new()
    gitlab = owner.gitlab
    top = gitlab.groups.create({"name": "t", "path": fresh("t"), "duplicates": "deny"})
    child = gitlab.groups.create({"name": "c", "path": "c", "parent_id": top.id})
    project = gitlab.projects.create({"name": "p", "namespace_id": child.id})
    assert (project.duplicates, project.own_settings["duplicates"]) == ("deny", None)
    assert upload_twice(people, project.id, owner.secret) == [201, 409]
    assert gitlab.groups.get(child.id).inherited_settings["duplicates"] == "deny"

    gitlab.groups.update(child.id, {"duplicates": "allow"})
    assert upload_twice(people, project.id, owner.secret) == [201, 201]
    gitlab.groups.update(child.id, {"duplicates": None})
    assert upload_twice(people, project.id, owner.secret) == [201, 409]
    gitlab.projects.update(project.id, {"duplicates": "allow"})
    assert upload_twice(people, project.id, owner.secret) == [201, 201]
    gitlab.projects.update(project.id, {"duplicates": None})
    assert upload_twice(people, project.id, owner.secret) == [201, 409]


def test_a_lock_holds_for_everything_below(people: People) -> None:
    owner = people.new()
    gitlab = owner.gitlab
    top = gitlab.groups.create({"name": "t", "path": fresh("t")})
    child = gitlab.groups.create(
        {"name": "c", "path": "c", "parent_id": top.id, "duplicates": "allow"}
    )
    project = gitlab.projects.create(
        {"name": "p", "namespace_id": child.id, "duplicates": "allow", "validation": "off"}
    )
    gitlab.groups.update(
        top.id,
        {
            "duplicates": "deny",
            "validation": "strict",
            "locked_settings": ["duplicates", "validation"],
        },
    )
    seen = gitlab.projects.get(project.id)
    assert (seen.duplicates, seen.validation) == ("deny", "strict")
    assert seen.own_settings["duplicates"] == "allow"
    assert upload_twice(people, project.id, owner.secret) == [201, 409]
    for update in (
        lambda: gitlab.projects.update(project.id, {"duplicates": None}),
        lambda: gitlab.groups.update(child.id, {"duplicates": None}),
        lambda: gitlab.projects.create(
            {"name": "q", "namespace_id": child.id, "duplicates": "allow"}
        ),
    ):
        code, message = refused(update)
        assert (code, "locked by a group above" in message) == (400, True)
    gitlab.groups.update(top.id, {"locked_settings": []})
    assert upload_twice(people, project.id, owner.secret) == [201, 201]
    assert gitlab.projects.get(project.id).validation == "off"


def test_packages_switched_off_by_a_group(people: People) -> None:
    owner = people.new()
    gitlab = owner.gitlab
    top = gitlab.groups.create({"name": "t", "path": fresh("t")})
    plain = gitlab.projects.create({"name": "plain", "namespace_id": top.id})
    own_way = gitlab.projects.create(
        {"name": "own", "namespace_id": top.id, "package_registry_access_level": "private"}
    )
    session = requests.Session()
    indexes = [project_index(session, people.address, each.id) for each in (plain, own_way)]
    group = group_index(session, people.address, top.id)
    auth = ("x", owner.secret)
    for index, name in zip(indexes, ("one", "two"), strict=True):
        assert index.upload_wheel(name, auth).status_code == 201

    def readable() -> list[int]:
        return [index.get(auth=auth).status_code for index in indexes]

    gitlab.groups.update(top.id, {"packages_enabled": False})
    assert (readable(), group.names(auth)) == ([403, 200], ["two"])
    gitlab.groups.update(top.id, {"locked_settings": ["packages_enabled"]})
    assert (readable(), group.names(auth)) == ([403, 403], [])
    assert indexes[1].upload_wheel("three", auth).status_code == 403
    switch_on = {"packages_enabled": True}
    assert refused(gitlab.projects.update, plain.id, switch_on)[0] == 400
    gitlab.groups.update(top.id, {"packages_enabled": True})
    assert (readable(), group.names(auth)) == ([200, 200], ["one", "two"])
    switch_off = {"package_registry_access_level": "disabled"}
    assert refused(gitlab.projects.update, plain.id, switch_off)[0] == 400
    gitlab.groups.update(top.id, {"packages_enabled": None, "locked_settings": []})
    gitlab.projects.update(plain.id, switch_off)
    assert readable() == [403, 200]


def test_merging(people: People) -> None:
    owner = people.new()
    gitlab = owner.gitlab
    top = gitlab.groups.create({"name": "t", "path": fresh("t")})
    assert top.merge is False
    session, auth = requests.Session(), ("x", owner.secret)
    for number in (1, 2):
        project = gitlab.projects.create({"name": f"p{number}", "namespace_id": top.id})
        index = project_index(session, people.address, project.id)
        assert index.upload_wheel("shared", auth, f"{number}.0").status_code == 201
    index = group_index(session, people.address, top.id)
    assert len(index.files("shared", auth)) == 1
    top.merge = True
    top.save()
    assert gitlab.groups.get(top.id).merge is True
    assert len(index.files("shared", auth)) == 2
