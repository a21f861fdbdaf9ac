"""Settings → Packages and registries: rules that reserve names, made, changed and deleted."""

import pytest

from lookups import recorded
from registry import Registry, fresh
from requesting import open_session, project_index
from running import Server
from visiting import Page, Visitor
from wheelyard.domain.models.places import Project
from wheelyard.domain.models.users import User


@pytest.fixture
def project(registry: Registry, user: User) -> Project:
    """Return a project of which the visitor is a maintainer."""
    project = registry.project()
    registry.member(project, user, "maintainer")
    return project


def address_of(project: Project) -> str:
    return f"/{project.full_path}/-/settings/packages_and_registries"


def rows(page: Page) -> list[list[str]]:
    body = page.soup.find("tbody")
    found = [] if body is None else body.find_all("tr")
    return [[cell.get_text(" ", strip=True) for cell in row.find_all("td")[:3]] for row in found]


def test_a_rule_is_made_has_effect_and_goes(
    server: Server, registry: Registry, visitor: Visitor, user: User, project: Project
) -> None:
    assert visitor.get(f"/{project.full_path}").links()["Packages and registries"] == address_of(
        project
    )
    page = visitor.get(address_of(project))
    assert (page.status, page.heading) == (200, "Packages and registries")
    assert "No protection rules" in page.text
    made = visitor.submit(page, "Protect", pattern="kept-*", push_level="owner", delete_level="")
    assert (made.status, made.location) == (303, address_of(project))
    assert rows(visitor.get(address_of(project))) == [["kept-*", "Owner", "As the roles say"]]
    index = project_index(open_session(), server.address, project)
    maintainer = ("x", registry.token(user))
    assert index.upload_wheel("kept_here", maintainer).status_code == 403
    edit = visitor.get(address_of(project) + visitor.get(address_of(project)).links()["Edit"])
    assert edit.labels()["Name pattern"]["value"] == "kept-*"
    changed = visitor.submit(edit, "Save changes", pattern="other-*", delete_level="admin")
    assert changed.status == 303
    assert rows(visitor.get(address_of(project))) == [["other-*", "Owner", "Admin"]]
    assert index.upload_wheel("kept_here", maintainer).status_code == 201
    gone = visitor.submit(visitor.get(address_of(project)), "Delete rule")
    assert gone.status == 303
    assert rows(visitor.get(address_of(project))) == []
    done = [action for action, by in recorded(registry, project.full_path) if by == user.username]
    assert [action for action in done if action.startswith("protection")] == [
        "protection_rule_created",
        "protection_rule_changed",
        "protection_rule_deleted",
    ]


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"pattern": "a b"}, "should be a valid PyPI package name"),
        ({"pattern": "fine", "push_level": "", "delete_level": ""}, "needs a minimum access level"),
        ({"pattern": "fine", "push_level": "guest"}, "The level must be one of"),
        ({"pattern": "taken"}, "has already been taken"),
    ],
)
def test_mistakes_come_back_with_the_form(
    visitor: Visitor, project: Project, fields: dict[str, str], problem: str
) -> None:
    visitor.submit(visitor.get(address_of(project)), "Protect", pattern="taken")
    page = visitor.submit(visitor.get(address_of(project)), "Protect", **fields)
    assert page.status == 422
    assert problem in page.text
    assert page.labels()["Name pattern"]["value"] == fields["pattern"]
    assert len(rows(page)) == 1


def test_who_may(
    server: Server, registry: Registry, visitor: Visitor, stranger: Visitor, project: Project
) -> None:
    developer = registry.user()
    registry.member(project, developer, "developer")
    assert (
        Visitor(server.address).sign_in_as(registry, developer).get(address_of(project)).status
        == 403
    )
    assert stranger.get(address_of(project)).status == 302
    assert visitor.post(address_of(project), {"pattern": fresh("x")}).status == 403
    for rule in ("9999999999", "x"):
        for deed in ("change", "delete"):
            token = visitor.get(address_of(project)).soup.find(
                "input", attrs={"name": "authenticity_token"}
            )
            assert token is not None
            sent: dict[str, str | list[str]] = {"authenticity_token": str(token["value"])}
            page = visitor.post(f"{address_of(project)}/rules/{rule}/{deed}", sent)
            assert page.status == 404
    assert visitor.get(f"{address_of(project)}?rule=999999999").status == 404
    registry.configure(project, "packages_enabled", "false")
    assert visitor.get(address_of(project)).status == 403
    assert "Packages and registries" not in visitor.get(f"/{project.full_path}").text
