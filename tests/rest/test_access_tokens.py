"""Project and group access tokens over REST, with python-gitlab, and the bots behind them."""

import pytest
import requests
from gitlab import GitlabAuthenticationError, GitlabCreateError, GitlabDeleteError, GitlabGetError

from days import in_days
from people import People, Person, connect, refused
from requesting import JSON, open_session, project_index
from wheelyard.domain.models.places import Namespace, Project


def status(secret: str, people: People, path: str, method: str = "GET", **body: object) -> int:
    """Return the status of a raw call."""
    answer = requests.request(
        method, people.api + path, headers={"PRIVATE-TOKEN": secret}, json=body or None, timeout=30
    )
    return answer.status_code


@pytest.fixture(scope="module")
def project(people: People) -> Project:
    return people.registry.project()


@pytest.fixture(scope="module")
def group(people: People) -> Namespace:
    return people.registry.group()


@pytest.fixture(scope="module")
def maintainer(people: People, project: Project) -> Person:
    return people.with_role(project, "maintainer")


@pytest.fixture(scope="module")
def owner(people: People, group: Namespace) -> Person:
    return people.with_role(group, "owner")


def test_a_projects_token(people: People, project: Project, maintainer: Person) -> None:
    tokens = maintainer.gitlab.projects.get(project.id, lazy=True).access_tokens
    created = tokens.create({"name": "bot", "scopes": ["api"], "expires_at": in_days(30)})
    shown = tokens.get(created.id)
    assert (shown.access_level, shown.scopes, shown.expires_at) == (40, ["api"], in_days(30))
    assert (shown.resource_type, shown.resource_id) == ("project", project.id)
    assert (shown.revoked, shown.active) == (False, True)
    assert "token" not in shown.attributes
    assert created.id in {token.id for token in tokens.list(get_all=True)}
    itself = connect(people.address, created.token).personal_access_tokens.get("self")
    assert itself.user_id == created.user_id
    tokens.delete(created.id)
    assert tokens.get(created.id).revoked is True
    assert created.id not in {token.id for token in tokens.list(state="active", get_all=True)}


def test_a_groups_token(people: People, group: Namespace, owner: Person) -> None:
    inner = people.registry.project(f"{group.full_path}/inner")
    tokens = owner.gitlab.groups.get(group.id, lazy=True).access_tokens
    created = tokens.create({"name": "bot", "scopes": ["api"], "access_level": 30})
    assert (created.access_level, created.resource_type) == (30, "group")
    index = project_index(open_session(), people.address, inner)
    assert index.upload_wheel("by-group-bot", ("x", created.token)).status_code == 201
    tokens.delete(created.id)
    assert index.get(auth=("x", created.token)).status_code == 401


def test_the_bot_publishes_with_its_role(
    people: People, project: Project, maintainer: Person
) -> None:
    tokens = maintainer.gitlab.projects.get(project.id, lazy=True).access_tokens
    index = project_index(open_session(), people.address, project)
    developer = tokens.create({"name": "dev", "scopes": ["api"], "access_level": 30})
    guest = tokens.create({"name": "guest", "scopes": ["api"], "access_level": 10})
    reader = tokens.create({"name": "reader", "scopes": ["read_api"]})
    assert index.upload_wheel("by-dev", ("x", developer.token)).status_code == 201
    assert index.upload_wheel("by-guest", ("x", guest.token)).status_code == 403
    assert index.upload_wheel("by-reader", ("x", reader.token)).status_code == 403
    for token in (developer, guest, reader):
        assert index.get(auth=("x", token.token), headers=JSON).status_code == 200
    other = project_index(open_session(), people.address, people.registry.project())
    assert other.get(auth=("x", developer.token)).status_code == 404


def test_the_bot_is_a_user(people: People, project: Project, maintainer: Person) -> None:
    tokens = maintainer.gitlab.projects.get(project.id, lazy=True).access_tokens
    created = tokens.create({"name": "Robbie", "scopes": ["read_user"]})
    answer = requests.get(
        f"{people.api}/user", headers={"PRIVATE-TOKEN": created.token}, timeout=30
    ).json()
    assert answer["id"] == created.user_id
    assert answer["username"].startswith(f"project_{project.id}_bot_")


