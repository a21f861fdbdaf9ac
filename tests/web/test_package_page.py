"""The page of a package: what its metadata and rows say, how to install it, and for whom."""

from datetime import UTC, datetime, timedelta

import pytest

from distributions import build_sdist, build_wheel
from registry import Registry, fresh
from running import Server
from shelves import metadata_key_of
from stock import described, stock
from visiting import Page, Visitor
from wheelyard.app import Machinery
from wheelyard.domain.keys import BlobKey
from wheelyard.domain.models.callers import Caller
from wheelyard.domain.models.packages import PackageFile
from wheelyard.domain.models.places import Project
from wheelyard.domain.models.users import User
from wheelyard.domain.status import ProjectStatus
from wheelyard.domain.usage import Usage

FIELDS = [
    ("Summary", "Frobnicates <b>widgets</b>"),
    ("Author-email", "Ann <ann@example.org>"),
    ("License", "MIT"),
    ("Keywords", "one,two"),
    ("Project-URL", "Source, https://example.org/source"),
    ("Project-URL", "Evil, javascript:alert(1)"),
    ("Classifier", "Programming Language :: Python :: 3"),
    ("Requires-Dist", "attrs>=23; python_version < '4'"),
    ("Requires-Dist", "sphinx; extra == 'docs'"),
    ("Provides-Extra", "docs"),
    ("Description-Content-Type", "text/markdown"),
]
README = "# Hello\n\n![logo](https://example.org/logo.png) <script>alert(1)</script> *there*\n"


@pytest.fixture
def project(registry: Registry, user: User) -> Project:
    """Make a project that `user` maintains."""
    project = registry.project()
    registry.member(project, user, "maintainer")
    return project


def address(project: Project, file: PackageFile) -> str:
    return f"/{project.full_path}/-/packages/{file.package_id}"


def card(page: Page, heading: str) -> str:
    """Return what stands in the card with this heading."""
    for found in page.soup.select(".card"):
        title = found.find("h2")
        if title is not None and title.get_text(strip=True) == heading:
            return " ".join(found.get_text(" ").split())
    raise AssertionError(f"no card '{heading}':\n{page.text}")


def commands(page: Page) -> str:
    blocks = page.soup.select(".segments pre")
    return "\n\n".join(block.get_text() for block in blocks)


def test_what_the_metadata_say(visitor: Visitor, registry: Registry, project: Project) -> None:
    name = fresh("Frob")
    files = described(name, "1.0", FIELDS, README, requires_python=">=3.11")
    wheel, _ = stock(registry, project, *files)
    page = visitor.get(address(project, wheel))
    assert page.heading.startswith(f"{name} 1.0 Latest")
    assert "Frobnicates <b>widgets</b>" in page.text
    about = card(page, "About")
    for text in (
        ">=3.11",
        "MIT",
        "Ann <ann@example.org>",
        "one two",
        f"Package ID {wheel.package_id}",
    ):
        assert text in about
    assert page.links()["Source"] == "https://example.org/source"
    assert "Evil: javascript:alert(1)" in about
    assert "Evil" not in page.links()
    assert "Programming Language Python :: 3" in card(page, "Classifiers")
    needed = card(page, "Dependencies")
    assert 'attrs >=23; python_version < "4"' in needed
    assert f"with the extra {name.lower()}[docs] sphinx" in needed


def test_the_description(visitor: Visitor, registry: Registry, project: Project) -> None:
    name = fresh("frob")
    wheel, _ = stock(registry, project, *described(name, "1.0", FIELDS, README))
    for _ in range(2):  # the second time from memory
        page = visitor.get(address(project, wheel))
        prose = page.soup.find(class_="prose")
        assert prose is not None
        assert prose.find("h3", id="readme-hello") is not None
        assert prose.find(["img", "script"]) is None
        assert page.links()["logo"] == "https://example.org/logo.png"
    other = described(name, "2.0", FIELDS, README.replace("Hello", "Goodbye"))
    later, _ = stock(registry, project, *other)
    assert "Goodbye" in card(visitor.get(address(project, later)), "Description")
    assert "Hello" in card(visitor.get(address(project, wheel)), "Description")


