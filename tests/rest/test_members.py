from collections.abc import Iterable
from typing import Any

import pytest
import requests
from gitlab import Gitlab
from gitlab.v4.objects import GroupMemberManager, ProjectMemberManager

from days import in_days, today
from people import People, Person, refused
from registry import fresh
from requesting import project_index
from wheelyard.domain.models.places import Namespace, Project


def members(
    person: Person, place: Project | Namespace
) -> ProjectMemberManager | GroupMemberManager:
    """Return python-gitlab's members of a project or group."""
    if isinstance(place, Project):
        return person.gitlab.projects.get(place.id).members
    return person.gitlab.groups.get(place.id).members


@pytest.fixture(params=["project", "group"])
def place(request: pytest.FixtureRequest, people: People) -> Project | Namespace:
    registry = people.registry
    return registry.project() if request.param == "project" else registry.group()


def test_a_life(people: People, place: Project | Namespace) -> None:
    owner, person = people.with_role(place, "owner"), people.new()
    here = members(owner, place)
    end = in_days(9)
    made = here.create({"user_id": person.user.id, "access_level": 30, "expires_at": end})
    assert (made.id, made.username, made.state) == (
        person.user.id,
        person.user.username,
        "active",
    )
    assert (made.access_level, made.expires_at) == (30, end)
    assert made.web_url == f"{people.address}/{person.user.username}"
    assert refused(here.create, {"user_id": person.user.id, "access_level": 10}) == (
        409,
        "Member already exists",
    )
    made.access_level = 20
    made.save()
    again = here.get(person.user.id)
    assert (again.access_level, again.expires_at) == (20, end)
    for nothing in (None, ""):
        here.update(person.user.id, {"access_level": 20, "expires_at": end})
        here.update(person.user.id, {"access_level": 20, "expires_at": nothing})
        assert here.get(person.user.id).expires_at is None
    assert [member.access_level for member in here.list(get_all=True)] == [50, 20]
    again.delete()
    assert refused(here.get, person.user.id) == (404, "404 Member Not Found")
    assert refused(again.delete)[0] == 404
    by_name = here.create({"username": person.user.username, "access_level": 10})
    assert by_name.id == person.user.id


@pytest.mark.parametrize(
    ("changes", "status", "words"),
    [
        ({"access_level": 35}, 400, "access_level does not have a valid value"),
        ({"access_level": "owner"}, 400, "access_level does not have a valid value"),
        ({"access_level": None}, 400, "access_level"),
        ({"user_id": 10**12}, 404, "404 User Not Found"),
        ({"user_id": 2**64}, 400, "user_id is invalid"),
        ({"user_id": None}, 400, "exactly one must be provided"),
        ({"username": "somebody"}, 400, "exactly one must be provided"),
        ({"expires_at": "tomorrow"}, 400, "expires_at is invalid"),
        ({"expires_at": in_days(0)}, 400, "cannot be a date in the past"),
    ],
)
def test_what_cannot_be(
    people: People, changes: dict[str, object], status: int, words: str
) -> None:
    group = people.registry.group()
    owner, person = people.with_role(group, "owner"), people.new()
    answer = requests.post(
        f"{people.api}/groups/{group.id}/members",
        json={"user_id": person.user.id, "access_level": 30, **changes},
        headers=owner.headers,
        timeout=60,
    )
    assert (answer.status_code, words in answer.text) == (status, True), answer.text


@pytest.mark.parametrize("by", ["user_id", "username"])
def test_several_at_once(people: People, place: Project | Namespace, by: str) -> None:
    """GitLab's one call for many users: each is added, or changed, or told apart."""
    owner = people.with_role(place, "owner")
    here, url = members(owner, place), _members_url(people, place)

    def add(*users: Person, level: int, more: str = "") -> requests.Response:
        named = [getattr(each.user, "id" if by == "user_id" else "username") for each in users]
        body = {by: ", ".join(map(str, named)) + more, "access_level": level}
        return requests.post(url, json=body, headers=owner.headers, timeout=60)

    some = [people.new() for _ in range(3)]
    answer = add(*some, level=20)
    assert (answer.status_code, answer.json()) == (201, {"status": "success"})
    assert [here.get(each.user.id).access_level for each in some] == [20, 20, 20]
    absent = "999999999" if by == "user_id" else "nobody-of-this-name"
    answer = add(some[0], people.new(), level=30, more=f",{absent}")
    assert answer.status_code == 201
    assert answer.json()["status"] == "error"
    assert list(answer.json()["message"]) == [absent]
    assert "Not Found" in answer.json()["message"][absent]
    assert here.get(some[0].user.id).access_level == 30
    assert len(here.list(get_all=True)) == 5
    for nonsense in (f"{some[0].user.id},,", "1,x" if by == "user_id" else ",", "1," * 100 + "1"):
        body = {by: nonsense, "access_level": 20}
        answer = requests.post(url, json=body, headers=owner.headers, timeout=60)
        assert (answer.status_code, f"{by}" in answer.text) == (400, True)


