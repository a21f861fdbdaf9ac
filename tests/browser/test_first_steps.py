"""A person's first steps in a real browser: sign in, make a project, read its id, sign out."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from browsing import Windows
from registry import Registry, fresh
from visiting import PASSWORD
from wheelyard.actions.users import create_user
from wheelyard.domain.models.users import User

Axe = Callable[[Page], None]


@pytest.fixture
def person(registry: Registry) -> User:
    """Make somebody with a password."""
    return registry.run(
        lambda machines, by: create_user(
            machines.db, machines.passwords, by, username=fresh("person"), password=PASSWORD
        )
    )


@pytest.mark.parametrize("javascript", [True, False], ids=["scripts", "no-scripts"])
def test_first_steps(windows: Windows, person: User, *, javascript: bool) -> None:
    page = windows.open(javascript=javascript)
    page.goto("/projects/new")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    page.get_by_label("Username or primary email").fill(person.username)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="New project")).to_be_visible()
    page.get_by_label("Project name").fill("My Tools")
    levels = page.get_by_label("Visibility Level", exact=True)
    levels.get_by_role("radio", name="Internal", exact=True).check()
    page.get_by_role("button", name="Create project").click()
    expect(page.get_by_role("status")).to_contain_text("Project 'My Tools' was created.")
    expect(page.get_by_text(re.compile(r"Project ID: \d+"))).to_be_visible()
    assert page.url.endswith(f"/{person.username}/my-tools")
    page.get_by_role("link", name="Package Registry").click()
    expect(page.get_by_role("heading", name="There are no packages yet")).to_be_visible()
    page.get_by_role("button", name="User menu").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
