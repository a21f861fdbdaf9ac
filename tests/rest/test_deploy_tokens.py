"""Deploy tokens over REST, with python-gitlab."""

import pytest
import requests
from gitlab import GitlabCreateError, GitlabDeleteError, GitlabGetError, GitlabListError

from days import in_days
from people import People, Person
from requesting import group_index, open_session, project_index
from wheelyard.domain.models.places import Namespace, Project

SCOPES = ["read_package_registry", "write_package_registry"]


@pytest.fixture(scope="module")
def project(people: People) -> Project:
    return people.registry.project()


@pytest.fixture(scope="module")
def maintainer(people: People, project: Project) -> Person:
    return people.with_role(project, "maintainer")


def test_a_projects_token(
    people: People, project: Project, maintainer: Person, admin: Person
) -> None:
    tokens = maintainer.gitlab.projects.get(project.id, lazy=True).deploytokens
    tomorrow = in_days(1)
    created = tokens.create({"name": "ci", "scopes": SCOPES, "expires_at": tomorrow})
    assert created.username == f"gitlab+deploy-token-{created.id}"
    assert created.token.startswith("gldt-")
    assert tokens.get(created.id).attributes | {"project_id": None} == {
        "id": created.id,
        "name": "ci",
        "username": created.username,
        "expires_at": f"{tomorrow}T00:00:00.000Z",
        "revoked": False,
        "expired": False,
        "scopes": SCOPES,
        "project_id": None,
    }
    index = project_index(open_session(), people.address, project)
    assert index.upload_wheel("deployed", (created.username, created.token)).status_code == 201
    everywhere = {token.id for token in admin.gitlab.deploytokens.list(get_all=True)}
    assert created.id in everywhere
    tokens.delete(created.id)
    assert index.get(auth=(created.username, created.token)).status_code == 401
    assert created.id not in {token.id for token in tokens.list(get_all=True)}
    with pytest.raises(GitlabGetError):
        tokens.get(created.id)
    with pytest.raises(GitlabDeleteError) as refused:
        tokens.delete(created.id)
    assert refused.value.response_code == 404


def test_a_groups_token(people: People) -> None:
    group = people.registry.group()
    owner = people.with_role(group, "owner")
    tokens = owner.gitlab.groups.get(group.id, lazy=True).deploytokens
    created = tokens.create({"name": "ci", "scopes": SCOPES, "username": "robot"})
    assert (created.username, created.expires_at) == ("robot", None)
    index = group_index(open_session(), people.address, group)
    assert index.get(auth=("robot", created.token)).status_code == 200
    tokens.delete(created.id)
    assert index.get(auth=("robot", created.token)).status_code == 401


def test_the_forms_of_scopes_and_dates(
    people: People, project: Project, maintainer: Person
) -> None:
    tomorrow = in_days(1)
    url = f"{people.api}/projects/{project.id}/deploy_tokens"
    for body, expires_at in (
        ({"scopes[]": SCOPES, "expires_at": f"{tomorrow}T13:30:00Z"}, tomorrow),
        ({"scopes": ",".join(SCOPES), "expires_at": ""}, None),
    ):
        answer = requests.post(
            url, headers=maintainer.headers, data={"name": "x", **body}, timeout=30
        )
        assert answer.status_code == 201, answer.text
        assert answer.json()["scopes"] == SCOPES
        shown = answer.json()["expires_at"]
        assert shown == (None if expires_at is None else f"{expires_at}T00:00:00.000Z")