def test_the_bots_role_ends_with_the_token(
    people: People, project: Project, maintainer: Person, admin: Person
) -> None:
    """The bot has no other way in, but a role that outlived its token would wait for one."""
    tokens = maintainer.gitlab.projects.get(project.id, lazy=True).access_tokens
    created = tokens.create({"name": "bot", "scopes": ["api"], "expires_at": in_days(30)})
    bot = admin.gitlab.users.get(created.user_id, lazy=True)
    spare = bot.personal_access_tokens.create({"name": "spare", "scopes": ["read_api"]})
    index = project_index(open_session(), people.address, project)
    assert index.get(auth=("x", spare.token)).status_code == 200
    tokens.delete(created.id)
    assert index.get(auth=("x", spare.token)).status_code == 404


# --- rotating ---------------------------------------------------------------------------------


def test_rotate(people: People, project: Project, maintainer: Person) -> None:
    tokens = maintainer.gitlab.projects.get(project.id, lazy=True).access_tokens
    created = tokens.create({"name": "bot", "scopes": ["api"], "access_level": 30})
    new = tokens.rotate(created.id)
    assert new["user_id"] == created.user_id
    assert new["access_level"] == 30
    assert new["expires_at"] == in_days(7)
    index = project_index(open_session(), people.address, project)
    assert index.get(auth=("x", created.token)).status_code == 401
    assert index.upload_wheel("after-rotation", ("x", new["token"])).status_code == 201


def test_a_token_with_a_higher_role_is_not_rotated(
    people: People, project: Project, maintainer: Person
) -> None:
    owner = people.with_role(project, "owner")
    owners = owner.gitlab.projects.get(project.id, lazy=True).access_tokens
    created = owners.create({"name": "bot", "scopes": ["api"], "access_level": 50})
    tokens = maintainer.gitlab.projects.get(project.id, lazy=True).access_tokens
    status_code, message = refused(tokens.rotate, created.id)
    assert (status_code, "over your own" in message) == (400, True)
    assert owners.rotate(created.id)["access_level"] == 50


def test_self_rotate(people: People, project: Project, maintainer: Person) -> None:
    tokens = maintainer.gitlab.projects.get(project.id, lazy=True).access_tokens
    created = tokens.create({"name": "bot", "scopes": ["self_rotate"]})
    path = f"/projects/{project.id}/access_tokens/self/rotate"
    elsewhere = people.registry.project(visibility="public")
    assert (
        status(created.token, people, f"/projects/{elsewhere.id}/access_tokens/self/rotate", "POST")
        == 401
    )
    assert status(created.token, people, path, "POST") == 200
    assert status(maintainer.secret, people, path, "POST") == 405
    own = "/personal_access_tokens/self/rotate"
    again = tokens.create({"name": "bot", "scopes": ["api"]})
    assert status(again.token, people, own, "POST") == 405
    reader = tokens.create({"name": "bot", "scopes": ["read_api"]})
    assert status(reader.token, people, path, "POST") == 403


def test_rotating_with_a_replaced_token_ends_its_family_and_the_role(
    people: People, project: Project, maintainer: Person
) -> None:
    tokens = maintainer.gitlab.projects.get(project.id, lazy=True).access_tokens
    created = tokens.create({"name": "bot", "scopes": ["api"]})
    new = tokens.rotate(created.id)["token"]
    path = f"/projects/{project.id}/access_tokens/self/rotate"
    assert status(created.token, people, path, "POST") == 401
    index = project_index(open_session(), people.address, project)
    assert index.get(auth=("x", new)).status_code == 401
    assert {
        token.active for token in tokens.list(search="bot", get_all=True) if token.id == created.id
    } == {False}


# --- who may ----------------------------------------------------------------------------------


@pytest.mark.parametrize("role", ["guest", "reporter", "developer"])
def test_less_than_a_maintainer(people: People, project: Project, role: str) -> None:
    person = people.with_role(project, role)
    path = f"/projects/{project.id}/access_tokens"
    body = {"name": "x", "scopes": ["api"], "access_level": 10}
    assert status(person.secret, people, path) == 403
    assert status(person.secret, people, path, "POST", **body) == 403


def test_a_groups_maintainer_is_not_enough(people: People, group: Namespace) -> None:
    person = people.with_role(group, "maintainer")
    path = f"/groups/{group.id}/access_tokens"
    assert status(person.secret, people, path) == 403
    assert status(person.secret, people, path, "POST", name="x", scopes=["api"]) == 403