def test_a_package_that_says_nothing(
    visitor: Visitor, registry: Registry, project: Project
) -> None:
    (wheel,) = stock(registry, project, build_wheel(fresh("bare"), "1.0"))
    page = visitor.get(address(project, wheel))
    assert "does not describe itself" in card(page, "Description")
    assert "It needs nothing else." in card(page, "Dependencies")
    assert "any version" in card(page, "About")
    assert "Nobody has downloaded it yet." in card(page, "Downloads")


def test_metadata_that_were_lost(visitor: Visitor, registry: Registry, project: Project) -> None:
    name = fresh("lost")
    (wheel,) = stock(registry, project, build_wheel(name, "1.0"))

    async def lose(machines: Machinery, _by: Caller) -> None:
        key: BlobKey = metadata_key_of(wheel)
        await machines.blobs.delete(key)

    registry.run(lose)
    page = visitor.get(address(project, wheel))
    assert page.status == 200
    assert "cannot be read" in card(page, "Description")
    assert wheel.filename in card(page, "Files")


def test_files(visitor: Visitor, registry: Registry, project: Project) -> None:
    name = fresh("pkg")
    files = [build_wheel(name, "1.0"), build_sdist(name, "1.0")]
    wheel, sdist = stock(registry, project, *files)
    changed = build_wheel(name, "1.0", files={"more.txt": b"x"})
    (newer,) = stock(registry, project, changed)
    page = visitor.get(address(project, wheel))
    rows = page.soup.select("table.files tbody tr")
    texts = [" ".join(row.get_text(" ").split()) for row in rows]
    assert sdist.filename in texts[0]
    assert newer.filename in texts[1]
    assert "Superseded" in texts[2]
    copied = [button["data-copy"] for button in page.soup.select("table.files [data-copy]")]
    assert copied == [file.digests.sha256 for file in (sdist, newer, wheel)]
    assert "2 files" in page.text, "superseded files do not count"


def test_versions_in_their_order(visitor: Visitor, registry: Registry, project: Project) -> None:
    name = fresh("pkg")
    versions = ["1.10", "1.9", "2.0rc1", "1.9.1"]
    files = stock(registry, project, *(build_wheel(name, version) for version in versions))
    page = visitor.get(address(project, files[1]))
    found = [version.get_text(strip=True) for version in page.soup.select(".versions .version")]
    assert found == ["2.0rc1", "1.10", "1.9.1", "1.9"]
    current = page.soup.select(".versions [aria-current]")
    assert [each.get_text() for each in current] == ["1.9"]
    assert "Version 1.10 is the latest." in page.text, "a pre-release is not"
    assert "Latest" in visitor.get(address(project, files[0])).heading
    assert "All versions" not in page.links()
    more = stock(registry, project, *(build_wheel(name, f"0.{minor}") for minor in range(10)))
    page = visitor.get(address(project, more[0]))
    assert len(page.soup.select(".versions > li")) == 12
    shown = visitor.get(page.links()["All versions"])
    assert len(shown.soup.select("#packages tbody tr")) == 14


def test_installing_from_a_private_project(
    visitor: Visitor, registry: Registry, project: Project
) -> None:
    name = fresh("pkg")
    (wheel,) = stock(registry, project, build_wheel(name, "1.0"))
    page = visitor.get(address(project, wheel))
    host = visitor.address.removeprefix("http://")
    rest = f"/api/v4/projects/{project.id}/packages/pypi/simple"
    private = f"http://__token__:<your_personal_token>@{host}{rest}"
    shown = commands(page)
    assert f"pip install --index-url {private} {name}==1.0\n" in shown
    assert f"uv add --index gitlab=http://{host}{rest} {name}==1.0\n" in shown
    assert f"poetry add --source gitlab {name}==1.0\n" in shown
    assert f"pdm add {name}==1.0" in shown
    assert shown.count("<your_personal_token>") == 4
    assert "read_api" in card(page, "Installation")


def test_installing_from_a_public_project(stranger: Visitor, registry: Registry) -> None:
    project = registry.project(visibility="public")
    needs = [("Requires-Dist", "attrs")]
    wheel, _ = stock(registry, project, *described(fresh("pkg"), "1!2.0", needs))
    page = stranger.get(address(project, wheel))
    shown = commands(page)
    assert "token" not in shown
    assert f"--no-deps '{wheel.normalised_name}==1!2.0'" in shown, "quoted for the shell"
    assert "Install the dependencies first" in card(page, "Installation")
    assert "read_api" not in card(page, "Installation")


