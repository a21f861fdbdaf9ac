"""What a token reaches, what a user is a member of, and how much of both there is."""

from collections.abc import Mapping, Sequence
from typing import Any

from gitlab import Gitlab

from people import People, Person, refused
from registry import fresh

Found = Mapping[str, Sequence[Mapping[str, Any]]]


def reached(person: Person, **query: object) -> Found:
    path = "/personal_access_tokens/self/associations"
    found: Found = person.get(path, per_page=100, **query)
    return found


def test_what_a_token_reaches(people: People) -> None:
    """With a scope that does not read it: the answer says what the token's owner can do."""
    owner = people.new()
    group = owner.gitlab.groups.create({"name": "Some Group", "path": fresh("some")})
    made = owner.gitlab.projects.create({"name": "A Project", "namespace_id": group.id})
    hidden = people.registry.project()
    person = people.new("read_user")
    group.members.create({"user_id": person.user.id, "access_level": 20})
    made.members.create({"user_id": person.user.id, "access_level": 30})
    found = reached(person)
    assert [each for each in found["groups"] if each["id"] == group.id] == [
        {
            "id": group.id,
            "web_url": f"{people.address}/groups/{group.path}",
            "name": "Some Group",
            "full_path": group.path,
            "parent_id": None,
            "access_levels": 20,
            "visibility": "private",
        }
    ]
    assert [each for each in found["projects"] if each["id"] == made.id] == [
        {
            "id": made.id,
            "description": "",
            "name": "A Project",
            "name_with_namespace": "Some Group / A Project",
            "path": "a-project",
            "path_with_namespace": f"{group.path}/a-project",
            "created_at": made.created_at,
            "access_levels": {"project_access_level": 30, "group_access_level": 20},
            "visibility": "private",
            "web_url": f"{people.address}/{group.path}/a-project",
            "namespace": {
                "id": group.id,
                "name": "Some Group",
                "path": group.path,
                "kind": "group",
                "full_path": group.path,
                "parent_id": None,
                "avatar_url": None,
                "web_url": f"{people.address}/groups/{group.path}",
            },
        }
    ]
    assert hidden.id not in {each["id"] for each in found["projects"]}
    at_least = reached(person, min_access_level=30)
    assert [each["id"] for each in at_least["projects"]] == [made.id]
    assert at_least["groups"] == []
    assert reached(person, min_access_level=40) == {"groups": [], "projects": []}


def test_ones_own_project_is_in_no_group(people: People, admin: Person) -> None:
    person = people.new()
    made = person.gitlab.projects.create({"name": "own"})
    (mine,) = reached(person, min_access_level=50)["projects"]
    assert mine["namespace"]["kind"] == "user"
    assert mine["access_levels"] == {"project_access_level": 50, "group_access_level": None}
    seen = reached(admin)["projects"]
    assert all(
        each["access_levels"] == {"project_access_level": None, "group_access_level": None}
        for each in seen
        if each["id"] == made.id
    ), "an administrator has every right and no role"


def test_how_much_somebody_is_a_member_of(people: People, admin: Person) -> None:
    person, other = people.new(), people.new()
    url = f"/users/{person.user.id}/associations_count"
    none = {"groups_count": 0, "projects_count": 0}
    zero = {"issues_count": 0, "merge_requests_count": 0}
    assert person.get(url) == {**none, **zero}
    for _ in range(2):
        person.gitlab.groups.create({"name": "g", "path": fresh("g")})
    person.gitlab.projects.create({"name": fresh("own")})
    some = {"groups_count": 2, "projects_count": 1}
    assert person.get(url) == admin.get(url) == {**some, **zero}
    assert refused(other.get, url)[0] == 403
    assert refused(admin.get, "/users/999999999/associations_count")[0] == 404


def test_what_somebody_is_a_member_of(people: People, admin: Person, anonymous: Gitlab) -> None:
    person = people.new()
    group = person.gitlab.groups.create({"name": "Mine", "path": fresh("mine")})
    project = people.registry.project()
    people.registry.member(project, person.user, "reporter")
    user = admin.gitlab.users.get(person.user.id)
    of_group = {
        "source_id": group.id,
        "source_name": "Mine",
        "source_type": "Namespace",
        "access_level": 50,
    }
    of_project = {
        "source_id": project.id,
        "source_name": project.name,
        "source_type": "Project",
        "access_level": 20,
    }

    def listed(**query: Any) -> list[dict[str, Any]]:
        found = user.memberships.list(iterator=True, per_page=1, **query)
        return [{key: each.attributes[key] for key in of_group} for each in found]

    assert listed() == [of_group, of_project]
    assert listed(type="Project") == [of_project]
    assert listed(type="Namespace") == [of_group]
    path = f"/users/{person.user.id}/memberships"
    assert refused(person.get, path)[0] == 403
    assert refused(anonymous.http_get, path)[0] == 401
    assert refused(admin.get, path, type="Issue")[0] == 400
