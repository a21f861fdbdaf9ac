"""The first pages: home, new project, project, group, package list, theme, and the first run."""

from collections.abc import Callable

import pytest

from registry import Registry, fresh
from requesting import open_session, project_index
from running import Server
from visiting import Page, Visitor
from wheelyard.domain.models.places import Project
from wheelyard.domain.models.users import User


def side_bar(page: Page) -> list[str]:
    bar = page.soup.find(id="sidebar")
    assert bar is not None
    links = bar.find_all("a")
    return [" ".join(link.get_text(" ").split()) for link in links][1:]


def test_home_shows_what_is_mine(visitor: Visitor, registry: Registry, user: User) -> None:
    mine, other = registry.project(), registry.project(visibility="public")
    registry.member(mine, user, "guest")
    group = registry.group()
    registry.member(group, user, "reporter")
    links = visitor.get("/").links()
    assert links[mine.name] == f"/{mine.full_path}"
    assert links[group.name] == f"/{group.full_path}"
    assert other.name not in links


def test_home_shows_releases_that_one_may_read(
    server: Server, visitor: Visitor, registry: Registry, user: User
) -> None:
    name, hidden_name = fresh("seen"), fresh("unseen")
    for wheel, is_member in ((name, True), (hidden_name, False)):
        project, secret = registry.publisher()
        if is_member:
            registry.member(project, user, "reporter")
        index = project_index(open_session(), server.address, project)
        assert index.upload_wheel(wheel, ("x", secret)).status_code == 201
    text = visitor.get("/").text
    assert name in text
    assert hidden_name not in text


def test_strangers_are_led_to_the_sign_in(stranger: Visitor, registry: Registry) -> None:
    registry.project()
    assert stranger.get("/").location == "/users/sign_in"


def test_the_first_run(start_server: Callable[..., Server]) -> None:
    server = start_server()
    visitor = Visitor(server.address)
    page = visitor.get("/")
    assert (page.status, page.heading) == (200, "Welcome to Wheelyard")
    assert "initial_root_password" in page.text
    assert str(server.data) not in page.answer.text, "strangers need not know the server's folders"
    assert page.links()["Sign in"] == "/users/sign_in"
    assert "initial_root_password" in visitor.get("/users/sign_in").text
    password = (server.data / "initial_root_password").read_text().strip()
    assert visitor.sign_in("root", password).location == "/"
    assert "Next steps" in visitor.get("/").text
    form = visitor.get("/projects/new")
    visitor.submit(form, "Create project", name="First")
    assert "Next steps" not in visitor.get("/").text
    stranger = Visitor(server.address)
    assert stranger.get("/").location == "/users/sign_in"
    assert "initial_root_password" not in stranger.get("/users/sign_in").text


def test_a_new_project(visitor: Visitor, user: User) -> None:
    page = visitor.get("/projects/new")
    labels = page.labels()
    assert labels["Project name"].has_attr("required")
    legends = [legend.get_text(strip=True) for legend in page.soup.find_all("legend")]
    assert legends == ["Visibility Level"]
    name = fresh("My Tools")
    made = visitor.submit(
        page, "Create project", name=name, description="For <all>.", visibility="internal"
    )
    path = f"/{user.username}/{name.lower().replace(' ', '-')}"
    assert (made.status, made.location) == (303, path)
    shown = visitor.get(path)
    assert shown.heading == f"{name} Internal"
    assert f"Project '{name}' was created." in shown.text
    assert "For <all>." in shown.text
    assert "was created" not in visitor.get(path).text


def test_a_new_project_in_a_group(visitor: Visitor, registry: Registry, user: User) -> None:
    mine, others = registry.group(), registry.group(visibility="public")
    registry.member(mine, user, "developer")
    registry.member(others, user, "reporter")
    page = visitor.get(f"/projects/new?namespace={mine.full_path}")
    options = {str(option["value"]) for option in page.soup.find_all("option")}
    assert mine.full_path in options
    assert others.full_path not in options
    made = visitor.submit(page, "Create project", name="Tools", path="other-slug")
    assert made.location == f"/{mine.full_path}/other-slug"
    refused = visitor.submit(page, "Create project", name="Tools", namespace=others.full_path)
    assert (refused.status, "may not create projects there" in refused.text) == (422, True)


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "a/b"}, "name"),
        ({"name": "taken"}, "path"),
        ({"name": "x", "path": "-"}, "path"),
        ({"name": "x", "path": "edit"}, "path"),
        ({"name": "x", "visibility": "secret"}, "visibility"),
        ({"name": "x", "namespace": "nobody/nowhere"}, "namespace"),
    ],
)
def test_mistakes_are_shown_at_their_fields(
    visitor: Visitor, registry: Registry, user: User, fields: dict[str, str], field: str
) -> None:
    registry.project(f"{user.username}/taken")
    page = visitor.submit(visitor.get("/projects/new"), "Create project", **fields)
    assert page.status == 422
    control = page.soup.find(id=field)
    assert control is not None
    assert control["aria-invalid"] == "true"
    described = [page.soup.find(id=name) for name in str(control["aria-describedby"]).split()]
    assert all(described), "what describes the field is there"
    assert page.soup.find("a", href=f"#{field}") is not None, "and it is named above the form"
    assert page.labels()["Project name"]["value"] == fields["name"]


