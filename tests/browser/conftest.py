"""A real Chromium on the pages: both themes, a phone, without JavaScript, and what axe-core says.

A page fails its test when it writes an error to the console (a broken Content-Security-Policy
does) or asks another host for anything.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from browsing import CHROMIUM, FLAGS, TIMEOUT_MS, ThreadedRegistry, Windows
from registry import Registry
from running import Server
from visiting import open_for
from wheelyard.domain.models.users import User

_AXE = Path(__file__).with_name("vendor") / "axe.min.js"
_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@pytest.fixture(scope="session")
def registry(server: Server) -> Registry:
    """Return the registry that `server` serves."""
    return ThreadedRegistry(server.data)


# By module: while Playwright runs, no other test of this process could run an event loop.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    assert CHROMIUM, "install chromium (./test does), or set WHEELYARD_TEST_CHROMIUM to its path"
    expect.set_options(timeout=TIMEOUT_MS)  # five seconds are few on a busy machine
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield running
        running.close()


@pytest.fixture
def windows(browser: Browser, server: Server) -> Iterator[Windows]:
    """Open windows: `windows.open(theme="dark", size=PHONE, javascript=False, secret=…)`."""
    opened = Windows(browser, server.address)
    yield opened
    opened.close()


@pytest.fixture
def page(windows: Windows) -> Page:
    """Open a window that nobody is signed in with."""
    return windows.open()


@pytest.fixture
def sign_in(windows: Windows, registry: Registry) -> Callable[..., Page]:
    """Open a window in which a user is signed in: `sign_in(user, theme="dark", …)`."""

    def opened(user: User, **options: Any) -> Page:
        return windows.open(secret=open_for(registry, user), **options)

    return opened


@pytest.fixture(params=["light", "dark"])
def theme(request: pytest.FixtureRequest) -> str:
    """Run the test in both themes."""
    return str(request.param)


@pytest.fixture(scope="session")
def axe() -> Callable[[Page], None]:
    """Check a page: `axe(page)` fails with everything that axe-core finds."""
    source = _AXE.read_text()

    def check(page: Page) -> None:
        page.evaluate(source)
        options = {"runOnly": _RULES, "resultTypes": ["violations"]}
        results = page.evaluate("options => axe.run(document, options)", options)
        found = [
            f"{violation['id']}: {violation['help']}\n  {node['html'][:200]}"
            for violation in results["violations"]
            for node in violation["nodes"]
        ]
        assert not found, f"axe-core on {page.url}:\n" + "\n".join(found)

    return check


@pytest.fixture
def screenshot(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[Page, str], Path]:
    """Take a picture: `screenshot(page, "home")`; `--screenshots DIR` keeps them all."""
    kept = request.config.getoption("--screenshots")
    folder = tmp_path if kept is None else Path(kept)

    def take(page: Page, name: str) -> Path:
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{name}.png"
        page.screenshot(path=path, animations="disabled")
        return path

    return take
