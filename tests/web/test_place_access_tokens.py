"""Settings → Access Tokens of projects and groups: made, shown once, used, rotated, revoked."""

import pytest

from lookups import recorded
from registry import Registry, fresh
from requesting import TIMEOUT_SECONDS, open_session, project_index
from running import Server
from visiting import Page, Visitor, filled
from wheelyard.domain.models.places import Namespace, Project
from wheelyard.domain.models.users import User


@pytest.fixture
def group(registry: Registry, user: User) -> Namespace:
    group = registry.group()
    registry.member(group, user, "owner")
    return group


@pytest.fixture
def project(registry: Registry, group: Namespace) -> Project:
    return registry.project(f"{group.full_path}/{fresh('tools')}")


@pytest.fixture
def maintainer(server: Server, registry: Registry, project: Project) -> Visitor:
    user = registry.user()
    registry.member(project, user, "maintainer")
    return Visitor(server.address).sign_in_as(registry, user)


def address_of(place: Project | Namespace) -> str:
    above = "" if isinstance(place, Project) else "/groups"
    return f"{above}/{place.full_path}/-/settings/access_tokens"


def kind_of(place: Project | Namespace) -> str:
    return "project" if isinstance(place, Project) else "group"


def button(place: Project | Namespace) -> str:
    return f"Create {kind_of(place)} access token"


def new_secret(page: Page, place: Project | Namespace) -> str:
    return str(page.labels()[f"Your new {kind_of(place)} access token"]["value"])


def create(visitor: Visitor, place: Project | Namespace, **fields: str) -> str:
    wish: dict[str, str | list[str]] = {"name": "for CI", "scopes": "api", **fields}
    page = visitor.submit(visitor.get(address_of(place)), button(place), **wish)
    assert page.status == 200, page.text
    return new_secret(page, place)


def works(visitor: Visitor, secret: str) -> bool:
    answer = open_session().get(
        f"{visitor.address}/api/v4/personal_access_tokens/self",
        headers={"PRIVATE-TOKEN": secret},
        timeout=TIMEOUT_SECONDS,
    )
    assert answer.status_code in {200, 401}
    return answer.status_code == 200


def test_the_form(visitor: Visitor, project: Project, group: Namespace) -> None:
    for place in (project, group):
        page = visitor.get(address_of(place))
        assert (page.status, page.heading) == (200, f"{kind_of(place).capitalize()} access tokens")
        labels = page.labels()
        assert {"Token name", "Expiration date", "Select a role", "api", "read_api"} <= set(labels)
        roles = [option.get_text() for option in labels["Select a role"].find_all("option")]
        assert roles == ["Guest", "Planner", "Reporter", "Developer", "Maintainer", "Owner"]
        entry = f"{kind_of(place).capitalize()} tokens"
        assert page.links()[entry] == address_of(place)


@pytest.mark.parametrize("kind", ["project", "group"])
def test_a_token_is_shown_once_and_works(
    *,
    server: Server,
    registry: Registry,
    visitor: Visitor,
    user: User,
    kind: str,
    project: Project,
    group: Namespace,
) -> None:
    place = project if kind == "project" else group
    secret = create(visitor, place)
    page = visitor.get(address_of(place))
    assert secret not in page.answer.text
    row = page.soup.find_all("tbody")[0].get_text(" ", strip=True)
    assert "for CI" in row
    assert "Developer" in row
    index = project_index(open_session(), server.address, project)
    assert index.upload_wheel("by-bot", ("x", secret)).status_code == 201
    new = visitor.submit(page, "Rotate token")
    assert "no-store" in new.answer.headers["Cache-Control"]
    successor = new_secret(new, place)
    assert successor not in str(new.answer.headers)
    assert (works(visitor, secret), works(visitor, successor)) == (False, True)
    revoked = visitor.submit(visitor.get(address_of(place)), "Revoke token")
    assert (revoked.status, revoked.location) == (303, address_of(place))
    assert not works(visitor, successor)
    assert "No active tokens" in visitor.get(address_of(place)).text
    ended = visitor.get(address_of(place) + "?state=inactive").soup.find_all("tbody")[0]
    assert len(ended.find_all("tr")) == 2
    made = [action for action, by in recorded(registry, place.full_path) if by == user.username]
    assert {"access_token_created", "token_rotated", "token_revoked"} <= set(made)


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"name": ""}, "A token needs a name"),
        ({"scopes": "sudo"}, "is not a scope here"),
        ({"expires_at": "2001-01-01"}, "not in the future"),
        ({"expires_at": "soon"}, "is not a date"),
        ({"level": "35"}, "does not have a valid value"),
        ({"level": "owner"}, "does not have a valid value"),
    ],
)
def test_mistakes_come_back_with_the_form(
    visitor: Visitor, project: Project, fields: dict[str, str], problem: str
) -> None:
    wish: dict[str, str | list[str]] = {"name": "x", "scopes": "api", **fields}
    page = visitor.submit(visitor.get(address_of(project)), button(project), **wish)
    assert page.status == 422
    assert problem in page.text
    assert "Your new project access token" not in page.labels()


def test_no_role_over_ones_own(visitor: Visitor, maintainer: Visitor, project: Project) -> None:
    page = maintainer.get(address_of(project))
    roles = [option.get_text() for option in page.labels()["Select a role"].find_all("option")]
    assert roles[-1] == "Maintainer"
    wish = {"name": "x", "scopes": "api", "level": "50"}
    assert maintainer.submit(page, button(project), **wish).status == 422
    owners = create(visitor, project, level="50")
    refused = maintainer.submit(maintainer.get(address_of(project)), "Rotate token")
    assert refused.status == 422
    assert "over your own" in refused.text
    assert works(visitor, owners)


def test_tokens_of_other_places_are_out_of_reach(
    registry: Registry, visitor: Visitor, project: Project, group: Namespace
) -> None:
    create(visitor, group)
    page = visitor.get(address_of(group))
    form = page.form("Revoke token")
    number = str(form["action"]).split("/")[-2]
    csrf = str(filled(page.form(button(group)))["authenticity_token"])
    personal = registry.new_token(registry.user()).token.id
    for each in (number, personal, 10**17, "x"):
        for deed in ("rotate", "revoke"):
            address = f"{address_of(project)}/{each}/{deed}"
            assert visitor.post(address, {"authenticity_token": csrf}).status == 404


def test_who_may(
    *,
    server: Server,
    registry: Registry,
    stranger: Visitor,
    maintainer: Visitor,
    visitor: Visitor,
    project: Project,
    group: Namespace,
) -> None:
    assert maintainer.get(address_of(project)).status == 200
    assert maintainer.get(address_of(group)).status == 404
    groups = registry.user()
    registry.member(group, groups, "maintainer")
    above = Visitor(server.address).sign_in_as(registry, groups)
    assert (above.get(address_of(project)).status, above.get(address_of(group)).status) == (
        200,
        403,
    )
    outsider = Visitor(server.address).sign_in_as(registry, registry.user())
    for place in (project, group):
        assert outsider.get(address_of(place)).status == 404
        assert stranger.get(address_of(place)).status == 302
        assert visitor.post(address_of(place), {"name": "x", "scopes": "api"}).status == 403