def test_strangers_and_nobody(people: People, project: Project, group: Namespace) -> None:
    stranger = people.new()
    for path in (f"/projects/{project.id}/access_tokens", f"/groups/{group.id}/access_tokens"):
        assert status(stranger.secret, people, path) == 404
        assert requests.get(people.api + path, timeout=30).status_code == 401


def test_a_level_over_ones_own(project: Project, maintainer: Person) -> None:
    tokens = maintainer.gitlab.projects.get(project.id, lazy=True).access_tokens
    for level in (50, 60, 41, 0, -1):
        with pytest.raises(GitlabCreateError) as refused:
            tokens.create({"name": "x", "scopes": ["api"], "access_level": level})
        assert refused.value.response_code == 400


def test_a_bot_makes_no_other_token(people: People, project: Project, maintainer: Person) -> None:
    """Otherwise an access token would outlive its own expiry."""
    tokens = maintainer.gitlab.projects.get(project.id, lazy=True).access_tokens
    created = tokens.create({"name": "bot", "scopes": ["api"], "expires_at": in_days(30)})
    path = f"/projects/{project.id}/access_tokens"
    assert status(created.token, people, path, "POST", name="x", scopes=["api"]) == 403
    body = {"name": "x", "scopes": ["self_rotate"]}
    assert status(created.token, people, "/user/personal_access_tokens", "POST", **body) == 403


def test_tokens_of_other_places_are_out_of_reach(
    people: People, project: Project, maintainer: Person
) -> None:
    """The id of another project's token under one's own project (IDOR)."""
    other = people.registry.project()
    theirs = people.with_role(other, "maintainer")
    victim = theirs.gitlab.projects.get(other.id, lazy=True).access_tokens.create(
        {"name": "victim", "scopes": ["api"]}
    )
    tokens = maintainer.gitlab.projects.get(project.id, lazy=True).access_tokens
    with pytest.raises(GitlabGetError):
        tokens.get(victim.id)
    with pytest.raises(GitlabDeleteError) as refused:
        tokens.delete(victim.id)
    assert refused.value.response_code == 404
    path = f"/projects/{project.id}/access_tokens/{victim.id}/rotate"
    assert status(maintainer.secret, people, path, "POST") == 404
    personal = maintainer.gitlab.personal_access_tokens
    with pytest.raises(GitlabAuthenticationError):
        personal.delete(victim.id)
    assert status(victim.token, people, "/personal_access_tokens/self") == 200


def test_creating_and_ending_are_recorded(
    people: People, project: Project, maintainer: Person
) -> None:
    tokens = maintainer.gitlab.projects.get(project.id, lazy=True).access_tokens
    created = tokens.create({"name": "watched", "scopes": ["api"]})
    new = tokens.rotate(created.id)
    tokens.delete(new["id"])
    events = requests.get(
        f"{people.api}/projects/{project.id}/audit_events?per_page=3",
        headers=maintainer.headers,
        timeout=30,
    ).json()
    assert [event["event_name"] for event in events] == [
        "token_revoked",
        "token_rotated",
        "access_token_created",
    ]
    assert events[1]["details"]["replaced_id"] == created.id
    assert {event["author_id"] for event in events} == {maintainer.user.id}


@pytest.mark.parametrize("deletes", ["project", "group", "group above", "user"])
def test_a_bot_goes_with_what_it_belongs_to(people: People, admin: Person, deletes: str) -> None:
    person = people.new()
    gitlab = person.gitlab
    name = person.user.username
    top = gitlab.groups.create({"name": f"g-{name}", "path": f"g-{name}"})
    child = gitlab.groups.create({"name": "c", "path": "c", "parent_id": top.id})
    namespace_id = None if deletes == "user" else child.id
    project = gitlab.projects.create({"name": "p", "namespace_id": namespace_id})
    place = child if deletes == "group" else project
    ended, living = (place.access_tokens.create({"name": "t", "scopes": ["api"]}) for _ in range(2))
    place.access_tokens.delete(ended.id)
    match deletes:
        case "project":
            project.delete()
        case "group":
            child.delete()
        case "group above":
            top.delete()
        case _:
            admin.gitlab.users.delete(person.user.id, hard_delete=True)
    assert status(living.token, people, "/user") == 401
    for token in (ended, living):
        with pytest.raises(GitlabGetError) as refused:
            admin.gitlab.users.get(token.user_id)
        assert refused.value.response_code == 404
        (event,) = admin.gitlab.audit_events.list(
            entity_type="User", entity_id=token.user_id, get_all=True
        )
        assert event.event_name == "user_deleted"
