"""Files on pages: their digests, and downloads with a session, which the index does not take."""

import time

import pytest

from distributions import build_wheel
from registry import Registry, fresh
from running import Server
from shelves import key_of
from stock import stock
from visiting import Visitor
from wheelyard.app import Machinery
from wheelyard.domain.models.callers import Caller
from wheelyard.domain.models.packages import PackageFile
from wheelyard.domain.models.places import Project
from wheelyard.domain.models.users import User
from wheelyard.domain.status import ProjectStatus

COUNTED_WITHIN_SECONDS = 15


@pytest.fixture
def project(registry: Registry, user: User) -> Project:
    """Make a project that `user` may read."""
    project = registry.project()
    registry.member(project, user, "guest")
    return project


@pytest.fixture
def wheel(registry: Registry, project: Project) -> PackageFile:
    return stock(registry, project, build_wheel(fresh("pkg"), "1.0"))[0]


def address(project: Project, file: PackageFile) -> str:
    return f"/{project.full_path}/-/packages/{file.package_id}/files/{file.id}"


def test_everything_about_a_file(visitor: Visitor, project: Project, wheel: PackageFile) -> None:
    page = visitor.get(address(project, wheel))
    assert page.heading == wheel.filename
    for digest in (wheel.digests.sha256, wheel.digests.md5, wheel.digests.blake2_256):
        assert digest in page.text
        assert page.soup.select_one(f'[data-copy="{digest}"]') is not None
    assert f"{wheel.size_bytes:,} bytes" in page.text
    assert "Manage" not in page.text


def test_downloading(
    visitor: Visitor, registry: Registry, project: Project, wheel: PackageFile
) -> None:
    page = visitor.get(address(project, wheel))
    answer = visitor.get(page.links()["Download"]).answer
    assert answer.status_code == 200
    assert answer.content == registry.run(lambda machines, _: content_of(machines, wheel))
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{wheel.filename}"'
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"].startswith("private")
    part = visitor.get(page.links()["Download"], Range="bytes=0-3").answer
    assert (part.status_code, part.content) == (206, answer.content[:4])
    tag = answer.headers["ETag"]
    assert visitor.get(page.links()["Download"], If_None_Match=tag).status == 304


async def content_of(machines: Machinery, file: PackageFile) -> bytes:
    return b"".join([chunk async for chunk in machines.blobs.read(key_of(file))])


def test_a_download_counts(visitor: Visitor, project: Project, wheel: PackageFile) -> None:
    visitor.get(address(project, wheel) + "/download")
    deadline = time.monotonic() + COUNTED_WITHIN_SECONDS
    while "Downloads 1 " not in visitor.get(address(project, wheel)).text:
        assert time.monotonic() < deadline
        time.sleep(0.2)


def test_who_may_not_read(
    stranger: Visitor, server: Server, registry: Registry, project: Project, wheel: PackageFile
) -> None:
    nobody = Visitor(server.address).sign_in_as(registry, registry.user())
    for end in ("", "/download"):
        page = stranger.get(address(project, wheel) + end)
        assert (page.status, page.location.partition("?")[0]) == (302, "/users/sign_in")
        assert nobody.get(address(project, wheel) + end).status == 404


def test_the_session_is_no_credential_of_the_index(
    visitor: Visitor, project: Project, wheel: PackageFile
) -> None:
    index = f"/api/v4/projects/{project.id}/packages/pypi/files/{wheel.digests.sha256}"
    assert visitor.get(f"{index}/{wheel.filename}").status == 401


def test_what_is_quarantined_is_served_to_nobody(
    admin: Visitor, visitor: Visitor, registry: Registry, project: Project, wheel: PackageFile
) -> None:
    async def mark(machines: Machinery, _by: Caller) -> None:
        async with machines.db.write() as tx:
            await tx.releases.set_status(
                project.id, wheel.normalised_name, ProjectStatus.QUARANTINED, None
            )

    registry.run(mark)
    for browser in (visitor, admin):
        assert browser.get(address(project, wheel)).status == 200
        page = browser.get(address(project, wheel) + "/download")
        assert (page.status, "quarantined" in page.text) == (403, True)


def test_a_file_of_another_package(
    visitor: Visitor, registry: Registry, project: Project, wheel: PackageFile
) -> None:
    (other,) = stock(registry, project, build_wheel(fresh("other"), "1.0"))
    wrong = f"/{project.full_path}/-/packages/{other.package_id}/files/{wheel.id}"
    for end in ("", "/download"):
        assert visitor.get(wrong + end).status == 404


def test_bytes_that_were_lost(
    visitor: Visitor, registry: Registry, project: Project, wheel: PackageFile
) -> None:
    async def lose(machines: Machinery, _by: Caller) -> None:
        await machines.blobs.delete(key_of(wheel))

    registry.run(lose)
    assert visitor.get(address(project, wheel) + "/download").status == 503
