"""Namespaces over REST, with python-gitlab: groups and users' own as one list."""

from typing import Any

from gitlab import Gitlab

from people import People, Person, refused
from registry import fresh


def paths(gitlab: Gitlab, **query: Any) -> list[str]:
    return [each.full_path for each in gitlab.namespaces.list(iterator=True, **query)]


def test_the_shape(people: People) -> None:
    person = people.new()
    group = person.gitlab.groups.create({"name": "A Group", "path": fresh("shape")})
    child = person.gitlab.groups.create({"name": "Child", "path": "c", "parent_id": group.id})
    person.gitlab.projects.create({"name": "p", "namespace_id": child.id}).members.create(
        {"user_id": people.new().user.id, "access_level": 10}
    )
    for named in (child.id, child.full_path):
        assert person.gitlab.namespaces.get(named).attributes == {
            "id": child.id,
            "name": "Child",
            "path": "c",
            "kind": "group",
            "full_path": f"{group.path}/c",
            "parent_id": group.id,
            "avatar_url": None,
            "web_url": f"{people.address}/groups/{group.path}/c",
            "members_count_with_descendants": 2,
        }
    own = person.gitlab.namespaces.get(person.user.username)
    assert (own.kind, own.parent_id, own.web_url) == (
        "user",
        None,
        f"{people.address}/{person.user.username}",
    )
    assert own.id == person.get("/user")["namespace_id"]
    assert "members_count_with_descendants" not in own.attributes
    group.members.create({"user_id": (reader := people.new()).user.id, "access_level": 40})
    seen = reader.gitlab.namespaces.get(group.id)
    assert "members_count_with_descendants" not in seen.attributes


def test_whose_are_listed(people: People, admin: Person, anonymous: Gitlab) -> None:
    person, owner = people.new(), people.new()
    top = owner.gitlab.groups.create({"name": "Top", "path": fresh("top")})
    child = owner.gitlab.groups.create({"name": "Inner", "path": "inner", "parent_id": top.id})
    public = owner.gitlab.groups.create(
        {"name": "Open", "path": fresh("open"), "visibility": "public"}
    )
    child.members.create({"user_id": person.user.id, "access_level": 30})
    public.members.create({"user_id": person.user.id, "access_level": 50})
    own = person.user.username
    assert paths(person.gitlab) == [own, child.full_path, public.path]
    assert paths(person.gitlab, owned_only=True) == [own, public.path]
    assert paths(person.gitlab, top_level_only=True) == [own, public.path]
    assert paths(person.gitlab, search="INNE") == [child.full_path]
    assert paths(person.gitlab, search=top.path) == []
    assert paths(person.gitlab, search=top.path, full_path_search=True) == [child.full_path]
    assert paths(owner.gitlab, sort="desc")[-1] == owner.user.username
    by_pages = person.gitlab.namespaces.list(iterator=True, per_page=1)
    assert ([each.full_path for each in by_pages], by_pages.total) == (paths(person.gitlab), 3)
    everything = paths(admin.gitlab)
    assert {own, top.path, child.full_path} <= set(everything)
    assert paths(admin.gitlab, owned_only=True) == everything, "as in GitLab"
    assert refused(anonymous.namespaces.list, get_all=True)[0] == 401

    stranger = people.new().gitlab
    for hidden in (top.id, child.full_path, public.id, own, "absent", 10**12):
        assert refused(stranger.namespaces.get, hidden) == (404, "404 Namespace Not Found")
    assert admin.gitlab.namespaces.get(top.id).id == top.id


def test_whether_a_path_is_free(people: People, anonymous: Gitlab) -> None:
    person = people.new()
    gitlab = person.gitlab
    group = gitlab.groups.create({"name": "g", "path": fresh("Taken")})
    gitlab.groups.create({"name": "c", "path": "c", "parent_id": group.id})
    for taken in (group.path, group.path.upper(), person.user.username):
        answer = gitlab.namespaces.exists(taken)
        assert (answer.exists, answer.suggests) == (True, [f"{taken}1"])
    gitlab.groups.create({"name": "g", "path": f"{group.path}1"})
    assert gitlab.namespaces.exists(group.path).suggests == [f"{group.path}2"]
    for free in (fresh("free"), f"{group.path}/c", "c/", "-"):
        answer = gitlab.namespaces.exists(free)
        assert (answer.exists, answer.suggests) == (False, [])
    assert gitlab.namespaces.exists("c", parent_id=group.id).exists is True
    assert gitlab.namespaces.exists("d", parent_id=group.id).exists is False
    assert refused(anonymous.namespaces.exists, group.path)[0] == 401


def test_what_is_in_a_group_is_told_to_those_who_add_to_it(people: People) -> None:
    """GitLab says of any group whether it has a subgroup of some name."""
    public, private = (people.registry.group(visibility=each) for each in ("public", "private"))
    person = people.new()
    assert refused(person.gitlab.namespaces.exists, "x", parent_id=public.id)[0] == 403
    assert refused(person.gitlab.namespaces.exists, "x", parent_id=private.id)[0] == 404
