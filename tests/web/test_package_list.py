"""The list of a project's packages: found, sorted, paged, and what each line says."""

import re
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from distributions import build_sdist, build_wheel, compute_digests
from registry import Registry
from requesting import open_session, project_index
from running import Server
from stock import stock
from visiting import Page, Visitor
from wheelyard.app import Machinery
from wheelyard.domain.models.callers import Caller
from wheelyard.domain.models.packages import DistributionKind, NewFile
from wheelyard.domain.models.places import Project
from wheelyard.domain.models.users import User
from wheelyard.domain.names import NormalisedName

MAX_SERVER_MS = 100
MAX_PAGE_BYTES = 200_000


@pytest.fixture
def project(registry: Registry, user: User) -> Project:
    """Make a project that `user` may publish to."""
    project = registry.project()
    registry.member(project, user, "developer")
    return project


def address(project: Project, query: str = "") -> str:
    return f"/{project.full_path}/-/packages{query}"


def listed(page: Page) -> list[str]:
    """Return each line of the list as name and version."""
    rows = page.soup.select("#packages tbody tr")
    return [
        " ".join(cell.get_text(" ", strip=True) for cell in row.select("td")[:2]) for row in rows
    ]


def test_what_a_line_says(
    visitor: Visitor, registry: Registry, project: Project, user: User
) -> None:
    files = [build_wheel("My.Pkg", "1.0"), build_sdist("My.Pkg", "1.0")]
    wheel, sdist = stock(registry, project, *files, by=user)
    page = visitor.get(address(project))
    assert page.heading == "Package Registry"
    (row,) = page.soup.select("#packages tbody tr")
    cells = [" ".join(cell.get_text(" ").split()) for cell in row.select("td")]
    kilobytes = f"{(wheel.size_bytes + sdist.size_bytes) / 1000:.1f} kB"
    assert cells == ["My.Pkg", "1.0", kilobytes, user.name, "just now"]
    moment = row.find("time")
    assert moment is not None
    assert datetime.fromisoformat(str(moment["datetime"])) == wheel.uploaded_at
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC", str(moment["title"]))
    assert page.links()["My.Pkg"] == f"/{project.full_path}/-/packages/{wheel.package_id}"
    assert "1 package" in page.text


def test_badges(visitor: Visitor, registry: Registry, project: Project) -> None:
    names = ("old", "left", "bad", "half", "whole")
    for name in names:
        stock(registry, project, build_wheel(name, "1.0"), build_sdist(name, "1.0"))

    async def mark(machines: Machinery, _by: Caller) -> None:
        async with machines.db.write() as tx:
            for name, status in (
                ("old", "deprecated"),
                ("left", "archived"),
                ("bad", "quarantined"),
            ):
                await tx.releases.set_status(project.id, NormalisedName(name), status, None)  # type: ignore[arg-type]  # the value of the status
            for name, count in (("half", 1), ("whole", 2)):
                release = await tx.releases.find(project.id, NormalisedName(name), "1.0")
                assert release is not None
                files = await tx.releases.files(release.id)
                await tx.releases.yank([file.id for file in files[:count]], "")

    registry.run(mark)
    found = dict(line.split(" 1.0", 1) for line in listed(visitor.get(address(project))))
    assert {name: badge.strip() for name, badge in found.items()} == {
        "old": "Deprecated",
        "left": "Archived",
        "bad": "Quarantined",
        "half": "1 of 2 yanked",
        "whole": "Yanked",
    }
    for status, name in (("deprecated", "old"), ("quarantined", "bad"), ("yanked", "whole")):
        assert [
            line.split()[0] for line in listed(visitor.get(address(project, f"?status={status}")))
        ] == [name]


