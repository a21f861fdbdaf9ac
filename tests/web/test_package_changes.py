"""What a maintainer does from the pages: yank, un-yank, delete and mark; and who may not."""

import itertools

import pytest

from distributions import build_sdist, build_wheel
from people import People
from registry import Registry, fresh
from requesting import open_session, project_index
from running import Server
from stock import stock
from visiting import Page, Visitor
from wheelyard.domain.models.packages import PackageFile
from wheelyard.domain.models.places import Project
from wheelyard.domain.models.users import User

ACTIONS = ("yank", "unyank", "delete", "status")


@pytest.fixture
def project(registry: Registry, user: User) -> Project:
    """Make a project that `user` maintains."""
    project = registry.project()
    registry.member(project, user, "maintainer")
    return project


@pytest.fixture
def wheel(registry: Registry, project: Project) -> PackageFile:
    """Publish a wheel and an sdist, and return the wheel."""
    name = fresh("pkg")
    return stock(registry, project, build_wheel(name, "1.0"), build_sdist(name, "1.0"))[0]


def address(project: Project, file: PackageFile) -> str:
    return f"/{project.full_path}/-/packages/{file.package_id}"


def file_address(project: Project, file: PackageFile) -> str:
    return f"{address(project, file)}/files/{file.id}"


def index_of(
    server: Server, registry: Registry, project: Project, file: PackageFile
) -> dict[str, object]:
    """Return what the index says of each file: why it is yanked, or False."""
    index = project_index(open_session(), server.address, project)
    auth = ("x", registry.deploy_token(project).secret)
    files = index.files(file.normalised_name, auth)
    return {str(each["filename"]): each.get("yanked", False) for each in files}


def followed(visitor: Visitor, page: Page) -> Page:
    assert page.status == 303, page.text
    return visitor.get(page.location)


def test_yanking_and_taking_it_back(
    visitor: Visitor, server: Server, registry: Registry, project: Project, wheel: PackageFile
) -> None:
    page = visitor.get(address(project, wheel))
    answer = visitor.submit(page, "Yank", reason="  too   early ")
    after = followed(visitor, answer)
    assert "is yanked." in after.text
    assert "This release is yanked." in after.text
    assert "too early" in after.text
    assert set(index_of(server, registry, project, wheel).values()) == {"too early"}
    assert "Yank release" not in after.text
    after = followed(visitor, visitor.submit(after, "Un-yank release"))
    assert "is not yanked any more." in after.text
    assert set(index_of(server, registry, project, wheel).values()) == {False}


def test_one_file(
    visitor: Visitor, server: Server, registry: Registry, project: Project, wheel: PackageFile
) -> None:
    page = visitor.get(file_address(project, wheel))
    assert page.heading == wheel.filename
    after = followed(visitor, visitor.submit(page, "Yank", reason=""))
    assert "This file is yanked." in after.text
    yanked = index_of(server, registry, project, wheel)
    assert yanked.pop(wheel.filename) is True
    assert list(yanked.values()) == [False]
    assert "1 of 2 yanked" in visitor.get(address(project, wheel)).heading
    after = followed(visitor, visitor.submit(after, "Un-yank file"))
    assert not any(index_of(server, registry, project, wheel).values())
    after = followed(visitor, visitor.submit(after, "Delete file"))
    assert f"{wheel.filename} was deleted." in after.text
    assert wheel.filename not in index_of(server, registry, project, wheel)
    assert visitor.get(file_address(project, wheel)).status == 404


def test_deleting(
    visitor: Visitor, server: Server, registry: Registry, project: Project, wheel: PackageFile
) -> None:
    page = visitor.get(address(project, wheel))
    answer = visitor.submit(page, "Delete release")
    assert answer.location == f"/{project.full_path}/-/packages"
    assert f"{wheel.normalised_name} 1.0 was deleted." in visitor.get(answer.location).text
    assert index_of(server, registry, project, wheel) == {}
    assert visitor.get(address(project, wheel)).status == 404
    assert visitor.submit(page, "Delete release").status == 404, "the form was open elsewhere"


def test_the_last_file_of_a_release(visitor: Visitor, registry: Registry, project: Project) -> None:
    (wheel,) = stock(registry, project, build_wheel(fresh("pkg"), "1.0"))
    page = visitor.get(file_address(project, wheel))
    after = followed(visitor, visitor.submit(page, "Delete file"))
    assert "All files of this release were deleted." in after.text
    assert "No files" in visitor.get(f"/{project.full_path}/-/packages").text


