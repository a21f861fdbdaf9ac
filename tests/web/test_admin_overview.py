"""The administrators' first page: figures that follow what happens, and what is not well."""

import re
import shutil
from collections.abc import Callable

from distributions import build_sdist, build_wheel
from registry import Registry, fresh
from running import Server
from stock import stock
from stores import touches_the_disk
from visiting import Page, Visitor


def figure(page: Page, label: str) -> str:
    for stat in page.soup.select(".stat"):
        name, value = stat.find("dt"), stat.find("dd")
        assert name is not None
        assert value is not None
        if name.get_text(strip=True) == label:
            return value.get_text(strip=True)
    raise AssertionError(f"no figure '{label}' in:\n{page.text}")


def amount(page: Page, label: str) -> int:
    return int(figure(page, label).replace(",", ""))


def in_30_days(page: Page, what: str) -> int:
    found = re.search(rf"{what} per day ([\d,]+) in 30 days", page.text)
    assert found is not None, page.text
    return int(found[1].replace(",", ""))


def test_figures_follow(admin: Visitor, registry: Registry) -> None:
    before = admin.get("/admin")
    project = registry.project()
    name = fresh("pkg")
    stock(registry, project, build_wheel(name, "1.0"), build_sdist(name, "1.0"))
    after = admin.get("/admin")
    more = {"Projects": 1, "Groups": 1, "Packages": 1, "Files": 2}
    for label, difference in more.items():
        assert amount(after, label) == amount(before, label) + difference, label
    assert in_30_days(after, "Uploads") == in_30_days(before, "Uploads") + 2
    assert amount(after, "Users") >= 1


def test_the_largest_projects_and_the_chart(start_server: Callable[[], Server]) -> None:
    server = start_server()
    registry = Registry(server.data)
    admin = Visitor(server.address).sign_in_as(registry, registry.user(is_admin=True))
    assert "Nothing is stored yet." in admin.get("/admin").text
    for group in ("large", "small"):
        registry.group(group)
    large, small = registry.project("large/tools"), registry.project("small/tools")
    stock(registry, large, build_wheel("one", "1.0"), build_wheel("one", "2.0"))
    stock(registry, small, build_wheel("two", "1.0"))
    page = admin.get("/admin")
    ranking = page.soup.select(".ranking a")
    assert [link.get_text() for link in ranking] == ["large/tools", "small/tools"]
    assert [link["href"] for link in ranking] == ["/large/tools", "/small/tools"]
    chart = page.soup.select_one("svg.chart-plot[aria-label^='3 uploads in 30 days']")
    assert chart is not None
    assert "All is well" in page.text
    assert "SQLite" in page.text or "PostgreSQL" in page.text


@touches_the_disk
def test_a_store_that_fails_is_said(start_server: Callable[[], Server]) -> None:
    server = start_server()
    registry = Registry(server.data)
    admin = Visitor(server.address).sign_in_as(registry, registry.user(is_admin=True))
    shutil.rmtree(server.data / "blobs", ignore_errors=True)
    (server.data / "blobs").write_text("no folder")
    page = admin.get("/admin")
    assert page.status == 200
    assert "Needs attention" in page.text
    assert "All is well" not in page.text