def test_several_at_once_are_no_way_to_give_more(people: People) -> None:
    project = people.registry.project()
    maintainer, owner = (people.with_role(project, role) for role in ("maintainer", "owner"))
    someone = people.new()
    body = {"user_id": f"{owner.user.id},{someone.user.id}", "access_level": 50}
    url, headers = _members_url(people, project), maintainer.headers
    answer = requests.post(url, json=body, headers=headers, timeout=60)
    assert sorted(answer.json()["message"]) == sorted(body["user_id"].split(","))  # type: ignore[attr-defined]  # it is text
    body["access_level"] = 10
    told = requests.post(url, json=body, headers=headers, timeout=60).json()
    assert list(told["message"]) == [str(owner.user.id)]
    assert members(owner, project).get(owner.user.id).access_level == 50


def test_a_bot_belongs_to_one_place(people: People, place: Project | Namespace) -> None:
    """It goes with its token and its project; a role elsewhere would outlive both."""
    owner = people.with_role(place, "owner")
    other = owner.gitlab.projects.create({"name": fresh("other")})
    token = other.access_tokens.create({"name": "t", "scopes": ["api"], "access_level": 30})
    code, message = refused(
        members(owner, place).create, {"user_id": token.user_id, "access_level": 10}
    )
    assert (code, "bot" in message) == (400, True)


def _members_url(people: People, place: Project | Namespace) -> str:
    kind = "projects" if isinstance(place, Project) else "groups"
    return f"{people.api}/{kind}/{place.id}/members"


# --- who may ----------------------------------------------------------------------------------


LEVELS = {
    "guest": 10,
    "planner": 15,
    "reporter": 20,
    "developer": 30,
    "maintainer": 40,
    "owner": 50,
}

# The highest role that somebody with the role may give; "-" none at all.
GIVING = """
project  guest       -
project  reporter    -
project  developer   -
project  maintainer  maintainer
project  owner       owner
group    guest       -
group    developer   -
group    maintainer  -
group    owner       owner
"""


@pytest.mark.parametrize("row", GIVING.strip().splitlines())
def test_nobody_gives_more_than_they_are(people: People, row: str) -> None:
    """Warehouse, 2026: any member could invite owners, as reading and inviting were one right."""
    kind, role, highest = row.split()
    registry = people.registry
    place = registry.project() if kind == "project" else registry.group()
    giver = people.with_role(place, role)
    here = members(giver, place)
    assert [member.id for member in here.list(get_all=True)] == [giver.user.id]
    for level in LEVELS.values():
        someone = people.new()
        body = {"user_id": someone.user.id, "access_level": level}
        if highest != "-" and level <= LEVELS[highest]:
            assert here.create(body).access_level == level
        else:
            assert refused(here.create, body)[0] == 403
            assert refused(here.get, someone.user.id)[0] == 404


def test_nobody_raises_themselves(people: People) -> None:
    for place in (people.registry.project(), people.registry.group()):
        for role in ("guest", "developer", "maintainer"):
            person = people.with_role(place, role)
            here = members(person, place)
            raised = {"access_level": 50}
            assert refused(here.update, person.user.id, raised)[0] == 403
            assert here.get(person.user.id).access_level == LEVELS[role]


def test_a_maintainer_does_not_touch_an_owner(people: People) -> None:
    project = people.registry.project()
    owner, maintainer = people.with_role(project, "owner"), people.with_role(project, "maintainer")
    here = members(maintainer, project)
    assert refused(here.update, owner.user.id, {"access_level": 10})[0] == 403
    assert refused(here.delete, owner.user.id)[0] == 403
    assert here.get(owner.user.id).access_level == 50


