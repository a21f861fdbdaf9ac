"""The markup of every page: valid, without inline scripts and styles, labelled, and light.

A new page's address belongs in `ADDRESSES`.
"""

import re

import html5lib
import pytest

from registry import Registry, fresh
from requesting import open_session, project_index
from running import Server
from visiting import Page, Visitor
from weighing import weight
from wheelyard.app import Machinery
from wheelyard.domain.listing import Window
from wheelyard.domain.models.users import User
from wheelyard.domain.releases import ReleaseFilter

ADDRESSES = [
    "/",
    "/users/sign_in",
    "/projects/new",
    "/{project}",
    "/{project}/-/packages",
    "/{project}/-/packages?search=nothing&sort=name",
    "/{project}/-/packages/{package}",
    "/{project}/-/packages/{package}/files/{file}",
    "/{project}/-/packages/compare?name=alpha",
    "/{empty}",
    "/{empty}/-/packages",
    "/{project}/edit",
    "/groups/new",
    "/groups/{group}/-/edit",
    "/{project}/-/settings/packages_and_registries",
    "/{project}/-/project_members",
    "/groups/{group}/-/group_members",
    "/{project}/-/settings/access_tokens",
    "/{project}/-/settings/repository",
    "/groups/{group}/-/settings/access_tokens",
    "/groups/{group}/-/settings/repository",
    "/{group}",
    "/groups/{group}/-/packages",
    "/{user}",
    "/explore",
    "/search?search=alpha",
    "/search?search=alpha&scope=groups",
    "/-/profile",
    "/-/profile/password/edit",
    "/-/profile/active_sessions",
    "/-/profile/personal_access_tokens",
    "/admin",
    "/admin/users",
    "/admin/application_settings/general",
    "/admin/audit_log",
    "/not/there",
]
MAX_PAGE_BYTES = 200_000


@pytest.fixture
def places(server: Server, registry: Registry, user: User) -> dict[str, str]:
    """Fill a registry, and return what stands for the names in the addresses."""
    group = registry.group()
    registry.member(group, user, "owner")
    project = registry.project(f"{group.full_path}/{fresh('tools')}")
    empty = registry.project(f"{user.username}/{fresh('empty')}")
    index = project_index(open_session(), server.address, project)
    assert index.upload_wheel("alpha", ("x", registry.token(user))).status_code == 201
    package, file = registry.run(lambda machines, _: published(machines, project.id))
    return {
        "group": group.full_path,
        "project": project.full_path,
        "empty": empty.full_path,
        "user": user.username,
        "package": str(package),
        "file": str(file),
    }


async def published(machines: Machinery, project_id: int) -> tuple[int, int]:
    """Return the ids of the package and of its file."""
    async with machines.db.read() as tx:
        listing = await tx.releases.of_project(project_id, ReleaseFilter(), Window())
        (file,) = await tx.releases.files(listing.items[0].id)
        return file.package_id, file.id


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize("who", ["visitor", "admin", "stranger"])
def test_the_markup(
    request: pytest.FixtureRequest, places: dict[str, str], address: str, who: str
) -> None:
    browser: Visitor = request.getfixturevalue(who)
    page = browser.get(address.format(**places), follow=True)
    assert page.answer.headers["Content-Type"] == "text/html; charset=utf-8"
    html5lib.HTMLParser(strict=True).parse(page.answer.text)
    check_nothing_is_inline(page)
    check_structure(page)
    check_forms(page)


def check_nothing_is_inline(page: Page) -> None:
    assert page.soup.find("style") is None
    for script in page.soup.find_all("script"):
        assert script.has_attr("src")
        assert script.get_text() == ""
    for element in page.soup.find_all(name=re.compile(".")):
        names = [name for name in element.attrs if name.startswith("on") or name == "style"]
        assert not names, f"inline {names} at {element}"
        for name in ("src", "href", "action"):
            assert not str(element.get(name, "")).lower().startswith(("javascript:", "http", "//"))


def check_structure(page: Page) -> None:
    soup = page.soup
    assert len(soup.find_all("h1")) == 1
    assert len(soup.find_all("main")) == 1
    assert soup.title is not None
    assert soup.title.get_text().endswith(" · Wheelyard")
    assert "{" not in soup.get_text(), "a template that was not filled in"
    ids = [element["id"] for element in soup.find_all(id=True)]
    assert len(ids) == len(set(ids))
    for element in soup.find_all(name=re.compile(".")):
        for name in ("aria-describedby", "aria-labelledby", "popovertarget"):
            for target in str(element.get(name, "")).split():
                assert target in ids, f"{name} of nothing at {element}"


def check_forms(page: Page) -> None:
    named = page.labels().values()
    for control in page.soup.find_all(["input", "select", "textarea"]):
        is_seen = control.get("type") not in {"hidden", "submit"}
        assert not is_seen or control in list(named), f"no label for {control}"
    for form in page.soup.find_all("form", attrs={"method": "post"}):
        assert form.find("input", attrs={"name": "authenticity_token"}) is not None
    for button in page.soup.find_all("button"):
        assert button.has_attr("type")
        assert button.get_text(strip=True) or button.get("aria-label")


@pytest.mark.parametrize("address", ADDRESSES)
def test_the_weight(visitor: Visitor, places: dict[str, str], address: str) -> None:
    """What a browser fetches for a page the first time, as it travels; all of it from here."""
    path = address.format(**places)
    assert weight(visitor, visitor.get(path, follow=True), path) < MAX_PAGE_BYTES
