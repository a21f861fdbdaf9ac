"""The list of a group's packages: of all its projects, as far as one may read them."""

import pytest

from distributions import build_wheel
from registry import Registry, fresh
from stock import stock
from visiting import Page, Visitor
from wheelyard.domain.models.places import Namespace
from wheelyard.domain.models.users import User


@pytest.fixture
def group(registry: Registry) -> Namespace:
    """Make an internal group with packages in two projects, one of them private, and below it."""
    group = registry.group(visibility="internal")
    below = registry.group(f"{group.full_path}/below", "internal")
    for path, visibility, name in (
        (f"{group.full_path}/open", "internal", "alpha"),
        (f"{group.full_path}/shut", "private", "beta"),
        (f"{below.full_path}/deep", "internal", "gamma"),
    ):
        stock(registry, registry.project(path, visibility), build_wheel(name, "1.0"))
    return group


def listed(page: Page) -> list[tuple[str, str]]:
    """Return the name and the project of each line."""
    rows = page.soup.select("#packages tbody tr")
    return [
        (row.select("td")[0].get_text(strip=True), row.select("td")[2].get_text(strip=True))
        for row in rows
    ]


def address(group: Namespace, query: str = "") -> str:
    return f"/groups/{group.full_path}/-/packages{query}"


def test_what_one_may_read(
    visitor: Visitor, registry: Registry, user: User, group: Namespace
) -> None:
    path = group.full_path
    page = visitor.get(address(group, "?sort=name&order=asc"))
    assert (page.status, page.heading) == (200, "Package Registry")
    assert listed(page) == [("alpha", f"{path}/open"), ("gamma", f"{path}/below/deep")]
    registry.member(group, user, "reporter")
    page = visitor.get(address(group, "?sort=project&order=desc"))
    assert [name for name, _ in listed(page)] == ["beta", "alpha", "gamma"]
    assert "Upload packages" not in page.text
    assert listed(visitor.get(address(group, "?search=lph"))) == [("alpha", f"{path}/open")]


def test_the_way_there(visitor: Visitor, group: Namespace) -> None:
    page = visitor.get(f"/{group.full_path}")
    assert page.links()["Package Registry"] == address(group)
    assert "gamma 1.0" in page.links()
    assert "beta" not in page.text
    assert f"/api/v4/groups/{group.id}/-/packages/pypi/simple" in page.text


def test_hidden_and_missing_are_alike(
    visitor: Visitor, stranger: Visitor, registry: Registry, user: User
) -> None:
    hidden = registry.group()
    for path in (hidden.full_path, fresh("nowhere"), user.username):
        assert visitor.get(f"/groups/{path}/-/packages").status == 404
        assert stranger.get(f"/groups/{path}/-/packages").status == 302


def test_htmx_gets_the_list_alone(visitor: Visitor, group: Namespace) -> None:
    part = visitor.get(address(group), HX_Request="true")
    assert part.soup.find("h1") is None
    assert len(listed(part)) == 2
