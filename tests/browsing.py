"""Windows of a real Chromium, for the tests in `browser`: what they share with their fixtures."""

import os
import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request

from registry import Registry
from visiting import SESSION_COOKIE
from wheelyard.app import Machinery
from wheelyard.domain.models.callers import Caller

CHROMIUM = os.environ.get("WHEELYARD_TEST_CHROMIUM") or shutil.which("chromium")
FLAGS = [
    "--headless",
    "--no-sandbox",  # the tests may run as root
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
DESKTOP, PHONE = (1280, 860), (390, 800)
TIMEOUT_MS = 30_000


class ThreadedRegistry(Registry):
    """A registry for tests that hold Playwright's event loop: it works in a thread of its own."""

    def run(self, work: Callable[[Machinery, Caller], Any]) -> Any:
        with ThreadPoolExecutor(1) as thread:
            return thread.submit(super().run, work).result()


@dataclass
class Windows:
    """Opens browser windows on a server, each with cookies of its own."""

    browser: Browser
    address: str
    errors: list[str] = field(default_factory=list)
    contexts: list[BrowserContext] = field(default_factory=list)

    def open(
        self,
        *,
        theme: str = "light",
        size: tuple[int, int] = DESKTOP,
        javascript: bool = True,
        secret: str | None = None,
    ) -> Page:
        """Open a window; `secret` is a session's, from `visiting.open_for`. Paths are relative."""
        context = self.browser.new_context(
            base_url=self.address,
            color_scheme="dark" if theme == "dark" else "light",
            viewport={"width": size[0], "height": size[1]},
            java_script_enabled=javascript,
            permissions=["clipboard-read", "clipboard-write"],
        )
        context.set_default_timeout(TIMEOUT_MS)
        self.contexts.append(context)
        if secret is not None:
            cookie = {"name": SESSION_COOKIE, "value": secret, "url": self.address}
            context.add_cookies([cookie])  # type: ignore[list-item]  # a TypedDict, spelled as one
        page = context.new_page()
        page.on("console", self._note)
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("request", self._check)
        return page

    def close(self) -> None:
        """Close all of them; fails with what their pages did wrong."""
        for context in self.contexts:
            context.close()
        assert self.errors == []

    def _note(self, message: ConsoleMessage) -> None:
        # A page with an error status is one on purpose; the browser notes it all the same.
        if message.type == "error" and "Failed to load resource" not in message.text:
            self.errors.append(message.text)

    def _check(self, request: Request) -> None:
        if not request.url.startswith((self.address, "data:")):
            self.errors.append(f"a request to another host: {request.url}")
