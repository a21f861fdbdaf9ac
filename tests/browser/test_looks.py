"""Every page in both themes, on a desk and on a phone: pictures, and what axe-core finds.

A new page's address belongs in `PAGES`, with the name of its picture.
"""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from browsing import DESKTOP, PHONE, Windows
from registry import Registry
from requesting import open_session, project_index
from running import Server
from wheelyard.actions.protection import create_rule
from wheelyard.actions.users import UserChange, change_user
from wheelyard.domain.models.users import User
from wheelyard.domain.protection import ProtectionLevel, RuleWish

PAGES = {
    "home": "/",
    "new-project": "/projects/new",
    "project": "/{project}",
    "project-empty": "/{empty}",
    "packages": "/{project}/-/packages",
    "packages-empty": "/{empty}/-/packages",
    "project-settings": "/{project}/edit",
    "new-group": "/groups/new",
    "group-settings": "/groups/{group}/-/edit",
    "protection-rules": "/{project}/-/settings/packages_and_registries",
    "project-members": "/{project}/-/project_members",
    "group-members": "/groups/{group}/-/group_members",
    "project-access-tokens": "/{project}/-/settings/access_tokens",
    "deploy-tokens": "/{project}/-/settings/repository",
    "group-access-tokens": "/groups/{group}/-/settings/access_tokens",
    "group-deploy-tokens": "/groups/{group}/-/settings/repository",
    "group": "/{group}",
    "group-packages": "/groups/{group}/-/packages",
    "user": "/{user}",
    "explore": "/explore",
    "search": "/search?search=wheel",
    "search-nothing": "/search?search=nothing-of-that-name&scope=groups",
    "profile": "/-/profile",
    "password": "/-/profile/password/edit",
    "sessions": "/-/profile/active_sessions",
    "access-tokens": "/-/profile/personal_access_tokens",
    "access-tokens-inactive": "/-/profile/personal_access_tokens?state=inactive",
    "not-found": "/not/there",
}
ADMIN_PAGES = {
    "admin": "/admin",
    "admin-users": "/admin/users",
    "admin-settings": "/admin/application_settings/general",
    "admin-audit": "/admin/audit_log",
}
STRANGERS_PAGES = {
    "sign-in": "/users/sign_in",
    "strangers-explore": "/explore",
    "strangers-search": "/search?search=wheel",
}
SIZES = {"desk": DESKTOP, "phone": PHONE}

_TOO_WIDE = """() => [...document.querySelectorAll("body *")].filter(box => {
    const style = getComputedStyle(box);
    return style.display !== "inline" && style.overflowX === "visible"
        && box.clientWidth > 0 && !box.classList.contains("visually-hidden")
        && box.scrollWidth > box.clientWidth + 1;
}).map(box => `${box.tagName}.${box.className}: ${box.innerText}`)"""

Axe = Callable[[Page], None]
Screenshot = Callable[[Page, str], Path]
SignIn = Callable[..., Page]
Look = Callable[[Page, str], None]


@pytest.fixture(scope="module")
def person(registry: Registry) -> User:
    return registry.user()


@pytest.fixture(scope="module")
def places(server: Server, registry: Registry, person: User) -> dict[str, str]:
    """Fill a registry, and return what stands for the names in the addresses."""
    group = registry.group(visibility="internal")
    registry.member(group, person, "owner")
    registry.group(f"{group.full_path}/research")
    project = registry.project(f"{group.full_path}/wheel-tools", "internal")
    empty = registry.project(f"{person.username}/nothing-yet")
    index = project_index(open_session(), server.address, project)
    owner = ("x", registry.token(person))
    for name in ("wheel-tools", "a-package-with-a-rather-long-name"):
        for version in ("1.0", "1.1"):
            assert index.upload_wheel(name, owner, version).status_code == 201
    registry.member(project, registry.user(), "developer")
    registry.run(
        lambda machines, by: change_user(
            machines.db, machines.passwords, by, person.id, UserChange(name="Administrator")
        )
    )
    wish = RuleWish("wheel-*", ProtectionLevel.OWNER, None)
    registry.run(lambda machines, by: create_rule(machines.db, by, project, wish))
    for place in (group, project):
        registry.deploy_token(place)
        registry.access_token(place)
    return {
        "group": group.full_path,
        "project": project.full_path,
        "empty": empty.full_path,
        "user": person.username,
    }


@pytest.fixture
def look(axe: Axe, screenshot: Screenshot) -> Look:
    """Look at an open page on a desk and on a phone: a picture, axe-core, nothing at the side.

    Nor is any text wider than its box, where it would lie over its neighbour.
    """

    def looked_at(page: Page, name: str) -> None:
        for device, (width, height) in SIZES.items():
            page.set_viewport_size({"width": width, "height": height})
            screenshot(page, f"{name}-{device}")
            axe(page)
            assert does_not_scroll_sideways(page), f"{name} on a {device}"
            assert page.evaluate(_TOO_WIDE) == [], f"{name} on a {device}"

    return looked_at


