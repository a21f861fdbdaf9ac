"""Two versions compared on a page."""

import pytest

from distributions import build_sdist, build_wheel
from registry import Registry, fresh
from stock import described, stock
from visiting import Page, Visitor
from wheelyard.domain.models.places import Project
from wheelyard.domain.models.users import User


@pytest.fixture
def project(registry: Registry, user: User) -> Project:
    project = registry.project()
    registry.member(project, user, "guest")
    return project


@pytest.fixture
def name(registry: Registry, project: Project) -> str:
    """Publish three versions of a package, and return its name."""
    name = fresh("pkg")
    old = [("Requires-Dist", "attrs>=22"), ("Requires-Dist", "six"), ("Summary", "Old")]
    new = [("Requires-Dist", "attrs>=23"), ("Requires-Dist", "rich; extra == 'tty'")]
    new += [("Summary", "New <b>"), ("Classifier", "Topic :: Utilities"), ("Provides-Extra", "tty")]
    files = [
        *described(name, "1.9", old, "Same\n\nold\n"),
        described(name, "1.10", new, "Same\n\nnew\n", requires_python=">=3.11")[0],
        build_wheel(name, "1.8"),
    ]
    stock(registry, project, *files)
    return name


def address(project: Project, query: str) -> str:
    return f"/{project.full_path}/-/packages/compare?{query}"


def rows(page: Page) -> list[str]:
    found = page.soup.select("main tbody tr")
    return [" ".join(row.get_text(" ").split()) for row in found]


def signed(page: Page) -> list[str]:
    found = page.soup.select("main .signed li")
    return [" ".join(line.get_text(" ").split()) for line in found]


def test_what_changed(visitor: Visitor, project: Project, name: str) -> None:
    page = visitor.get(address(project, f"name={name}&from=1.9&to=1.10"))
    assert page.heading == f"Compare {name}"
    assert rows(page) == [
        "attrs Changed >=22 >=23",
        "six Removed any version \u2013",
        "rich extra tty Added \u2013 any version",
    ]
    assert signed(page) == [
        "+ added >=3.11",
        "\u2212 removed Old",
        "+ added New <b>",
        "+ added tty",
        "+ added Topic :: Utilities",
        "\u2212 removed sdist",
    ]
    lines = [line.get_text("", strip=True) for line in page.soup.select(".diff li")]
    assert lines == ["Same", "", "\u2212removedold", "+addednew"]


def test_without_versions_the_two_highest(visitor: Visitor, project: Project, name: str) -> None:
    page = visitor.get(address(project, f"name={name.upper()}"))
    labels = page.labels()
    chosen = [
        str(option["value"])
        for label in ("From version", "To version")
        for option in labels[label].find_all("option")
        if option.has_attr("selected")
    ]
    assert chosen == ["1.9", "1.10"]
    offered = [str(option["value"]) for option in labels["To version"].find_all("option")]
    assert offered == ["1.10", "1.9", "1.8"]
    swapped = visitor.get(page.links()["Swap"])
    assert rows(swapped)[0] == "attrs Changed >=23 >=22"
    below = visitor.get(address(project, f"name={name}&to=1.9"))
    assert "They need the same." not in below.text
    assert f"{name} 1.8" in below.links()


def test_another_spelling_and_the_same_twice(visitor: Visitor, project: Project, name: str) -> None:
    page = visitor.get(address(project, f"name={name}&from=v1.9.0&to=1.9"))
    assert "These are the same version." in page.text
    lowest = visitor.get(address(project, f"name={name}&to=1.8"))
    assert "These are the same version." in lowest.text, "there is none below"


@pytest.mark.parametrize(
    "query",
    [
        "",
        "name=",
        "name=no+name!",
        "name=unknown-package",
        "name={name}&from=9.9",
        "name={name}&to=x",
        "name={name}&to=" + "9" * 300,
        "name={name}&to=%00",
    ],
)
def test_what_is_not_there(visitor: Visitor, project: Project, name: str, query: str) -> None:
    expected = 200 if query.endswith("%00") else 404  # which cannot be printed, and so is not taken
    assert visitor.get(address(project, query.format(name=name))).status == expected


def test_a_link_from_the_package(visitor: Visitor, registry: Registry, project: Project) -> None:
    name = fresh("pkg")
    files = stock(registry, project, build_sdist(name, "1.0"), build_wheel(name, "2.0"))
    page = visitor.get(f"/{project.full_path}/-/packages/{files[1].package_id}")
    shown = visitor.get(page.links()["Compare"])
    assert signed(shown) == ["\u2212 removed sdist", "+ added py3-none-any"]
    assert "They say the same of themselves." in shown.text


def test_who_may_not_read(stranger: Visitor, project: Project, name: str) -> None:
    page = stranger.get(address(project, f"name={name}"))
    assert (page.status, page.location.partition("?")[0]) == (302, "/users/sign_in")
