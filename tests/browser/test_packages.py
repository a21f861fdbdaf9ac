"""The pages about packages in a real browser: typing to search, installing, yanking, comparing."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from browsing import DESKTOP, PHONE
from distributions import build_wheel
from registry import Registry, fresh
from stock import described, stock
from wheelyard.domain.models.places import Project
from wheelyard.domain.models.users import User

Axe = Callable[[Page], None]
Screenshot = Callable[[Page, str], Path]
SignIn = Callable[..., Page]

SIZES = {"desk": DESKTOP, "phone": PHONE}
FIELDS = [
    ("Summary", "Frobnicates widgets at scale"),
    ("Author-email", "Ann Example <ann@example.org>"),
    ("License-Expression", "Apache-2.0"),
    ("Keywords", "widgets,frobnication"),
    ("Project-URL", "Source, https://example.org/source"),
    ("Classifier", "Programming Language :: Python :: 3"),
    ("Requires-Dist", "attrs>=23"),
    ("Requires-Dist", "sphinx>=7; extra == 'docs'"),
    ("Provides-Extra", "docs"),
    ("Description-Content-Type", "text/markdown"),
]
README = """# Frobnicator

[![build](https://ci.example.org/b.svg)](https://ci.example.org/) See [usage](#usage).

## Usage

```python
from frobnicator import run  # one import
run("widget", times=3)
```

| Option | Meaning |
|---|---|
| `times` | how often, in a table that is rather wide for a telephone |

- [x] done
"""


@pytest.fixture(scope="module")
def person(registry: Registry) -> User:
    return registry.user()


@pytest.fixture(scope="module")
def project(registry: Registry, person: User) -> Project:
    """Publish three packages; `person` maintains them."""
    project = registry.project()
    registry.member(project, person, "maintainer")
    for version in ("1.9", "1.10"):
        text = README + f"\nThis is {version}.\n"
        files = described("frobnicator", version, FIELDS, text, requires_python=">=3.11")
        stock(registry, project, *files, by=person)
    for name in ("left-pad", "a-package-with-a-rather-long-name-for-a-phone"):
        stock(registry, project, build_wheel(name, "1.0"), by=person)
    return project


def list_address(project: Project) -> str:
    return f"/{project.full_path}/-/packages"


def open_package(page: Page, project: Project, version: str = "1.10") -> None:
    page.goto(f"{list_address(project)}?search=frobnicator&sort=version&order=desc")
    row = page.get_by_role("row").filter(has=page.get_by_text(version, exact=True))
    row.get_by_role("link", name="frobnicator").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(f"frobnicator {version}")


def does_not_scroll_sideways(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))


@pytest.mark.parametrize("size", SIZES)
def test_pages(
    sign_in: SignIn,
    project: Project,
    person: User,
    *,
    theme: str,
    size: str,
    axe: Axe,
    screenshot: Screenshot,
) -> None:
    page = sign_in(person, theme=theme, size=SIZES[size])

    def look(name: str) -> None:
        screenshot(page, f"{name}-{theme}-{size}")
        axe(page)
        assert does_not_scroll_sideways(page), name

    page.goto(list_address(project))
    look("package-list")
    page.locator("summary").filter(has_text="Upload packages").click()
    look("package-list-upload")
    open_package(page, project)
    look("package")
    page.get_by_role("link", name="Details of").first.click()
    look("package-file")
    page.goto(f"{list_address(project)}/compare?name=frobnicator")
    look("package-compare")


def test_search_as_you_type(sign_in: SignIn, project: Project, person: User) -> None:
    page = sign_in(person)
    page.goto(list_address(project))
    page.get_by_label("Search by name").press_sequentially("left")
    packages = page.get_by_role("region", name="Packages")
    expect(packages.get_by_role("link", name="frobnicator")).to_have_count(0)
    expect(packages.get_by_role("link", name="left-pad")).to_be_visible()
    assert "search=left" in page.url
    expect(page.get_by_label("Search by name")).to_be_focused()
    page.reload()
    expect(packages.get_by_role("link", name="left-pad")).to_be_visible()
    expect(page.get_by_label("Search by name")).to_have_value("left")
    page.get_by_label("Search by name").fill("")
    expect(packages.get_by_role("link", name="frobnicator").first).to_be_visible()
    page.go_back()
    expect(page.get_by_role("heading", name="Package Registry")).to_be_visible()


def test_search_without_javascript(sign_in: SignIn, project: Project, person: User) -> None:
    page = sign_in(person, javascript=False)
    page.goto(list_address(project))
    page.get_by_label("Search by name").fill("left")
    page.get_by_role("button", name="Search", exact=True).click()
    packages = page.get_by_role("region", name="Packages")
    expect(packages.get_by_role("link")).to_contain_text(
        ["Name", "Version", "Published", "left-pad"]
    )


@pytest.mark.parametrize("javascript", [True, False], ids=["scripts", "no-scripts"])
def test_installers(sign_in: SignIn, project: Project, person: User, *, javascript: bool) -> None:
    page = sign_in(person, javascript=javascript)
    open_package(page, project)
    expect(page.get_by_role("region", name="pip command")).to_be_visible()
    expect(page.get_by_role("region", name="uv command")).to_be_hidden()
    page.get_by_role("radio", name="pip").focus()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("region", name="uv command")).to_be_visible()
    expect(page.get_by_role("region", name="pip command")).to_be_hidden()
    copy = page.get_by_role("button", name="Copy uv command")
    if not javascript:
        expect(copy).to_be_hidden()
        return
    copy.click()
    copied = str(page.evaluate("navigator.clipboard.readText()"))
    assert copied.endswith("frobnicator==1.10")


@pytest.mark.parametrize("javascript", [True, False], ids=["scripts", "no-scripts"])
def test_yanking_and_deleting(
    sign_in: SignIn, registry: Registry, person: User, *, javascript: bool
) -> None:
    project = registry.project()
    registry.member(project, person, "maintainer")
    name = fresh("pkg")
    (wheel,) = stock(registry, project, build_wheel(name, "1.0"))
    page = sign_in(person, javascript=javascript)
    page.goto(f"{list_address(project)}/{wheel.package_id}")
    page.get_by_role("button", name="Yank release").click()
    question = page.get_by_role("dialog", name=f"Yank {name} 1.0?")
    question.get_by_role("button", name="Cancel").click()
    expect(question).to_be_hidden()
    page.get_by_role("button", name="Yank release").click()
    question.get_by_label("Reason for the yank").fill("too early")
    question.get_by_role("button", name="Yank", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("too early")
    page.get_by_role("button", name="Un-yank release").click()
    expect(page.get_by_role("alert")).to_have_count(0)
    page.get_by_role("button", name="Delete release").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete release").click()
    expect(page.get_by_role("heading", name="There are no packages yet")).to_be_visible()


def test_dialogs(sign_in: SignIn, project: Project, person: User, theme: str, axe: Axe) -> None:
    page = sign_in(person, theme=theme, size=PHONE)
    open_package(page, project)
    page.get_by_role("button", name="Delete release").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    axe(page)
