"""A group's index over HTTP: who may open it, what it shows to whom, and whose a name is.

GitLab's rules: a private group is 401 to somebody anonymous and 404 to strangers, a user's
namespace is never a group, and "anyone may pull" opens a project's own addresses only. Ours: a
name belongs to the project that published it first.
"""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import quote

import pytest
import requests

from distributions import build_wheel
from registry import Registry, fresh
from requesting import Auth, Index, group_index, project_index
from running import Server
from wheelyard.domain.models.places import Namespace, Project

# What the group's index answers: columns are the group's visibility.
OPENING = """
                         | public | internal | private | no such | user's namespace
anonymous                | 200    | 401      | 401     | 401     | 401
wrong password           | 200    | 401      | 401     | 401     | 401
stranger                 | 200    | 200      | 404     | 404     | 404
guest of the group       | 200    | 200      | 200     | 404     | 404
guest of the group above | 200    | 200      | 200     | 404     | 404
guest of one project     | 200    | 200      | 200     | 404     | 404
guest until today        | 200    | 200      | 404     | 404     | 404
administrator            | 200    | 200      | 200     | 404     | 404
guest, read_api          | 200    | 200      | 200     | 404     | 404
guest, read_user         | 403    | 403      | 403     | 403     | 403
group deploy read        | 200    | 200      | 200     | 404     | 404
group deploy write       | 200    | 200      | 200     | 404     | 404
deploy of a project      | 200    | 404      | 404     | 404     | 404
"""

# Which projects' packages the index of a public group lists: the columns are the project's
# visibility and the access to its package registry.
LISTING = """
                         | public          | internal        | private
                         | off mem  on any | off mem  on any | off mem  on any
anonymous                |  -   -   x   x  |  -   -   -   -  |  -   -   -   -
stranger                 |  -   -   x   x  |  -   -   x   x  |  -   -   -   -
guest of the group       |  -   x   x   x  |  -   x   x   x  |  -   x   x   x
guest of the group above |  -   x   x   x  |  -   x   x   x  |  -   x   x   x
guest of one project     |  -   -   x   x  |  -   -   x   x  |  -   -   x   -
administrator            |  -   x   x   x  |  -   x   x   x  |  -   x   x   x
group deploy read        |  -   x   x   x  |  -   x   x   x  |  -   x   x   x
"""

COLUMNS = ["public", "internal", "private"]
ACCESS = ["disabled", "private", "enabled", "public"]
CELLS = [f"{visibility}-{access}" for visibility in COLUMNS for access in ACCESS]
ONE_PROJECT = "private-enabled"
"""The project that "guest of one project" is a member of."""


def parse(table: str) -> dict[str, list[str]]:
    """Return who → the cells of the row."""
    rows = [line.split("|") for line in table.strip().splitlines()]
    return {
        who.strip(): " ".join(cells).split()
        for who, *cells in rows
        if who.strip() and who[0] != " "
    }


@dataclass(frozen=True)
class World:
    groups: Mapping[str, Namespace]
    projects: Mapping[str, Project]
    auths: Mapping[str, Auth]
    user_namespace: str
    open_group: Callable[[Namespace | str | int], Index]
    open_project: Callable[[Project], Index]


@pytest.fixture(scope="module")
def world(server: Server, registry: Registry, session: requests.Session) -> World:
    above = registry.group(visibility="public")
    groups = {
        visibility: registry.group(f"{above.full_path}/{visibility}", visibility)
        for visibility in COLUMNS
    }
    below = registry.group(f"{groups['public'].full_path}/below", "public")
    projects = {
        cell: registry.project(f"{below.full_path}/{cell}", cell.split("-")[0]) for cell in CELLS
    }
    single = {group: registry.project(f"{groups[group].full_path}/single") for group in COLUMNS}
    guest, guest_above, guest_of_one, late = (registry.user() for _ in range(4))
    today = datetime.now(UTC).date()
    registry.member(above, guest_above, "guest")
    registry.member(projects[ONE_PROJECT], guest_of_one, "guest")
    for group in groups.values():
        registry.member(group, guest, "guest")
        registry.member(group, late, "guest", today)
    for project in single.values():
        registry.member(project, guest_of_one, "guest")
    read, write = "read_package_registry", "write_package_registry"
    root = registry.token(registry.user(is_admin=True))
    auths: dict[str, Auth] = {
        "anonymous": None,
        "wrong password": ("__token__", "glpat-wrong"),
        "stranger": ("x", registry.token(registry.user())),
        "guest of the group": ("x", registry.token(guest)),
        "guest of the group above": ("x", registry.token(guest_above)),
        "guest of one project": ("x", registry.token(guest_of_one)),
        "guest until today": ("x", registry.token(late)),
        "administrator": ("x", root),
        "guest, read_api": ("x", registry.token(guest, "read_api")),
        "guest, read_user": ("x", registry.token(guest, "read_user")),
        "group deploy read": ("x", registry.deploy_token(above, read).secret),
        "group deploy write": ("x", registry.deploy_token(above, write).secret),
        "deploy of a project": ("x", registry.deploy_token(single["private"], read).secret),
    }

    def open_project(project: Project) -> Index:
        return project_index(session, server.address, project)

    for cell, project in projects.items():
        assert open_project(project).upload_wheel(f"in-{cell}", ("x", root)).ok
        registry.configure(project, "package_registry_access_level", cell.split("-")[1])
    return World(
        groups,
        projects,
        auths,
        guest.username,
        lambda group: group_index(session, server.address, group),
        open_project,
    )