def test_marking_a_name(
    visitor: Visitor, server: Server, registry: Registry, project: Project, wheel: PackageFile
) -> None:
    page = visitor.get(address(project, wheel))
    answer = visitor.submit(page, "Save status", status="quarantined", reason="A <virus>?")
    after = followed(visitor, answer)
    assert "is marked as quarantined now." in after.text
    assert "A <virus>?" in after.text
    assert index_of(server, registry, project, wheel) == {}
    form = after.form("Save status")
    chosen = [option["value"] for option in form.find_all("option") if option.has_attr("selected")]
    assert chosen == ["quarantined"]
    after = followed(visitor, visitor.submit(after, "Save status", status="active", reason=""))
    assert len(index_of(server, registry, project, wheel)) == 2


@pytest.mark.parametrize(
    ("button", "fields"),
    [
        ("Yank", {"reason": "x" * 1001}),
        ("Yank", {"reason": "a\x07b"}),
        ("Save status", {"status": "odd"}),
        ("Save status", {"status": ""}),
        ("Save status", {"status": "archived", "reason": "\u202ex"}),
    ],
)
def test_what_cannot_be_meant(
    visitor: Visitor, project: Project, wheel: PackageFile, button: str, fields: dict[str, str]
) -> None:
    page = visitor.get(address(project, wheel))
    after = followed(visitor, visitor.submit(page, button, **fields))
    assert after.soup.select_one(".alert.danger") is not None
    assert "yanked" not in after.heading.lower()
    assert "Archived" not in after.heading


def test_a_protected_package(
    visitor: Visitor, server: Server, registry: Registry, project: Project, wheel: PackageFile
) -> None:
    before = visitor.get(address(project, wheel))
    owner = People(server.address, registry).with_role(project, "owner")
    rules = owner.gitlab.projects.get(project.id).package_protection_rules
    rules.create(
        {
            "package_name_pattern": wheel.normalised_name,
            "package_type": "pypi",
            "minimum_access_level_for_push": "maintainer",
            "minimum_access_level_for_delete": "owner",
        }
    )
    page = visitor.get(address(project, wheel))
    assert "Delete release" not in page.text
    assert "Manage" not in visitor.get(file_address(project, wheel)).text
    refused = visitor.submit(before, "Delete release")
    assert (refused.status, "Package protected" in refused.text) == (403, True)
    assert visitor.submit(before, "Yank").status == 403
    as_owner = Visitor(server.address).sign_in_as(registry, owner.user)
    assert "Delete release" in as_owner.get(address(project, wheel)).text


@pytest.mark.parametrize("role", ["guest", "developer"])
def test_who_may_not(
    server: Server, registry: Registry, project: Project, wheel: PackageFile, role: str
) -> None:
    somebody = registry.user()
    registry.member(project, somebody, role)
    browser = Visitor(server.address).sign_in_as(registry, somebody)
    token = str(browser.get("/").form("Sign out").find("input", attrs={"type": "hidden"})["value"])  # type: ignore[index]  # it is there
    for place, action in itertools.product((address, file_address), ACTIONS):
        answer = browser.post(
            f"{place(project, wheel)}/{action}",
            {"authenticity_token": token, "status": "archived", "reason": ""},
        )
        is_there = (place, action) != (file_address, "status")
        assert answer.status == (403 if is_there else 404), (place, action)
    assert not any(index_of(server, registry, project, wheel).values())


def test_without_the_token_nothing_happens(
    visitor: Visitor, server: Server, registry: Registry, project: Project, wheel: PackageFile
) -> None:
    for place, action in itertools.product((address, file_address), ACTIONS[:3]):
        assert visitor.post(f"{place(project, wheel)}/{action}", {"reason": "x"}).status == 403
    assert list(index_of(server, registry, project, wheel).values()) == [False, False]


def test_every_change_is_recorded(
    visitor: Visitor, server: Server, registry: Registry, project: Project, wheel: PackageFile
) -> None:
    page = visitor.get(address(project, wheel))
    visitor.submit(page, "Yank", reason="why")
    visitor.submit(page, "Save status", status="archived", reason="")
    visitor.submit(page, "Delete release")
    owner = People(server.address, registry).with_role(project, "owner")
    events = owner.gitlab.projects.get(project.id).audit_events.list(get_all=True)
    done = [(event.event_name, event.details["author_name"]) for event in events]
    expected = ("release_deleted", "status_changed", "yanked")
    assert {name: author for name, author in done if name in expected} == dict.fromkeys(
        expected, page_user(page)
    )


def page_user(page: Page) -> str:
    """Return who is signed in, as the user menu has it."""
    shown = page.soup.select_one("#user-menu .muted")
    assert shown is not None
    return shown.get_text(strip=True).removeprefix("@")