def test_searching_without_javascript(
    visitor: Visitor, registry: Registry, project: Project
) -> None:
    stock(
        registry, project, *(build_wheel(name, "1.0") for name in ("alpha", "alphabet", "my.pkg"))
    )
    page = visitor.get(address(project))
    form = page.form("Search")
    assert (form.get("method"), form.get("action")) == ("get", address(project))
    found = visitor.get(address(project, "?search=ALPHA&status="))
    assert listed(found) == ["alphabet 1.0", "alpha 1.0"]
    assert found.labels()["Search by name"]["value"] == "ALPHA"
    assert listed(visitor.get(address(project, "?search=my_p"))) == ["my.pkg 1.0"]
    assert listed(visitor.get(address(project, "?name=Alpha"))) == ["alpha 1.0"]
    nothing = visitor.get(address(project, "?search=%25%3Cb%3E"))
    assert nothing.status == 200
    assert "No packages found" in nothing.text
    assert nothing.labels()["Search by name"]["value"] == "%<b>"
    assert nothing.links()["Show all packages"] == address(project)


def test_sorting(visitor: Visitor, registry: Registry, project: Project) -> None:
    files = [("b", "1.10"), ("A", "2.0"), ("b", "1.9"), ("c", "0.1")]
    stock(registry, project, *(build_wheel(*file) for file in files))
    page = visitor.get(address(project))
    assert listed(page) == ["c 0.1", "b 1.9", "A 2.0", "b 1.10"], "the newest first"
    by_name = visitor.get(address(project) + page.links()["Name"])
    assert listed(by_name) == ["A 2.0", "b 1.10", "b 1.9", "c 0.1"]
    assert [th["aria-sort"] for th in by_name.soup.select("th[aria-sort]")] == ["ascending"]
    backwards = visitor.get(address(project) + by_name.links()["Name"])
    assert listed(backwards) == ["c 0.1", "b 1.9", "b 1.10", "A 2.0"]
    by_version = visitor.get(address(project) + page.links()["Version"])
    assert listed(by_version) == ["A 2.0", "b 1.10", "b 1.9", "c 0.1"]
    kept = visitor.get(address(project, "?search=b&sort=version&order=asc"))
    hidden = {
        field["name"]: field["value"]
        for field in kept.soup.select("[role=search] input[type=hidden]")
    }
    assert hidden == {"sort": "version", "order": "asc"}, "a new search keeps the order"


def test_paging(visitor: Visitor, registry: Registry, project: Project) -> None:
    stock(registry, project, *(build_wheel("pkg", f"1.{number}") for number in range(27)))
    first = visitor.get(address(project, "?sort=version&order=asc"))
    assert len(listed(first)) == 25
    assert "27 packages" in first.text
    assert "Previous" not in first.links()
    second = visitor.get(address(project) + first.links()["Next"])
    assert listed(second) == ["pkg 1.25", "pkg 1.26"]
    assert "Next" not in second.links()
    back = visitor.get(address(project) + second.links()["Previous"])
    assert listed(back) == listed(first)
    assert visitor.get(address(project, "?page=999999")).status == 200


def test_htmx_gets_the_list_alone(visitor: Visitor, registry: Registry, project: Project) -> None:
    stock(registry, project, build_wheel("pkg", "1.0"))
    part = visitor.get(address(project, "?search=pk"), HX_Request="true")
    assert part.soup.find("html") is None
    assert [child["id"] for child in part.soup.find_all("div", recursive=False)] == ["packages"]
    assert listed(part) == ["pkg 1.0"]
    assert "HX-Request" in part.answer.headers["Vary"]
    again = visitor.get(address(project), HX_Request="true", HX_History_Restore_Request="true")
    assert again.soup.find("html") is not None


def test_an_empty_project(visitor: Visitor, project: Project) -> None:
    page = visitor.get(address(project))
    assert "There are no packages yet" in page.text
    code = [block.get_text() for block in page.soup.select("pre")]
    upload = f"{visitor.address}/api/v4/projects/{project.id}/packages/pypi"
    assert code[0] == (
        "[distutils]\nindex-servers = gitlab\n\n[gitlab]\n"
        f"repository = {upload}\nusername = __token__\npassword = <your_personal_token>"
    )
    assert code[1] == "python3 -m twine upload --repository gitlab dist/*"
    assert upload in code[2]
    upload_card = page.soup.find("details", id="upload")
    assert upload_card is not None
    assert upload_card.has_attr("open")
    nobody_may = visitor.get(address(project, "?search=x"))
    assert "No packages found" in nobody_may.text