def test_downloads(visitor: Visitor, registry: Registry, project: Project) -> None:
    name = fresh("pkg")
    one, two = stock(registry, project, build_wheel(name, "1.0"), build_wheel(name, "2.0"))
    today = datetime.now(UTC).date()
    old, before = today - timedelta(days=200), today - timedelta(days=1)
    served = {(one.id, today): 7, (one.id, before): 3, (one.id, old): 90, (two.id, today): 1200}

    async def add(machines: Machinery, _by: Caller) -> None:
        async with machines.db.write() as tx:
            await tx.usage.add(Usage({}, {}, served))

    registry.run(add)
    page = visitor.get(address(project, one))
    chart = page.soup.find("svg", role="img")
    assert chart is not None
    assert str(chart["aria-label"]).startswith("10 downloads in 14 days, most on")
    shown = card(page, "Downloads")
    assert shown.startswith("Downloads 100")
    assert f"{today} 7 {before} 3" in shown
    assert "2.0 1,200 1.0 10" in shown
    (row,) = page.soup.select("table.files tbody tr")
    assert "100" in [cell.get_text(strip=True) for cell in row.select("td.number")]


@pytest.mark.parametrize("status", ["deprecated", "archived", "quarantined"])
def test_what_is_said_of_a_name(
    visitor: Visitor, registry: Registry, project: Project, status: str
) -> None:
    (wheel,) = stock(registry, project, build_wheel(fresh("pkg"), "1.0"))

    async def mark(machines: Machinery, _by: Caller) -> None:
        async with machines.db.write() as tx:
            await tx.releases.set_status(
                project.id, wheel.normalised_name, ProjectStatus(status), "Use <another>."
            )

    registry.run(mark)
    page = visitor.get(address(project, wheel))
    alert = page.soup.select_one(".alert")
    assert alert is not None
    assert status in alert.get_text()
    assert "Use <another>." in alert.get_text()
    assert status.capitalize() in page.heading
    downloads = [link for link in page.soup.find_all("a", href=True) if "/download" in link["href"]]
    assert bool(downloads) is (status != "quarantined")


def test_who_published(visitor: Visitor, registry: Registry, project: Project, user: User) -> None:
    (wheel,) = stock(registry, project, build_wheel(fresh("pkg"), "1.0"), by=user)
    page = visitor.get(address(project, wheel))
    assert f"by {user.name}" in page.text
    assert page.links()[user.name] == f"/{user.username}"


@pytest.mark.parametrize(
    ("role", "manages", "publishes"),
    [("guest", False, False), ("developer", False, True), ("maintainer", True, True)],
)
def test_buttons_are_for_those_who_may(
    server: Server,
    registry: Registry,
    project: Project,
    role: str,
    *,
    manages: bool,
    publishes: bool,
) -> None:
    (wheel,) = stock(registry, project, build_wheel(fresh("pkg"), "1.0"))
    somebody = registry.user()
    registry.member(project, somebody, role)
    page = Visitor(server.address).sign_in_as(registry, somebody).get(address(project, wheel))
    assert ("Delete release" in page.text) is manages
    assert ("Publish a new version" in page.text) is publishes
    assert bool(page.soup.select("main form[method=post]")) is manages


def test_addresses_of_nothing(
    visitor: Visitor, stranger: Visitor, registry: Registry, project: Project
) -> None:
    other = registry.project()
    (wheel,) = stock(registry, other, build_wheel(fresh("pkg"), "1.0"))
    base = f"/{project.full_path}/-/packages"
    for end in (
        "0",
        "999999",
        "x",
        "-1",
        "1.0",
        "9" * 30,
        "9" * 5000,
        "%00",
        f"{wheel.package_id}",
    ):
        assert visitor.get(f"{base}/{end}").status == 404, end[:40]
        assert visitor.get(f"{base}/{end}/files/1").status == 404, end[:40]
    hidden = stranger.get(address(other, wheel))
    assert (hidden.status, hidden.location.partition("?")[0]) == (302, "/users/sign_in")