@pytest.mark.parametrize("who", parse(OPENING))
def test_opening(world: World, who: str) -> None:
    places: list[Namespace | str | int] = [*world.groups.values(), 10**9, world.user_namespace]
    answers = [world.open_group(place).get(auth=world.auths[who]) for place in places]
    assert [str(answer.status_code) for answer in answers] == parse(OPENING)[who]


@pytest.mark.parametrize("who", parse(LISTING))
def test_listing(world: World, who: str) -> None:
    expected = dict(zip(CELLS, parse(LISTING)[who], strict=True))
    index, auth = world.open_group(world.groups["public"]), world.auths[who]
    assert set(index.names(auth)) == {f"in-{cell}" for cell in CELLS if expected[cell] == "x"}
    for cell in CELLS:
        filename, content = build_wheel(f"in-{cell}", "1.0")
        page = index.get(f"/simple/in-{cell}/", auth)
        assert page.status_code == (200 if expected[cell] == "x" else 404), cell
        sha256 = _sha256(content)
        for suffix in ("", ".metadata"):
            file = index.get(f"/files/{sha256}/{filename}{suffix}", auth)
            assert file.status_code == page.status_code, cell


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


@pytest.mark.parametrize("who", ["anonymous", "stranger", "deploy of a project"])
def test_a_hidden_group_looks_like_none(world: World, who: str) -> None:
    auth = world.auths[who]
    group = world.groups["private"]
    seen = set()
    for place in (group, group.full_path, 10**9, "no/such", world.user_namespace):
        answer = world.open_group(place).get(auth=auth)
        seen.add((answer.status_code, answer.content, answer.headers.get("www-authenticate")))
    assert len(seen) == 1


def test_a_group_takes_no_uploads(world: World) -> None:
    index, root = world.open_group(world.groups["public"]), world.auths["administrator"]
    before = index.names(root)
    assert index.upload_wheel("direct", root).status_code in {400, 404, 405}
    assert index.names(root) == before


def test_a_project_is_not_a_group_nor_a_group_a_project(world: World) -> None:
    root = world.auths["administrator"]
    project = world.projects["public-enabled"]
    assert world.open_group(project.full_path).get(auth=root).status_code == 404
    raw = quote(world.groups["public"].full_path, safe="")
    base = world.open_project(project).base.replace(f"/{project.id}/", f"/{raw}/")
    assert Index(world.open_project(project).session, base).get(auth=root).status_code == 404


# --- whose a name is --------------------------------------------------------------------------


def test_a_name_belongs_to_the_project_that_published_it_first(
    world: World, registry: Registry
) -> None:
    group = registry.group(visibility="public")
    first = registry.project(f"{group.full_path}/first", "public")
    second = registry.project(f"{group.full_path}/second", "public")
    root = world.auths["administrator"]
    index = world.open_group(group)
    world.open_project(first).upload_wheel("Shared.Name", root, "1.0")
    world.open_project(second).upload_wheel("shared-name", root, "9.0")
    assert [file["filename"] for file in index.files("shared-name")] == [
        "shared_name-1.0-py3-none-any.whl"
    ]
    assert index.names() == ["shared-name"]
    # Another version of the owner's joins in, the other project's own address is as it was.
    world.open_project(first).upload_wheel("shared-name", root, "2.0")
    assert len(index.files("shared-name")) == 2
    assert [file["filename"] for file in world.open_project(second).files("shared-name")] == [
        "shared_name-9.0-py3-none-any.whl"
    ]


@pytest.mark.parametrize("change", ["visibility=private", "packages_enabled=false"])
def test_a_name_with_a_hidden_owner_is_not_there_rather_than_somebody_elses(
    world: World, registry: Registry, change: str
) -> None:
    group = registry.group(visibility="public")
    owner = registry.project(f"{group.full_path}/owner", "public")
    squatter = registry.project(f"{group.full_path}/squatter", "public")
    root = world.auths["administrator"]
    for project, version in ((owner, "1.0"), (squatter, "9.0")):
        assert world.open_project(project).upload_wheel("internal-lib", root, version).ok
    index = world.open_group(group)
    assert index.names() == ["internal-lib"]
    registry.configure(owner, *change.split("="))
    assert index.names() == []
    assert index.get("/simple/internal-lib/").status_code == 404


def test_groups_are_kept_apart_by_whole_segments_of_their_paths(
    world: World, registry: Registry
) -> None:
    stem = fresh("stem")
    short, longer = registry.group(stem, "public"), registry.group(f"{stem}-2", "public")
    project = registry.project(f"{longer.full_path}/inside", "public")
    user = registry.user()
    registry.member(short, user, "owner")
    root = world.auths["administrator"]
    world.open_project(project).upload_wheel("apart", root)
    assert world.open_group(short).names() == []
    assert world.open_group(longer).names() == ["apart"]
    auth = ("x", registry.token(user))
    assert world.open_project(project).upload_wheel("intruder", auth).status_code == 403


def test_a_group_is_found_by_its_path_in_any_case(world: World) -> None:
    group = world.groups["public"]
    by_id = world.open_group(group).names(world.auths["administrator"])
    for path in (group.full_path, group.full_path.upper()):
        assert world.open_group(path).names(world.auths["administrator"]) == by_id
