"""Settings → Repository → Deploy Tokens, of projects and groups: made, shown once, revoked."""

import pytest

from days import in_days
from lookups import recorded
from registry import Registry, fresh
from requesting import open_session, project_index
from running import Server
from visiting import Page, Visitor, filled
from wheelyard.domain.models.places import Namespace, Project
from wheelyard.domain.models.users import User

BUTTON = "Create deploy token"
SCOPES = ["read_package_registry", "write_package_registry"]


@pytest.fixture
def group(registry: Registry, user: User) -> Namespace:
    group = registry.group()
    registry.member(group, user, "owner")
    return group


@pytest.fixture
def project(registry: Registry, group: Namespace) -> Project:
    return registry.project(f"{group.full_path}/{fresh('tools')}")


def address_of(place: Project | Namespace) -> str:
    above = "" if isinstance(place, Project) else "/groups"
    return f"{above}/{place.full_path}/-/settings/repository"


def new_secret(page: Page) -> str:
    return str(page.labels()["Your new deploy token"]["value"])


def test_the_form_has_the_names_that_people_look_for(visitor: Visitor, project: Project) -> None:
    page = visitor.get(address_of(project))
    assert (page.status, page.heading) == (200, "Repository settings")
    assert "Deploy Tokens" in [heading.get_text(strip=True) for heading in page.soup.find_all("h2")]
    labels = page.labels()
    assert {"Name", "Expiration date (optional)", "Username (optional)"} <= set(labels)
    assert all(labels[scope]["type"] == "checkbox" for scope in SCOPES)
    assert visitor.get(f"/{project.full_path}").links()["Repository"] == address_of(project)


@pytest.mark.parametrize("kind", ["project", "group"])
def test_a_token_is_shown_once_and_works(
    *,
    server: Server,
    registry: Registry,
    visitor: Visitor,
    user: User,
    project: Project,
    kind: str,
    group: Namespace,
) -> None:
    place = project if kind == "project" else group
    page = visitor.submit(
        visitor.get(address_of(place)), BUTTON, name="for CI", username="ci", scopes=SCOPES
    )
    assert page.status == 200, page.text
    secret = new_secret(page)
    assert secret.startswith("gldt-")
    assert "no-store" in page.answer.headers["Cache-Control"]
    assert secret not in str(page.answer.headers)
    index = project_index(open_session(), server.address, project)
    assert index.upload_wheel("by-ci", ("ci", secret)).status_code == 201
    later = visitor.get(address_of(place))
    assert "for CI" in later.text
    assert secret not in later.answer.text
    assert ("deploy_token_created", user.username) in recorded(registry, place.full_path)
    revoked = visitor.submit(later, "Revoke token")
    assert (revoked.status, revoked.location) == (303, address_of(place))
    assert index.get("/simple/by-ci/", ("ci", secret)).status_code == 401
    assert "No active deploy tokens" in visitor.get(address_of(place)).text


def test_a_name_is_made_up_and_an_end_is_kept(visitor: Visitor, project: Project) -> None:
    page = visitor.submit(
        visitor.get(address_of(project)), BUTTON, name="x", scopes=SCOPES[0], expires_at=in_days(3)
    )
    assert "gitlab+deploy-token-" in page.text
    assert in_days(3) in page.soup.find_all("table")[0].get_text()


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"name": "", "scopes": SCOPES[0]}, "A token needs a name"),
        ({"name": "x"}, "A token needs at least one scope"),
        ({"name": "x", "scopes": "api"}, "is not a scope here"),
        ({"name": "x", "scopes": SCOPES[0], "expires_at": "2001-01-01"}, "not in the future"),
        ({"name": "x", "scopes": SCOPES[0], "expires_at": "soon"}, "is not a date"),
        ({"name": "x", "scopes": SCOPES[0], "username": "u" * 300}, "too long"),
    ],
)
def test_mistakes_come_back_with_the_form(
    visitor: Visitor, project: Project, fields: dict[str, str], problem: str
) -> None:
    page = visitor.submit(visitor.get(address_of(project)), BUTTON, **fields)
    assert page.status == 422
    assert problem in page.text
    assert "Your new deploy token" not in page.labels()
    assert page.labels()["Name"].get("value", "") == fields["name"]


def test_tokens_of_other_places_are_out_of_reach(
    server: Server, registry: Registry, visitor: Visitor, project: Project, group: Namespace
) -> None:
    other = registry.project()
    theirs, above = registry.deploy_token(other), registry.deploy_token(group)
    csrf = str(filled(visitor.get(address_of(project)).form(BUTTON))["authenticity_token"])
    for number in (theirs.token.id, above.token.id, 10**17, "x"):
        address = f"/{project.full_path}/-/deploy_tokens/{number}/revoke"
        assert visitor.post(address, {"authenticity_token": csrf}).status == 404
    index = project_index(open_session(), server.address, other)
    assert index.get("/simple/", (str(theirs.token.username), theirs.secret)).status_code == 200


def test_who_may(
    *,
    server: Server,
    registry: Registry,
    stranger: Visitor,
    visitor: Visitor,
    project: Project,
    group: Namespace,
) -> None:
    maintainer, developer = registry.user(), registry.user()
    registry.member(group, maintainer, "maintainer")
    registry.member(group, developer, "developer")
    for who, of_project, of_group in ((maintainer, 200, 403), (developer, 403, 403)):
        browser = Visitor(server.address).sign_in_as(registry, who)
        assert browser.get(address_of(project)).status == of_project
        assert browser.get(address_of(group)).status == of_group
    outsider = Visitor(server.address).sign_in_as(registry, registry.user())
    for place in (project, group):
        assert outsider.get(address_of(place)).status == 404
        assert stranger.get(address_of(place)).status == 302
        assert visitor.post(address_of(place), {"name": "x", "scopes": SCOPES[0]}).status == 403
    assert stranger.get("/groups/not/there/-/settings/repository").status == 302
