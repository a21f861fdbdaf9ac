"""Uploads in a real browser: chosen and dropped files, their findings, and without JavaScript."""

import base64
from collections.abc import Callable

import pytest
from playwright.sync_api import FilePayload, Page, Route, expect

from distributions import build_sdist, build_wheel
from registry import Registry, fresh
from wheelyard.domain.models.places import Project
from wheelyard.domain.models.users import User

Axe = Callable[[Page], None]
SignIn = Callable[..., Page]

# A drop as the browser tells of it; Playwright has none of files.
DROP = """files => {
  const transfer = new DataTransfer();
  for (const { name, content } of files) {
    const bytes = Uint8Array.from(atob(content), letter => letter.charCodeAt(0));
    transfer.items.add(new File([bytes], name));
  }
  for (const type of ["dragenter", "dragover", "drop"]) {
    const event = new DragEvent(type, { dataTransfer: transfer, bubbles: true, cancelable: true });
    document.querySelector("main").dispatchEvent(event);
  }
}"""


@pytest.fixture
def person(registry: Registry) -> User:
    return registry.user()


@pytest.fixture
def project(registry: Registry, person: User) -> Project:
    """Make an empty project that `person` may publish to."""
    project = registry.project()
    registry.member(project, person, "developer")
    return project


def payload(file: tuple[str, bytes]) -> FilePayload:
    return {"name": file[0], "mimeType": "application/octet-stream", "buffer": file[1]}


def test_chosen_files(
    sign_in: SignIn, project: Project, person: User, theme: str, axe: Axe
) -> None:
    name = fresh("pkg")
    page = sign_in(person, theme=theme)
    page.goto(f"/{project.full_path}/-/packages")
    expect(page.get_by_text("or drop them anywhere on this page")).to_be_visible()
    files = [build_wheel(name, "1.0"), ("bad-1.0.tar.gz", b"no archive"), build_sdist(name, "1.0")]
    chooser = page.get_by_label("Choose wheels (.whl) and sdists (.tar.gz)")
    chooser.set_input_files([payload(file) for file in files])
    page.get_by_role("button", name="Upload", exact=True).click()
    lines = page.get_by_role("status", name="Uploads").get_by_role("listitem")
    expect(lines).to_have_count(3)
    expect(lines.nth(0)).to_contain_text("Published")
    expect(lines.nth(1)).to_contain_text("Not published")
    expect(lines.nth(1).locator(".finding").first).to_be_visible()
    expect(lines.nth(2)).to_contain_text("Published")
    packages = page.get_by_role("region", name="Packages")
    expect(packages.get_by_role("link", name=name)).to_be_visible()
    expect(page.get_by_label("Search by name")).to_be_visible()
    axe(page)


def test_dropped_files(sign_in: SignIn, project: Project, person: User) -> None:
    name = fresh("pkg")
    page = sign_in(person)
    page.goto(f"/{project.full_path}/-/packages")
    files = [build_wheel(name, "1.0"), build_wheel(name, "2.0")]
    dropped = [
        {"name": filename, "content": base64.b64encode(content).decode()}
        for filename, content in files
    ]
    page.evaluate(DROP, dropped)
    expect(
        page.get_by_role("region", name="Packages").get_by_role("link", name=name)
    ).to_have_count(2)
    expect(page.get_by_text("Drop to publish")).to_be_hidden()


def test_progress(sign_in: SignIn, project: Project, person: User) -> None:
    page = sign_in(person)
    page.goto(f"/{project.full_path}/-/packages")
    held: list[Route] = []
    page.route("**/-/packages/upload", lambda route: held.append(route))  # noqa: PLW0108  Playwright marks handlers
    filename, content = build_wheel(fresh("pkg"), "1.0")
    chooser = page.get_by_label("Choose wheels (.whl) and sdists (.tar.gz)")
    chooser.set_input_files(payload((filename, content)))
    page.get_by_role("button", name="Upload", exact=True).click()
    bar = page.get_by_role("progressbar", name=f"Upload of {filename}")
    expect(bar).to_be_visible()
    expect(page.get_by_role("status", name="Uploads")).to_contain_text("Uploading…")
    while not held:
        page.wait_for_timeout(20)  # the request is on its way to `held`; pytest-timeout bounds it
    held[0].continue_()
    expect(page.get_by_role("status", name="Uploads")).to_contain_text("Published")
    expect(bar).to_be_hidden()


def test_a_file_over_the_limit_is_not_even_sent(
    sign_in: SignIn, project: Project, person: User
) -> None:
    page = sign_in(person)
    page.goto(f"/{project.full_path}/-/packages")
    page.evaluate("document.querySelector('[data-upload]').dataset.maxBytes = '10'")
    chooser = page.get_by_label("Choose wheels (.whl) and sdists (.tar.gz)")
    chooser.set_input_files(payload(build_wheel(fresh("pkg"), "1.0")))
    page.get_by_role("button", name="Upload", exact=True).click()
    expect(page.get_by_role("status", name="Uploads")).to_contain_text("The file is too large")
    expect(page.get_by_role("heading", name="There are no packages yet")).to_be_visible()


def test_without_javascript(sign_in: SignIn, project: Project, person: User) -> None:
    name = fresh("pkg")
    page = sign_in(person, javascript=False)
    page.goto(f"/{project.full_path}/-/packages")
    chooser = page.get_by_label("Choose wheels (.whl) and sdists (.tar.gz)")
    chooser.set_input_files([payload(build_wheel(name, "1.0")), payload(build_sdist(name, "1.0"))])
    page.get_by_role("button", name="Upload", exact=True).click()
    expect(page.get_by_role("status").first).to_contain_text("2 files were published.")
    expect(
        page.get_by_role("region", name="Packages").get_by_role("link", name=name)
    ).to_be_visible()
    page.locator("summary").filter(has_text="Upload packages").click()
    chooser.set_input_files(payload(("bad-1.0.tar.gz", b"no archive")))
    page.get_by_role("button", name="Upload", exact=True).click()
    expect(page.get_by_role("heading", name="What became of your files")).to_be_visible()
    expect(page.get_by_text("Not published")).to_be_visible()