@pytest.mark.parametrize(
    "body",
    [
        {"name": "x"},
        {"name": "x", "scopes": []},
        {"name": "x", "scopes": ["api"]},
        {"name": "", "scopes": SCOPES},
        {"name": "x", "scopes": SCOPES, "expires_at": "2001-01-01"},
        {"name": "x", "scopes": SCOPES, "expires_at": "someday"},
        {"name": "x", "scopes": SCOPES, "expires_at": "0001-01-01T00:00:00+23:59"},
        {"name": "x", "scopes": SCOPES, "username": "x" * 256},
    ],
)
def test_what_cannot_be_created(
    people: People, project: Project, maintainer: Person, body: dict[str, object]
) -> None:
    answer = requests.post(
        f"{people.api}/projects/{project.id}/deploy_tokens",
        headers=maintainer.headers,
        json=body,
        timeout=30,
    )
    assert answer.status_code == 400
    assert answer.json()["message"]


def test_the_filter(project: Project, maintainer: Person) -> None:
    tokens = maintainer.gitlab.projects.get(project.id, lazy=True).deploytokens
    created = tokens.create({"name": "on", "scopes": SCOPES})
    assert created.id in {token.id for token in tokens.list(active="true", get_all=True)}
    assert created.id in {token.id for token in tokens.list(active="false", get_all=True)}


@pytest.mark.parametrize(
    ("role", "lists", "creates"),
    [
        ("developer", 403, 403),
        ("maintainer", 200, 403),
        ("owner", 200, 201),
    ],
)
def test_roles_in_a_group(people: People, role: str, lists: int, creates: int) -> None:
    group = people.registry.group()
    person = people.with_role(group, role)
    url = f"{people.api}/groups/{group.id}/deploy_tokens"
    assert requests.get(url, headers=person.headers, timeout=30).status_code == lists
    body = {"name": "x", "scopes": SCOPES}
    answer = requests.post(url, headers=person.headers, json=body, timeout=30)
    assert answer.status_code == creates
    token = people.registry.deploy_token(group).token
    deleted = requests.delete(f"{url}/{token.id}", headers=person.headers, timeout=30)
    assert deleted.status_code == (204 if creates == 201 else 403)


def test_roles_in_a_project(people: People, project: Project, admin: Person) -> None:
    developer, stranger = people.with_role(project, "developer"), people.new()
    tokens = developer.gitlab.projects.get(project.id, lazy=True).deploytokens
    with pytest.raises(GitlabListError) as refused:
        tokens.list(get_all=True)
    assert refused.value.response_code == 403
    with pytest.raises(GitlabCreateError):
        tokens.create({"name": "x", "scopes": SCOPES})
    with pytest.raises(GitlabListError) as hidden:
        stranger.gitlab.projects.get(project.id, lazy=True).deploytokens.list(get_all=True)
    assert hidden.value.response_code == 404
    with pytest.raises(GitlabListError) as not_admin:
        developer.gitlab.deploytokens.list(get_all=True)
    assert not_admin.value.response_code == 403
    assert admin.gitlab.deploytokens.list(active="true", get_all=True)


def test_tokens_of_other_places_are_out_of_reach(
    people: People, project: Project, maintainer: Person
) -> None:
    """The id of another project's token, or of its group's, under one's own project (IDOR)."""
    group: Namespace = people.registry.group()
    tokens = maintainer.gitlab.projects.get(project.id, lazy=True).deploytokens
    for place in (people.registry.project(), group):
        victim = people.registry.deploy_token(place)
        with pytest.raises(GitlabGetError):
            tokens.get(victim.token.id)
        with pytest.raises(GitlabDeleteError) as refused:
            tokens.delete(victim.token.id)
        assert refused.value.response_code == 404
    personal = people.registry.new_token(people.new().user).token
    with pytest.raises(GitlabDeleteError):
        tokens.delete(personal.id)


def test_reading_with_a_reading_scope(people: People, project: Project) -> None:
    reader = people.with_role(project, "maintainer", "read_api")
    url = f"{people.api}/projects/{project.id}/deploy_tokens"
    assert requests.get(url, headers=reader.headers, timeout=30).status_code == 200
    body = {"name": "x", "scopes": SCOPES}
    assert requests.post(url, headers=reader.headers, json=body, timeout=30).status_code == 403