def test_who_may_not_publish_sees_no_upload(
    server: Server, registry: Registry, project: Project
) -> None:
    guest = registry.user()
    registry.member(project, guest, "guest")
    page = Visitor(server.address).sign_in_as(registry, guest).get(address(project))
    assert page.status == 200
    assert page.soup.find("input", attrs={"type": "file"}) is None
    assert ".pypirc" not in page.text


def test_private_and_unknown_are_alike(
    stranger: Visitor, visitor: Visitor, registry: Registry
) -> None:
    hidden = registry.project()
    for path in (hidden.full_path, "no/such"):
        page = stranger.get(f"/{path}/-/packages")
        assert (page.status, page.location.partition("?")[0]) == (302, "/users/sign_in")
        assert visitor.get(f"/{path}/-/packages").status == 404
    public = registry.project(visibility="public")
    assert stranger.get(address(public)).status == 200


def test_packages_switched_off(visitor: Visitor, registry: Registry, project: Project) -> None:
    registry.configure(project, "packages_enabled", "false")
    assert visitor.get(address(project)).status == 403
    assert visitor.get(address(project) + "/1").status == 403


async def add_packages(machines: Machinery, project: Project, count: int) -> None:
    """Add packages of one file each, as rows: what the list reads."""
    async with machines.db.write() as tx:
        for number in range(count):
            name = f"package-{number % 2500:05}"
            digests = compute_digests(f"{number}".encode())
            file = NewFile(
                filename=f"{name.replace('-', '_')}-1.{number // 2500}-py3-none-any.whl",
                kind=DistributionKind.WHEEL,
                name=name,
                normalised_name=NormalisedName(name),
                version=f"1.{number // 2500}",
                digests=digests,
                size_bytes=number,
                requires_python=None,
                metadata_sha256=digests.sha256,
                form={},
            )
            await tx.packages.record(project.id, file, None, datetime.now(UTC))


def test_ten_thousand_packages(start_server: Callable[..., Server]) -> None:
    """A page of the list stays under 100 ms of server time, and light, however it is sorted."""
    server = start_server(environment={"WHEELYARD_ACCESS_LOG": "true"})
    registry = Registry(server.data)
    project = registry.project(visibility="public")
    registry.run(lambda machines, _: add_packages(machines, project, 10_000))
    visitor = Visitor(server.address)
    queries = [
        "",
        "?page=400",
        "?sort=name&page=200",
        "?sort=version",
        "?search=99",
        "?status=yanked",
    ]
    for query in queries:
        for _ in range(5):
            page = visitor.get(address(project, query))
            assert page.status == 200
        assert len(page.answer.content) < MAX_PAGE_BYTES
        durations = durations_of_last(server.output, 5)
        assert min(durations) < MAX_SERVER_MS, f"{query}: {durations} ms"


def durations_of_last(log: Path, count: int) -> list[float]:
    """Return how many milliseconds the last requests took, as the access log has it."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        found = re.findall(r'"duration_ms": ?([\d.]+)|duration_ms=([\d.]+)', log.read_text())
        if len(found) >= count:
            break
        time.sleep(0.05)
    return [float(left or right) for left, right in found[-count:]]


def test_a_package_published_by_a_client_is_there_at_once(
    visitor: Visitor, server: Server, registry: Registry, project: Project
) -> None:
    token = registry.deploy_token(project).secret
    index = project_index(open_session(), server.address, project)
    assert index.upload_wheel("from-a-client", ("x", token)).status_code == 201
    (row,) = visitor.get(address(project)).soup.select("#packages tbody tr")
    assert [cell.get_text(" ", strip=True) for cell in row.select("td")][0:4:3] == [
        "from-a-client",
        "\u2013",
    ]