def test_a_visibility_above_the_groups(visitor: Visitor, registry: Registry, user: User) -> None:
    group = registry.group(visibility="private")
    registry.member(group, user, "owner")
    page = visitor.get(f"/projects/new?namespace={group.full_path}")
    refused = visitor.submit(page, "Create project", name="Open", visibility="public")
    assert "public is not allowed in a private group." in refused.text
    assert refused.status == 422


def test_a_project(visitor: Visitor, registry: Registry, user: User) -> None:
    project = registry.project(f"{user.username}/{fresh('tools')}")
    page = visitor.get(f"/{project.full_path}")
    assert f"Project ID: {project.id}" in page.text
    assert page.soup.find("button", attrs={"data-copy": str(project.id)}) is not None
    index = f"{visitor.address}/api/v4/projects/{project.id}/packages/pypi"
    assert f"repository = {index}" in page.text
    assert "__token__" in page.text


def test_the_side_bar_follows_the_switches(
    visitor: Visitor, registry: Registry, user: User, start_server: Callable[..., Server]
) -> None:
    entries = ["Packages & Registries", "Package Registry"]
    project = registry.project(f"{user.username}/{fresh('tools')}")
    assert entries == [
        entry for entry in side_bar(visitor.get(f"/{project.full_path}")) if entry in entries
    ]
    registry.configure(project, "package_registry_access_level", "disabled")
    page = visitor.get(f"/{project.full_path}")
    assert page.status == 200
    assert not set(entries) & set(side_bar(page))
    assert "pypirc" not in page.text
    assert visitor.get(f"/{project.full_path}/-/packages").status == 403
    alone = start_server()
    its = Registry(alone.data)
    someone = its.user()
    project = its.project(f"{someone.username}/tools")
    index = project_index(open_session(), alone.address, project)
    uploader = ("x", its.token(someone))
    assert index.upload_wheel("published", uploader).status_code == 201
    other = Visitor(alone.address).sign_in_as(its, someone)
    assert all("published" in other.get(path).text for path in ("/", "/explore"))
    its.setting("packages_enabled", "false")
    assert not any("Recent releases" in other.get(path).text for path in ("/", "/explore"))
    assert not any("published" in other.get(path).text for path in ("/", "/explore"))
    assert not set(entries) & set(side_bar(other.get(f"/{project.full_path}")))
    assert other.get(f"/{project.full_path}/-/packages").status == 404


def test_packages_for_members_only(visitor: Visitor, registry: Registry) -> None:
    project = registry.project(visibility="public")
    registry.configure(project, "package_registry_access_level", "private")
    page = visitor.get(f"/{project.full_path}")
    assert page.status == 200
    assert "Package Registry" not in side_bar(page)


def published(server: Server, registry: Registry, *names: str) -> Project:
    project, secret = registry.publisher("public")
    index = project_index(open_session(), server.address, project)
    for name in names:
        assert index.upload_wheel(name, ("x", secret)).status_code == 201
    return project


def test_the_package_list(server: Server, stranger: Visitor, registry: Registry) -> None:
    project = published(server, registry, "alpha", "beta")
    page = stranger.get(f"/{project.full_path}/-/packages")
    assert page.status == 200
    assert {"alpha", "beta"} <= set(page.links())
    assert "alpha" in stranger.get(f"/{project.full_path}").text


def test_the_page_of_a_user(visitor: Visitor, registry: Registry) -> None:
    other = registry.user()
    seen = registry.project(f"{other.username}/seen", "internal")
    registry.project(f"{other.username}/unseen", "private")
    page = visitor.get(f"/{other.username}")
    assert page.links()[seen.name] == f"/{seen.full_path}"
    assert "unseen" not in page.text


@pytest.mark.parametrize("who", ["stranger", "visitor"])
def test_the_theme(request: pytest.FixtureRequest, registry: Registry, who: str) -> None:
    browser: Visitor = request.getfixturevalue(who)
    address = f"/{registry.project(visibility='public').full_path}?tab=x"
    page = browser.get(address)
    assert page.soup.html is not None
    assert not page.soup.html.has_attr("data-theme")
    chosen = browser.submit(page, "dark")
    assert (chosen.status, chosen.location) == (303, address)
    page = browser.get(address)
    assert page.soup.html is not None
    assert page.soup.html["data-theme"] == "dark"
    assert browser.get("/users/sign_in", follow=True).soup.html is not None
    browser.submit(page, "system")
    page = browser.get(address)
    assert page.soup.html is not None
    assert not page.soup.html.has_attr("data-theme")
