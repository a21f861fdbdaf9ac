"""The ten pictures of docs/web.md, taken in a registry that looks lived in.

To make them anew: `./test -n0 --screenshots docs/screenshots tests/browser/test_pictures.py`.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, FilePayload, Page, expect

from browsing import PHONE, ThreadedRegistry, Windows
from distributions import build_wheel
from running import Server
from showcase import Showcase, fill
from visiting import open_for

DOCS = Path(__file__).resolve().parents[2] / "docs"
MAX_BYTES = 1_500_000
SIZE = (1200, 780)
PROJECT = "/platform/http-kit"
PICTURES = [
    *("home", "project", "packages", "package", "compare"),
    *("upload", "settings", "new-token", "admin", "package-on-a-phone"),
]

Take = Callable[[Page, str], Path]


@dataclass
class Set:
    """The server on which the pictures are taken, and who is on them."""

    server: Server
    registry: ThreadedRegistry
    people: Showcase


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Set]:
    server = Server(tmp_path_factory.mktemp("pictures") / "data").start()
    registry = ThreadedRegistry(server.data)
    yield Set(server, registry, fill(registry))
    server.stop()


@pytest.fixture
def windows(browser: Browser, scene: Set) -> Iterator[Windows]:
    opened = Windows(browser, scene.server.address)
    yield opened
    opened.close()


@pytest.fixture
def owner(windows: Windows, scene: Set) -> Callable[..., Page]:
    """Open a window of the owner: `owner(theme="dark")`."""

    def opened(**options: str | tuple[int, int]) -> Page:
        secret = open_for(scene.registry, scene.people.owner)
        return windows.open(secret=secret, **{"size": SIZE, **options})  # type: ignore[arg-type]

    return opened


def open_package(page: Page) -> None:
    page.goto(f"{PROJECT}/-/packages?name=http-kit&sort=version&order=desc")
    page.get_by_role("region", name="Packages").get_by_role("link", name="http-kit").first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("http-kit 2.1.0")


@pytest.mark.parametrize(
    ("name", "address", "heading"),
    [
        ("home", "/", "Home"),
        ("project", PROJECT, "http-kit"),
        ("packages", f"{PROJECT}/-/packages", "Package Registry"),
        ("compare", f"{PROJECT}/-/packages/compare?name=http-kit&from=1.2.1&to=2.0.0", "http-kit"),
    ],
)
def test_pages(
    owner: Callable[..., Page], screenshot: Take, name: str, address: str, heading: str
) -> None:
    page = owner(theme="dark" if name == "compare" else "light")
    page.goto(address)
    expect(page.get_by_role("heading", level=1)).to_contain_text(heading)
    screenshot(page, name)


def test_a_package(owner: Callable[..., Page], screenshot: Take) -> None:
    page = owner()
    open_package(page)
    screenshot(page, "package")
    phone = owner(size=PHONE, theme="dark")
    open_package(phone)
    screenshot(phone, "package-on-a-phone")


def test_an_upload(owner: Callable[..., Page], screenshot: Take) -> None:
    page = owner(theme="dark")
    page.goto("/platform/config/-/packages")
    page.locator("summary").filter(has_text="Upload packages").click()
    name, content = build_wheel("teamconfig", "2.2.0")
    bad, _ = build_wheel("teamconfig", "2.3.0")
    chooser = page.get_by_label("Choose wheels (.whl) and sdists (.tar.gz)")
    files: list[FilePayload] = [
        {"name": each, "mimeType": "application/zip", "buffer": content} for each in (name, bad)
    ]
    chooser.set_input_files(files)
    page.get_by_role("button", name="Upload", exact=True).click()
    uploads = page.get_by_role("status", name="Uploads").get_by_role("listitem")
    expect(uploads.nth(0)).to_contain_text("Published")
    expect(uploads.nth(1)).to_contain_text("Not published")
    expect(page.get_by_role("region", name="Packages")).to_contain_text("2.2.0")
    page.mouse.move(0, 0)
    screenshot(page, "upload")


def test_the_switch(owner: Callable[..., Page], screenshot: Take) -> None:
    page = owner()
    page.goto(f"{PROJECT}/edit")
    page.get_by_role("heading", name="Visibility, project features").scroll_into_view_if_needed()
    page.get_by_role("heading", name="Visibility, project features").evaluate(
        "heading => heading.closest('section').scrollIntoView()"
    )
    expect(page.get_by_label("Packages", exact=True)).to_be_checked()
    screenshot(page, "settings")


def test_a_new_token(owner: Callable[..., Page], screenshot: Take) -> None:
    page = owner()
    page.goto("/-/profile/personal_access_tokens?name=twine+on+my+laptop&scopes=api")
    expect(page.get_by_label("Token name")).to_have_value("twine on my laptop")
    page.get_by_role("button", name="Create personal access token").click()
    expect(page.get_by_label("Your new personal access token")).to_be_visible()
    screenshot(page, "new-token")


def test_the_overview(windows: Windows, scene: Set, screenshot: Take) -> None:
    secret = open_for(scene.registry, scene.people.administrator)
    page = windows.open(theme="dark", size=SIZE, secret=secret)
    page.goto("/admin")
    expect(page.get_by_role("img", name="downloads in 30 days")).to_be_visible()
    screenshot(page, "admin")


def test_the_guide_shows_these_pictures() -> None:
    guide = (DOCS / "web.md").read_text()
    kept = sorted((DOCS / "screenshots").iterdir())
    assert [picture.name for picture in kept] == sorted(f"{name}.png" for name in PICTURES)
    assert sum(picture.stat().st_size for picture in kept) < MAX_BYTES
    for picture in kept:
        assert f"(screenshots/{picture.name})" in guide
