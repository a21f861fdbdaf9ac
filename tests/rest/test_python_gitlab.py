"""A script of a team that comes from GitLab, with python-gitlab as its documentation shows it."""

from collections.abc import Callable
from dataclasses import dataclass

import gitlab
import pytest
from gitlab.const import AccessLevel
from gitlab.v4.objects import Group, Project, User

from days import in_days
from distributions import build_wheel
from people import People, Person
from registry import fresh
from requesting import open_session, project_index

PACKAGES = 240


@dataclass(frozen=True)
class Team:
    """What the script has made: a user, a group, a subgroup and a project in it."""

    gl: gitlab.Gitlab
    user: User
    group: Group
    subgroup: Group
    project: Project


@pytest.fixture(scope="module")
def team(people: People, admin: Person) -> Team:
    gl = gitlab.Gitlab(people.address, private_token=admin.secret)
    gl.auth()
    name = fresh("jen")
    user = gl.users.create(
        {
            "email": f"{name}@foo.example",
            "username": name,
            "name": "Jen",
            "password": "s3cr3t-enough",
        }
    )
    group = gl.groups.create({"name": "group1", "path": fresh("group1")})
    subgroup = gl.groups.create({"name": "subgroup1", "path": "subgroup1", "parent_id": group.id})
    project = gl.projects.create({"name": "my project", "namespace_id": subgroup.id})
    group.members.create({"user_id": user.id, "access_level": AccessLevel.DEVELOPER})
    return Team(gl, user, group, subgroup, project)


def test_the_script(people: People, team: Team) -> None:
    gl, project = team.gl, team.project
    member = project.members_all.get(team.user.id)
    assert member.access_level == AccessLevel.DEVELOPER
    token = team.user.personal_access_tokens.create({"name": "ci", "scopes": ["api"]})
    _publish(people, project, token.token)

    packages = project.packages.list(iterator=True, per_page=100, order_by="name", sort="asc")
    names = [package.name for package in packages]
    assert (len(names), packages.total) == (PACKAGES, PACKAGES)
    assert names == sorted(names)
    everything = team.group.packages.list(iterator=True)
    assert sum(1 for _ in everything) == PACKAGES
    by_keyset = gl.projects.list(iterator=True, pagination="keyset", order_by="id", per_page=100)
    assert project.id in {each.id for each in by_keyset}

    package = project.packages.get(next(iter(project.packages.list(iterator=True))).id)
    file = package.package_files.list(get_all=True)[0]
    assert package.pipelines.list(get_all=True) == []
    file.delete()
    package.delete()
    assert len(project.packages.list(get_all=True)) == PACKAGES - 1

    rule = project.package_protection_rules.create(
        {
            "package_name_pattern": "many-1*",
            "package_type": "pypi",
            "minimum_access_level_for_push": "maintainer",
        }
    )
    index = project_index(open_session(), people.address, project.id)
    auth = ("__token__", token.token)
    assert index.upload(*build_wheel("many-1", "2.0"), auth).status_code == 403
    rule.minimum_access_level_for_push = "owner"
    rule.save()
    rule.delete()
    assert index.upload(*build_wheel("many-1", "2.0"), auth).status_code == 201

    personal = gl.personal_access_tokens.get(token.id)
    personal.rotate()
    assert index.upload(*build_wheel("late", "1.0"), auth).status_code == 401
    auth = ("__token__", personal.token)
    assert index.upload(*build_wheel("late", "1.0"), auth).status_code == 201
    access = project.access_tokens.create(
        {"name": "bot", "scopes": ["read_api"], "expires_at": in_days(30)}
    )
    rotated = project.access_tokens.get(access.id)
    rotated.rotate()
    rotated.delete()
    deploy = team.group.deploytokens.create({"name": "d", "scopes": ["read_package_registry"]})
    assert index.get(auth=("x", deploy.token)).status_code == 200
    deploy.delete()
    assert index.get(auth=("x", deploy.token)).status_code == 401
    personal.delete()
    assert gl.personal_access_tokens.list(user_id=team.user.id, get_all=True)[0].revoked is True


def test_the_rest_of_the_script(team: Team) -> None:
    gl = team.gl
    assert gl.version()[1] == "wheelyard"
    settings = gl.settings.get()
    settings.save()
    assert gl.namespaces.get(team.group.path).kind == "group"
    user = gl.users.list(username=team.user.username, get_all=True)[0]
    user.block()
    assert gl.users.get(user.id).state == "blocked"
    user.unblock()
    assert gl.users.get(user.id).state == "active"
    assert team.project.audit_events.list(iterator=True, per_page=100).total is not None


def _publish(people: People, project: Project, secret: str) -> None:
    index = project_index(open_session(), people.address, project.id)
    for number in range(PACKAGES):
        answer = index.upload(*build_wheel(f"many-{number}", "1.0"), ("__token__", secret))
        assert answer.status_code == 201, answer.text


Work = Callable[[Team, gitlab.Gitlab], object]

ERRORS: dict[str, tuple[Work, type[Exception], int]] = {
    "authentication": (
        lambda _, stranger: gitlab.Gitlab(stranger.url, private_token="x").auth(),
        gitlab.GitlabAuthenticationError,
        401,
    ),
    "get": (lambda t, _: t.gl.projects.get(10**9), gitlab.GitlabGetError, 404),
    "list": (lambda _, s: s.settings.get(), gitlab.GitlabGetError, 403),
    "list of tokens": (
        lambda t, s: s.projects.get(t.project.id, lazy=True).deploytokens.list(get_all=True),
        gitlab.GitlabListError,
        404,
    ),
    "create": (
        lambda t, _: t.gl.groups.create({"name": "x", "path": t.group.path}),
        gitlab.GitlabCreateError,
        400,
    ),
    "create again": (
        lambda t, _: t.group.members.create({"user_id": t.user.id, "access_level": 30}),
        gitlab.GitlabCreateError,
        409,
    ),
    "update": (
        lambda t, _: t.gl.projects.update(t.project.id, {"visibility": "hidden"}),
        gitlab.GitlabUpdateError,
        400,
    ),
    "delete": (lambda t, _: t.project.packages.delete(10**9), gitlab.GitlabDeleteError, 404),
    "block": (lambda t, _: t.gl.users.get(10**9, lazy=True).block(), gitlab.GitlabBlockError, 404),
    "unblock": (
        lambda t, _: t.gl.users.get(10**9, lazy=True).unblock(),
        gitlab.GitlabUnblockError,
        404,
    ),
    "rotate": (
        lambda t, _: t.project.access_tokens.rotate(10**9),
        gitlab.GitlabRotateError,
        404,
    ),
    "transfer of a project": (
        lambda t, _: t.project.transfer("no-such"),
        gitlab.GitlabTransferProjectError,
        404,
    ),
    "transfer of a group": (
        lambda t, _: t.group.transfer(),
        gitlab.GitlabGroupTransferError,
        400,
    ),
    "anything": (lambda t, _: t.gl.http_get("/nothing"), gitlab.GitlabHttpError, 404),
}


@pytest.mark.parametrize("name", ERRORS)
def test_each_error_is_its_own(people: People, team: Team, name: str) -> None:
    work, kind, code = ERRORS[name]
    stranger = people.new().gitlab
    with pytest.raises(kind) as raised:
        work(team, stranger)
    assert type(raised.value) is kind
    assert getattr(raised.value, "response_code", None) == code
    assert str(getattr(raised.value, "error_message", ""))