def test_the_permission_to_change_members_is_one_for_every_method(
    people: People, anonymous: Gitlab
) -> None:
    project = people.registry.project(visibility="public")
    member, reader = people.with_role(project, "developer"), people.new()
    target = people.with_role(project, "guest").user.id
    base = f"{people.api}/projects/{project.id}/members"
    body = {"user_id": people.new().user.id, "access_level": 10}
    for person in (member, reader):
        for method, address in (("POST", base), ("PUT", f"{base}/{target}")):
            for form in ("json", "data", "params"):
                sent: dict[str, Any] = {form: body}
                answer = requests.request(
                    method, address, headers=person.headers, timeout=60, **sent
                )
                assert answer.status_code == 403
        answer = requests.delete(f"{base}/{target}", headers=person.headers, timeout=60)
        assert answer.status_code == 403
    assert len(members(member, project).list(get_all=True)) == 2
    # A public project's members are not for everybody's eyes.
    assert refused(anonymous.http_get, f"/projects/{project.id}/members")[0] == 403


def test_members_of_what_is_hidden(people: People, anonymous: Gitlab) -> None:
    for place, path in (
        (people.registry.project(), "projects"),
        (people.registry.group(), "groups"),
    ):
        for gitlab in (anonymous, people.new().gitlab):
            for rest in ("members", "members/all", "members/1", "members/all/1"):
                address = f"/{path}/{place.id}/{rest}"
                assert refused(gitlab.http_get, address)[0] == 404
        for method in (anonymous.http_post, anonymous.http_put, anonymous.http_delete):
            address = f"/{path}/{place.id}/members" + "/1" * (method != anonymous.http_post)
            assert refused(method, address)[0] == 401


# --- removal ----------------------------------------------------------------------------------


def test_removed_members_keep_no_rights(people: People) -> None:
    """Warehouse, 2025: members removed from an organisation kept their team's rights."""
    group = people.registry.group()
    inner = people.registry.group(f"{group.full_path}/inner")
    project = people.registry.project(f"{inner.full_path}/p")
    owner, person = people.with_role(group, "owner"), people.new()
    for place in (group, inner, project):
        people.registry.member(place, person.user, "maintainer")
    index = project_index(requests.Session(), people.address, project.id)
    auth = ("x", person.secret)
    assert index.upload_wheel("before", auth).status_code == 201
    assert index.names(auth) == ["before"]

    members(owner, group).delete(person.user.id)
    assert index.upload_wheel("after", auth).status_code == 404
    assert index.get(auth=auth).status_code == 404
    assert refused(person.gitlab.projects.get, project.id)[0] == 404
    assert person.gitlab.projects.list(membership=True, get_all=True) == []
    assert members(owner, project).list(get_all=True) == []


def test_a_removal_may_spare_what_is_below(people: People) -> None:
    group = people.registry.group()
    project = people.registry.project(f"{group.full_path}/p")
    owner, person = people.with_role(group, "owner"), people.new()
    for place in (group, project):
        people.registry.member(place, person.user, "developer")
    members(owner, group).delete(person.user.id, skip_subresources=True)
    assert person.gitlab.projects.get(project.id).id == project.id
    assert members(owner, project).get(person.user.id).access_level == 30


def test_a_lowered_role_is_lower_at_once(people: People) -> None:
    project = people.registry.project()
    owner, person = people.with_role(project, "owner"), people.with_role(project, "developer")
    index, auth = (
        project_index(requests.Session(), people.address, project.id),
        ("x", person.secret),
    )
    assert index.upload_wheel("one", auth).status_code == 201
    members(owner, project).update(person.user.id, {"access_level": 20})
    assert index.upload_wheel("two", auth).status_code == 403


def test_anybody_may_leave(people: People, place: Project | Namespace) -> None:
    people.with_role(place, "owner")
    person = people.with_role(place, "guest")
    members(person, place).delete(person.user.id)
    assert refused(members, person, place)[0] == 404


def test_a_group_keeps_an_owner(people: People) -> None:
    group = people.registry.group()
    one, other = people.with_role(group, "owner"), people.with_role(group, "owner")
    here = members(one, group)
    here.delete(other.user.id)
    end = in_days(2)
    for work in (
        lambda: here.delete(one.user.id),
        lambda: here.update(one.user.id, {"access_level": 40}),
        lambda: here.update(one.user.id, {"access_level": 50, "expires_at": end}),
    ):
        assert refused(work) == (403, "403 Forbidden - The last owner cannot go.")
    # An owner of the group above owns the subgroup, too.
    inner = people.registry.group(f"{group.full_path}/inner")
    second = people.with_role(inner, "owner")
    members(second, inner).delete(second.user.id)