def background(page: Page) -> str:
    return str(page.locator("body").evaluate("body => getComputedStyle(body).backgroundColor"))


def does_not_scroll_sideways(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))


@pytest.mark.parametrize("name", PAGES)
def test_pages(
    sign_in: SignIn, places: dict[str, str], person: User, *, theme: str, name: str, look: Look
) -> None:
    page = sign_in(person, theme=theme)
    page.goto(PAGES[name].format(**places))
    look(page, f"{name}-{theme}")


@pytest.mark.parametrize("name", ADMIN_PAGES)
@pytest.mark.usefixtures("places")
def test_pages_of_administrators(
    sign_in: SignIn, registry: Registry, theme: str, name: str, look: Look
) -> None:
    page = sign_in(registry.user(is_admin=True), theme=theme)
    page.goto(ADMIN_PAGES[name])
    look(page, f"{name}-{theme}")


@pytest.mark.parametrize("name", STRANGERS_PAGES)
@pytest.mark.usefixtures("places")
def test_pages_of_strangers(windows: Windows, theme: str, name: str, look: Look) -> None:
    page = windows.open(theme=theme)
    page.goto(STRANGERS_PAGES[name])
    look(page, f"{name}-{theme}")


def test_a_page_that_is_for_others(
    sign_in: SignIn, registry: Registry, places: dict[str, str], theme: str, look: Look
) -> None:
    page = sign_in(registry.user(), theme=theme)
    page.goto(f"/{places['project']}/edit")
    expect(page.get_by_role("heading", level=1)).to_have_text("Forbidden")
    look(page, f"forbidden-{theme}")


def test_a_sign_in_that_failed(windows: Windows, theme: str, look: Look) -> None:
    page = windows.open(theme=theme)
    page.goto("/users/sign_in")
    page.get_by_label("Username or primary email").fill("nobody")
    page.get_by_label("Password").fill("wrong password")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_contain_text("Invalid login or password.")
    look(page, f"sign-in-failed-{theme}")


def test_the_first_page_of_a_new_server(
    browser: Browser, start_server: Callable[[], Server], theme: str, look: Look
) -> None:
    windows = Windows(browser, start_server().address)
    page = windows.open(theme=theme)
    page.goto("/")
    look(page, f"first-run-{theme}")
    windows.close()


def test_menus_and_messages(
    sign_in: SignIn, person: User, theme: str, axe: Axe, screenshot: Screenshot
) -> None:
    page = sign_in(person, theme=theme)
    page.goto("/projects/new")
    page.get_by_role("button", name="User menu").click()
    expect(page.get_by_role("link", name="Access Tokens")).to_be_visible()
    screenshot(page, f"user-menu-{theme}")
    axe(page)
    page.keyboard.press("Escape")
    expect(page.get_by_role("link", name="Access Tokens")).to_be_hidden()
    page.get_by_label("Project name").fill("a/b")
    page.get_by_role("button", name="Create project").click()
    expect(page.get_by_label("Project name")).to_have_attribute("aria-invalid", "true")
    screenshot(page, f"form-with-mistakes-{theme}")
    axe(page)


def test_the_side_bar_on_a_phone(sign_in: SignIn, person: User, theme: str, axe: Axe) -> None:
    page = sign_in(person, theme=theme, size=PHONE)
    page.goto("/")
    bar = page.get_by_role("navigation", name="Main")
    expect(bar).to_be_hidden()
    page.get_by_role("button", name="Menu", exact=True).click()
    expect(bar).to_be_visible()
    axe(page)
    page.keyboard.press("Escape")
    expect(bar).to_be_hidden()


def test_the_theme_that_was_chosen_goes_before_the_systems(sign_in: SignIn, person: User) -> None:
    page = sign_in(person, theme="light", javascript=False)
    page.goto("/projects/new")
    light = background(page)
    page.get_by_role("button", name="User menu").click()
    page.get_by_role("button", name="Dark").click()
    expect(page).to_have_url(f"{page.url.partition('/projects')[0]}/projects/new")
    assert background(page) != light
    system = sign_in(person, theme="dark", javascript=False)
    system.goto("/projects/new")
    assert background(page) == background(system)


def test_by_keyboard_alone(sign_in: SignIn, person: User, places: dict[str, str]) -> None:
    page = sign_in(person)
    page.goto(f"/{places['project']}")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('main') !== null")
    page.keyboard.press("/")
    expect(page.get_by_role("searchbox")).to_be_focused()


def test_copying(sign_in: SignIn, person: User, places: dict[str, str]) -> None:
    page = sign_in(person)
    page.goto(f"/{places['project']}")
    page.get_by_role("button", name="Copy project ID").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    copied = page.evaluate("navigator.clipboard.readText()")
    expect(page.get_by_text(f"Project ID: {copied}")).to_be_visible()
    without = sign_in(person, javascript=False)
    without.goto(f"/{places['project']}")
    expect(without.get_by_role("button", name="Copy project ID")).to_be_hidden()
