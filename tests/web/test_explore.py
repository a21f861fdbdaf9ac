"""Explore and search: what one may see is found, and nothing else."""

from urllib.parse import quote

import pytest

from registry import Registry, fresh
from requesting import open_session, project_index
from running import Server
from visiting import Visitor
from wheelyard.domain.models.places import Project
from wheelyard.domain.models.users import User


def publish(server: Server, registry: Registry, visibility: str) -> tuple[Project, str]:
    """Publish a package of a name of its own, and return its project and the name."""
    name = fresh("found")
    project, secret = registry.publisher(visibility)
    index = project_index(open_session(), server.address, project)
    assert index.upload_wheel(name, ("x", secret)).status_code == 201
    return project, name


def test_packages_are_found_by_those_who_may_read_them(
    server: Server, registry: Registry, user: User, visitor: Visitor, stranger: Visitor
) -> None:
    project, name = publish(server, registry, "private")
    address = f"/search?search={name}"
    for browser in (visitor, stranger):
        page = browser.get(address)
        assert page.status == 200
        assert "No packages found" in page.text
        assert project.full_path not in page.text
    registry.member(project, user, "reporter")
    page = visitor.get(address)
    assert f"{name} 1.0" in page.links()
    assert project.full_path in page.text
    _, public = publish(server, registry, "public")
    assert f"{public} 1.0" in stranger.get(f"/search?search={public}").links()


def test_projects_and_groups(
    registry: Registry, user: User, visitor: Visitor, stranger: Visitor
) -> None:
    mine, hidden = registry.project(), registry.project()
    registry.member(mine, user, "guest")
    for project, is_found in ((mine, True), (hidden, False)):
        found = visitor.get(f"/search?scope=projects&search={quote(project.full_path)}")
        assert (project.name in found.links()) is is_found
    public, private = registry.group(visibility="public"), registry.group()
    for group, is_found in ((public, True), (private, False)):
        found = stranger.get(f"/search?scope=groups&search={group.full_path}")
        assert (group.name in found.links()) is is_found


def test_as_one_types(visitor: Visitor) -> None:
    part = visitor.get("/search?search=nothing-like-this", hx_request="true")
    assert part.soup.find("html") is None
    assert part.soup.find(id="results") is not None
    assert "No packages found" in part.text


@pytest.mark.parametrize(
    "query",
    ["", "?search=", "?search=%25_%27%22%3Cb%3E&page=x", "?search=a&page=999999&scope=odd"],
)
def test_odd_searches(stranger: Visitor, query: str) -> None:
    page = stranger.get(f"/search{query}")
    assert (page.status, page.heading) == (200, "Search")
    assert page.soup.select("main b") == []


def test_explore(registry: Registry, visitor: Visitor, stranger: Visitor) -> None:
    public, hidden = registry.project(visibility="public"), registry.project()
    for browser in (visitor, stranger):
        page = browser.get("/explore")
        assert (page.status, page.heading) == (200, "Explore")
        assert page.links()[public.name] == f"/{public.full_path}"
        assert hidden.name not in page.links()


def test_pages_of_projects(registry: Registry, stranger: Visitor) -> None:
    stem = fresh("paged")
    group = registry.group(visibility="public")
    for number in range(21):
        registry.project(f"{group.full_path}/{stem}-{number}", "public")
    address = f"/search?scope=projects&search={stem}"
    first = stranger.get(address)
    assert "21 results" in first.text
    second = stranger.get(first.links()["Next"])
    names = [{name for name in page.links() if name.startswith(stem)} for page in (first, second)]
    assert [len(some) for some in names] == [20, 1]
    assert not names[0] & names[1]