def test_a_blocked_owner_is_none(people: People, admin: Person) -> None:
    group = people.registry.group()
    one, blocked = people.with_role(group, "owner"), people.with_role(group, "owner")
    admin.gitlab.users.get(blocked.user.id).block()
    assert refused(members(one, group).delete, one.user.id)[0] == 403
    listed = {member.id: member.state for member in members(one, group).list(get_all=True)}
    assert listed == {one.user.id: "active", blocked.user.id: "blocked"}


def test_the_owner_of_a_personal_project_stays(people: People) -> None:
    owner, maintainer = people.new(), people.new()
    project = owner.gitlab.projects.create({"name": "mine"})
    [listed] = project.members.list(get_all=True)
    assert (listed.id, listed.access_level) == (owner.user.id, 50)
    project.members.create({"user_id": maintainer.user.id, "access_level": 50})
    there = maintainer.gitlab.projects.get(project.id).members
    assert refused(there.delete, owner.user.id)[0] == 403


# --- inherited --------------------------------------------------------------------------------


def test_everybody_with_a_role(people: People) -> None:
    group = people.registry.group()
    inner = people.registry.group(f"{group.full_path}/inner")
    project = people.registry.project(f"{inner.full_path}/p")
    near = people.registry.group(f"{group.full_path}-2")
    above, both, direct, late, other = (people.new() for _ in range(5))
    people.registry.member(group, above.user, "owner")
    people.registry.member(group, both.user, "developer")
    people.registry.member(project, both.user, "maintainer")
    people.registry.member(project, direct.user, "guest")
    people.registry.member(group, late.user, "owner", today())
    people.registry.member(near, other.user, "owner")
    here = above.gitlab.projects.get(project.id)

    def levels(listed: Iterable[Any]) -> dict[int, int]:
        return {member.id: member.access_level for member in listed}

    assert levels(here.members.list(get_all=True)) == {both.user.id: 40, direct.user.id: 10}
    everybody = here.members_all.list(get_all=True)
    assert levels(everybody) == {above.user.id: 50, both.user.id: 40, direct.user.id: 10}
    assert len(everybody) == 3
    assert here.members_all.get(above.user.id).access_level == 50
    assert refused(here.members.get, above.user.id)[0] == 404
    for nobody in (late, other):
        assert refused(here.members_all.get, nobody.user.id)[0] == 404
    of_inner = above.gitlab.groups.get(inner.id).members_all.list(get_all=True)
    assert levels(of_inner) == {above.user.id: 50, both.user.id: 30}
    found = here.members_all.list(query=direct.user.username, get_all=True)
    assert [member.id for member in found] == [direct.user.id]
    assert levels(here.members.list(user_ids=[both.user.id], get_all=True)) == {both.user.id: 40}


def test_a_role_is_not_less_than_the_inherited_one(people: People) -> None:
    group = people.registry.group()
    project = people.registry.project(f"{group.full_path}/p")
    owner, person = people.with_role(group, "owner"), people.with_role(group, "developer")
    here = members(owner, project)
    code, message = refused(here.create, {"user_id": person.user.id, "access_level": 10})
    assert (code, "inherited membership from group" in message) == (400, True)
    assert here.create({"user_id": person.user.id, "access_level": 40}).access_level == 40


def test_an_expired_member_may_come_back(people: People) -> None:
    project = people.registry.project()
    owner, person = people.with_role(project, "owner"), people.new()
    people.registry.member(project, person.user, "developer", today())
    assert refused(person.gitlab.projects.get, project.id)[0] == 404
    here = members(owner, project)
    here.update(person.user.id, {"access_level": 30, "expires_at": None})
    assert person.gitlab.projects.get(project.id).id == project.id


def test_every_change_is_recorded(people: People, admin: Person) -> None:
    group = admin.gitlab.groups.create({"name": "g", "path": fresh("recorded")})
    person = people.new()
    group.members.create({"user_id": person.user.id, "access_level": 30})
    group.members.update(person.user.id, {"access_level": 40})
    group.members.delete(person.user.id)
    admin.gitlab.users.update(person.user.id, {"admin": True})
    events = admin.get("/audit_events", per_page=4)
    text = [str(event["details"]) for event in events]
    for words, event in zip(
        ("user_changed", "member_removed", "member_changed", "member_added"), text, strict=True
    ):
        assert words in event
    assert "is_admin" in text[0]
