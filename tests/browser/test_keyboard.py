"""The main pages by keyboard alone: everything can be reached, seen when it is, and left again."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from browsing import DESKTOP
from distributions import build_wheel
from registry import Registry, fresh
from stock import stock
from wheelyard.domain.models.places import Project
from wheelyard.domain.models.users import User

SignIn = Callable[..., Page]

# What can be used on the page and is neither hidden nor switched off. Of the radio buttons with one
# name only one is in the tab order.
USABLE = """() => {
  const found = document.querySelectorAll("a[href], button, input, select, textarea, summary");
  return [...found].filter(each => {
    const isChosen = each.type !== "radio" || each.checked
      || !document.querySelector(`input[name="${each.name}"]:checked`);
    return isChosen && !each.disabled && each.type !== "hidden"
      && each.checkVisibility({ visibilityProperty: true });
  }).length;
}"""
# Marks what has the focus, and says what it is and whether one sees that it has it.
FOCUSED = """() => {
  const one = document.activeElement;
  if (one === document.body) return null;
  const isNew = !one.dataset.reached;
  one.dataset.reached = "yes";
  const seen = one.matches("input[type=radio]") ? one.closest("label") ?? one : one;
  const style = getComputedStyle(seen);
  const own = getComputedStyle(one);
  const isMarked = [style, own].some(each => each.outlineStyle !== "none");
  const name = one.getAttribute("aria-label") || one.textContent.trim() || one.name || one.id;
  return {
    isNew, isMarked, name, isFirst: one.matches(".skip-link"),
    isUsable: one.matches("a[href], button, input, select, textarea, summary"),
  };
}"""
PAGES = [
    "/",
    "/projects/new",
    "/{project}",
    "/{project}/-/packages",
    "/{project}/-/packages/{package}",
    "/{project}/edit",
    "/-/profile/personal_access_tokens",
    "/search?search=a",
]
MOST_STOPS = 300


@pytest.fixture(scope="module")
def person(registry: Registry) -> User:
    return registry.user()


@pytest.fixture(scope="module")
def project(registry: Registry, person: User) -> Project:
    project = registry.project()
    registry.member(project, person, "maintainer")
    return project


@pytest.fixture(scope="module")
def package(registry: Registry, person: User, project: Project) -> int:
    """Publish two versions, and return the id of one."""
    name = fresh("keys")
    files = stock(registry, project, build_wheel(name, "1.0"), build_wheel(name, "2.0"), by=person)
    return files[-1].package_id


@pytest.mark.parametrize("address", PAGES)
def test_everything_can_be_reached(
    sign_in: SignIn, person: User, project: Project, package: int, address: str
) -> None:
    page = sign_in(person, size=DESKTOP)
    page.goto(address.format(project=project.full_path, package=package))
    page.locator(".skip-link").focus()  # a form may have put the focus into itself
    page.evaluate(FOCUSED)
    wanted, reached = page.evaluate(USABLE), 1
    for _ in range(MOST_STOPS):
        page.keyboard.press("Tab")
        focused = page.evaluate(FOCUSED)
        if focused is None or focused["isFirst"]:
            break
        assert focused["isMarked"], f"one does not see that '{focused['name']}' has the focus"
        reached += focused["isNew"] and focused["isUsable"]  # a date has several stops
    assert reached >= wanted > 10


def test_the_skip_link_is_first(sign_in: SignIn, person: User, project: Project) -> None:
    page = sign_in(person)
    page.goto(f"/{project.full_path}/-/packages")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('main') !== null")


def test_the_user_menu(sign_in: SignIn, person: User) -> None:
    page = sign_in(person)
    page.goto("/")
    button = page.get_by_role("button", name="User menu")
    button.focus()
    page.keyboard.press("Enter")
    first = page.get_by_role("link", name="Your projects")
    expect(first).to_be_visible()
    page.keyboard.press("Tab")
    expect(first).to_be_focused()
    page.keyboard.press("Escape")
    expect(first).to_be_hidden()
    expect(button).to_be_focused()


def test_a_dialog(sign_in: SignIn, person: User, project: Project, package: int) -> None:
    page = sign_in(person)
    page.goto(f"/{project.full_path}/-/packages/{package}")
    button = page.get_by_role("button", name="Delete release")
    button.focus()
    page.keyboard.press("Enter")
    question = page.get_by_role("dialog")
    expect(question).to_be_visible()
    page.keyboard.press("Tab")
    expect(question.get_by_role("button", name="Cancel")).to_be_focused()
    page.keyboard.press("Escape")
    expect(question).to_be_hidden()
    expect(button).to_be_focused()
    page.keyboard.press("Enter")
    expect(question).to_be_visible()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(question).to_be_hidden()
