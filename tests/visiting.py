"""Visitors of the pages over HTTP: they read HTML, follow links and send forms, as browsers do."""

from dataclasses import dataclass
from urllib.parse import urljoin

import requests
from bs4 import BeautifulSoup, Tag

from registry import Registry
from requesting import TIMEOUT_SECONDS, open_session
from wheelyard.actions.sessions import NewSession, begin_session
from wheelyard.app import Machinery
from wheelyard.domain.models.callers import Caller
from wheelyard.domain.models.users import User

PASSWORD = "correct horse battery"
SESSION_COOKIE = "wheelyard_session"


@dataclass(frozen=True)
class Page:
    """What came back: the answer, and its HTML as a tree."""

    answer: requests.Response
    soup: BeautifulSoup

    @property
    def status(self) -> int:
        return self.answer.status_code

    @property
    def location(self) -> str:
        return self.answer.headers["Location"]

    @property
    def text(self) -> str:
        """Return what is to be read, with single spaces."""
        return " ".join(self.soup.get_text(" ").split())

    @property
    def heading(self) -> str:
        heading = self.soup.find("h1")
        assert heading is not None
        return " ".join(heading.get_text(" ").split())

    def links(self) -> dict[str, str]:
        """Return what each link says and where it leads."""
        found = self.soup.find_all("a", href=True)
        return {" ".join(link.get_text(" ").split()): str(link["href"]) for link in found}

    def form(self, button: str) -> Tag:
        """Return the form with this button."""
        for form in self.soup.find_all("form"):
            for found in form.find_all("button"):
                if button in (found.get_text(strip=True), found.get("value")):
                    return form
        raise AssertionError(f"there is no form with a button '{button}':\n{self.text}")

    def labels(self) -> dict[str, Tag]:
        """Return each label's text and the control that it belongs to."""
        controls = {}
        for label in self.soup.find_all("label"):
            of = label.get("for")
            control = self.soup.find(id=str(of)) if of else label.find(["input", "select"])
            assert control is not None, f"a label of nothing: {label}"
            controls[" ".join(label.get_text(" ").split())] = control
        return controls


class Visitor:
    """One browser; redirects are not followed unless asked for."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.session = open_session()
        self.session.headers["Accept"] = "text/html,application/xhtml+xml,*/*;q=0.8"

    def get(self, path: str, *, follow: bool = False, **headers: str) -> Page:
        """Read a page."""
        return self._ask("GET", path, follow=follow, headers=headers)

    def post(self, path: str, data: dict[str, str | list[str]], **headers: str) -> Page:
        """Send a form with nothing but `data`."""
        return self._ask("POST", path, data=data, headers=headers)

    def submit(self, page: Page, button: str, **fields: str | list[str]) -> Page:
        """Fill in the form with this button and send it, with everything that is in it."""
        form = page.form(button)
        path = urljoin(page.answer.url, str(form.get("action") or page.answer.url))
        return self._ask("POST", path, data={**filled(form, button), **fields})

    def sign_in(self, username: str, password: str = PASSWORD, redirect_to: str = "") -> Page:
        """Sign in by the form."""
        query = f"?redirect_to={redirect_to}" if redirect_to else ""
        page = self.get(f"/users/sign_in{query}")
        return self.submit(page, "Sign in", login=username, password=password)

    def sign_in_as(self, registry: Registry, user: User) -> "Visitor":
        """Be signed in, without the form."""
        self.session.cookies.set(SESSION_COOKIE, open_for(registry, user))
        return self

    def _ask(
        self,
        method: str,
        path: str,
        *,
        data: dict[str, str | list[str]] | None = None,
        headers: dict[str, str] | None = None,
        follow: bool = False,
    ) -> Page:
        answer = self.session.request(
            method,
            urljoin(self.address, path),
            data=data,
            headers={name.replace("_", "-"): value for name, value in (headers or {}).items()},
            allow_redirects=follow,
            timeout=TIMEOUT_SECONDS,
        )
        return Page(answer, BeautifulSoup(answer.text, "html.parser"))


def filled(form: Tag, button: str = "") -> dict[str, str | list[str]]:
    """Return what a browser would send of a form that nobody touched."""
    fields: dict[str, str | list[str]] = {}
    for control in form.find_all(["input", "select", "textarea"]):
        name, value = str(control.get("name") or ""), _value(control)
        if name and value is not None:
            fields[name] = value
    for found in form.find_all("button", attrs={"name": True}):
        if button in (found.get_text(strip=True), found.get("value")):
            fields[str(found["name"])] = str(found["value"])
    return fields


def _value(control: Tag) -> str | None:
    if control.name == "textarea":
        return control.get_text()
    if control.name == "select":
        options = control.find_all("option")
        chosen = next((option for option in options if option.has_attr("selected")), None)
        return str((chosen or options[0])["value"]) if options else None
    is_box = control.get("type") in {"checkbox", "radio"}
    return None if is_box and not control.has_attr("checked") else str(control.get("value", ""))


def open_for(registry: Registry, user: User) -> str:
    """Begin a session for somebody, and return the cookie's secret."""

    async def begin(machines: Machinery, by: Caller) -> NewSession:
        async with machines.db.write() as tx:
            return await begin_session(tx, by, user, "test")

    return registry.run(begin).secret
