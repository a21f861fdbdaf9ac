"""The settings pages in a real browser: dialogs, new secrets, by keyboard, without JavaScript."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from browsing import DESKTOP, PHONE
from registry import Registry, fresh
from wheelyard.domain.models.places import Namespace, Project
from wheelyard.domain.models.users import User

Axe = Callable[[Page], None]
Screenshot = Callable[[Page, str], Path]
SignIn = Callable[..., Page]

SIZES = {"desk": DESKTOP, "phone": PHONE}


@pytest.fixture
def person(registry: Registry) -> User:
    return registry.user()


@pytest.fixture
def group(registry: Registry, person: User) -> Namespace:
    """Return a group that `person` owns."""
    group = registry.group()
    registry.member(group, person, "owner")
    return group


@pytest.fixture
def project(registry: Registry, group: Namespace) -> Project:
    return registry.project(f"{group.full_path}/{fresh('tools')}")


@pytest.mark.parametrize("javascript", [True, False], ids=["scripts", "no-scripts"])
def test_a_deploy_token_by_its_names(
    sign_in: SignIn, person: User, project: Project, *, javascript: bool
) -> None:
    page = sign_in(person, javascript=javascript)
    page.goto(f"/{project.full_path}")
    page.get_by_role("link", name="Repository").click()
    expect(page.get_by_role("heading", name="Deploy Tokens", exact=True)).to_be_visible()
    page.get_by_label("Name", exact=True).fill("for CI")
    page.get_by_label("read_package_registry").check()
    page.get_by_label("write_package_registry").check()
    page.get_by_role("button", name="Create deploy token").click()
    expect(page.get_by_label("Your new deploy token")).to_have_value(re.compile("^gldt-"))
    page.get_by_role("button", name="Revoke", exact=True).click()
    page.get_by_role("button", name="Revoke token").click()
    expect(page.get_by_role("status")).to_contain_text("'for CI' was revoked")


@pytest.mark.parametrize("javascript", [True, False], ids=["scripts", "no-scripts"])
def test_a_members_role_in_a_dialog(
    sign_in: SignIn,
    registry: Registry,
    person: User,
    project: Project,
    *,
    javascript: bool,
) -> None:
    friend = registry.user()
    page = sign_in(person, javascript=javascript)
    page.goto(f"/{project.full_path}")
    page.get_by_role("link", name="Members").click()
    page.get_by_label("Username").fill(friend.username)
    page.get_by_label("Select a role").select_option("Reporter")
    page.get_by_role("button", name="Invite").click()
    line = page.get_by_role("row").filter(has_text=f"@{friend.username}")
    expect(line).to_contain_text("Reporter")
    line.get_by_role("button", name="Edit").click()
    line.get_by_label(f"New role of {friend.name}").select_option("Maintainer")
    line.get_by_role("button", name="Save role").click()
    expect(line).to_contain_text("Maintainer")
    line.get_by_role("button", name="Remove", exact=True).click()
    line.get_by_role("button", name="Remove member").click()
    expect(line).to_have_count(0)


def test_a_deletion_by_keyboard_alone(sign_in: SignIn, person: User, project: Project) -> None:
    page = sign_in(person, javascript=False)
    page.goto(f"/{project.full_path}/edit")
    page.get_by_role("button", name="Delete project").press("Enter")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    page.keyboard.press("Tab")
    expect(dialog.get_by_role("textbox")).to_be_focused()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    page.get_by_role("button", name="Delete project").press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.type(project.full_path)
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("was deleted")


@pytest.mark.parametrize("size", SIZES)
def test_dialogs_secrets_and_mistakes(
    *,
    sign_in: SignIn,
    registry: Registry,
    person: User,
    project: Project,
    group: Namespace,
    theme: str,
    size: str,
    axe: Axe,
    screenshot: Screenshot,
) -> None:
    registry.member(project, registry.user(), "developer")
    page = sign_in(person, theme=theme, size=SIZES[size])
    page.goto(f"/{project.full_path}/-/project_members")
    page.get_by_role("button", name="Edit").first.click()
    expect(page.get_by_role("dialog")).to_be_visible()
    screenshot(page, f"member-dialog-{theme}-{size}")
    axe(page)
    page.goto(f"/groups/{group.full_path}/-/settings/access_tokens")
    page.get_by_label("Token name").fill("for CI")
    page.get_by_label("read_api").check()
    page.get_by_role("button", name="Create group access token").click()
    expect(page.get_by_label("Your new group access token")).to_be_visible()
    screenshot(page, f"group-access-token-{theme}-{size}")
    axe(page)
    page.goto(f"/groups/{group.full_path}/-/edit")
    page.get_by_role("textbox", name="Path").fill("a b")
    page.get_by_role("button", name="Change path").click()
    expect(page.get_by_role("alert")).to_contain_text("cannot be a path")
    screenshot(page, f"group-settings-mistake-{theme}-{size}")
    axe(page)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
