"""The permission table, cell by cell, over HTTP: who may read and who may publish, and where.

The two tables below are GitLab's rules ("Package registry visibility permissions", roles, token
scopes, deploy tokens, and the order in which its PyPI endpoints answer 401, 403 and 404), with
one deviation that is ours: an unknown project looks like one that the caller may not see.
"""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
import requests

from distributions import build_wheel
from registry import Registry, fresh
from requesting import Auth, Index, project_index
from running import Server
from wheelyard.actions.groups import create_group
from wheelyard.actions.members import set_member
from wheelyard.actions.project_settings import set_project_setting
from wheelyard.actions.projects import create_project
from wheelyard.actions.tokens import create_deploy_token, create_personal_token
from wheelyard.actions.users import create_user
from wheelyard.app import Machinery
from wheelyard.domain.access import ROLES, Level, Visibility
from wheelyard.domain.models.callers import Caller
from wheelyard.domain.models.places import Project

# Columns: the project's visibility, and below it its package registry: switched off, for members
# only ("private"), for everyone who can read the project ("enabled"), for anyone ("public").
READING = """
                              | public          | internal        | private         | no such
                              | off mem  on any | off mem  on any | off mem  on any | project
anonymous                     | 403 403 200 200 | 401 401 401 200 | 401 401 401 200 | 401
wrong password                | 403 403 200 200 | 401 401 401 200 | 401 401 401 200 | 401
stranger                      | 403 403 200 200 | 403 403 200 200 | 404 404 404 200 | 404
member of another project     | 403 403 200 200 | 403 403 200 200 | 404 404 404 200 | 404
maintainer until today        | 403 403 200 200 | 403 403 200 200 | 404 404 404 200 | 404
guest                         | 403 200 200 200 | 403 200 200 200 | 403 200 200 200 | 404
planner                       | 403 200 200 200 | 403 200 200 200 | 403 200 200 200 | 404
reporter                      | 403 200 200 200 | 403 200 200 200 | 403 200 200 200 | 404
developer                     | 403 200 200 200 | 403 200 200 200 | 403 200 200 200 | 404
developer until tomorrow      | 403 200 200 200 | 403 200 200 200 | 403 200 200 200 | 404
maintainer                    | 403 200 200 200 | 403 200 200 200 | 403 200 200 200 | 404
owner                         | 403 200 200 200 | 403 200 200 200 | 403 200 200 200 | 404
guest of the group            | 403 200 200 200 | 403 200 200 200 | 403 200 200 200 | 404
developer of the group above  | 403 200 200 200 | 403 200 200 200 | 403 200 200 200 | 404
administrator                 | 403 200 200 200 | 403 200 200 200 | 403 200 200 200 | 404
owner, read_api               | 403 200 200 200 | 403 200 200 200 | 403 200 200 200 | 404
owner, read_user              | 403 403 403 403 | 403 403 403 403 | 403 403 403 403 | 403
stranger, read_api            | 403 403 200 200 | 403 403 200 200 | 404 404 404 200 | 404
deploy read                   | 403 200 200 200 | 403 200 200 200 | 403 200 200 200 | 404
deploy write                  | 403 200 200 200 | 403 200 200 200 | 403 200 200 200 | 404
deploy read_registry          | 403 403 403 403 | 403 403 403 403 | 403 403 403 403 | 403
group deploy read             | 403 200 200 200 | 403 200 200 200 | 403 200 200 200 | 404
group above's deploy write    | 403 200 200 200 | 403 200 200 200 | 403 200 200 200 | 404
deploy of another project     | 403 403 200 200 | 404 404 404 200 | 404 404 404 200 | 404
"""

PUBLISHING = """
                              | public          | internal        | private         | no such
                              | off mem  on any | off mem  on any | off mem  on any | project
anonymous                     | 401 401 401 401 | 401 401 401 401 | 401 401 401 401 | 401
wrong password                | 401 401 401 401 | 401 401 401 401 | 401 401 401 401 | 401
stranger                      | 403 403 403 403 | 403 403 403 403 | 404 404 404 404 | 404
member of another project     | 403 403 403 403 | 403 403 403 403 | 404 404 404 404 | 404
maintainer until today        | 403 403 403 403 | 403 403 403 403 | 404 404 404 404 | 404
guest                         | 403 403 403 403 | 403 403 403 403 | 403 403 403 403 | 404
planner                       | 403 403 403 403 | 403 403 403 403 | 403 403 403 403 | 404
reporter                      | 403 403 403 403 | 403 403 403 403 | 403 403 403 403 | 404
developer                     | 403 201 201 201 | 403 201 201 201 | 403 201 201 201 | 404
developer until tomorrow      | 403 201 201 201 | 403 201 201 201 | 403 201 201 201 | 404
maintainer                    | 403 201 201 201 | 403 201 201 201 | 403 201 201 201 | 404
owner                         | 403 201 201 201 | 403 201 201 201 | 403 201 201 201 | 404
guest of the group            | 403 403 403 403 | 403 403 403 403 | 403 403 403 403 | 404
developer of the group above  | 403 201 201 201 | 403 201 201 201 | 403 201 201 201 | 404
administrator                 | 403 201 201 201 | 403 201 201 201 | 403 201 201 201 | 404
owner, read_api               | 403 403 403 403 | 403 403 403 403 | 403 403 403 403 | 403
owner, read_user              | 403 403 403 403 | 403 403 403 403 | 403 403 403 403 | 403
stranger, read_api            | 403 403 403 403 | 403 403 403 403 | 403 403 403 403 | 403
deploy read                   | 403 403 403 403 | 403 403 403 403 | 403 403 403 403 | 403
deploy write                  | 403 201 201 201 | 403 201 201 201 | 403 201 201 201 | 404
deploy read_registry          | 403 403 403 403 | 403 403 403 403 | 403 403 403 403 | 403
group deploy read             | 403 403 403 403 | 403 403 403 403 | 403 403 403 403 | 403
group above's deploy write    | 403 201 201 201 | 403 201 201 201 | 403 201 201 201 | 404
deploy of another project     | 403 403 403 403 | 404 404 404 404 | 404 404 404 404 | 404
"""

ACCESS = ("disabled", "private", "enabled", "public")
COLUMNS = [f"{visibility} {access}" for visibility in Visibility for access in ACCESS]
COLUMNS.sort(key=lambda column: ("public", "internal", "private").index(column.split()[0]))
UNKNOWN = "no such project"

FILENAME, CONTENT = build_wheel("cell", "1.0")
SHA256 = hashlib.sha256(CONTENT).hexdigest()
READS = {
    "index": "/simple/",
    "page": "/simple/cell/",
    "file": "/files/{sha256}/" + FILENAME,
    "metadata": "/files/{sha256}/" + FILENAME + ".metadata",
}

Rows = dict[str, dict[str, int]]


def parse(table: str) -> Rows:
    """Return who → column → status."""
    lines = [line.split("|") for line in table.strip().splitlines()]
    columns = [*COLUMNS, UNKNOWN]
    return {
        who.strip(): dict(zip(columns, map(int, " ".join(cells).split()), strict=True))
        for who, *cells in lines[2:]
        if who.strip()
    }


@dataclass(frozen=True)
class World:
    """One project for every column, and for every row the credential it has in a column."""

    projects: Mapping[str, Project]
    auths: Mapping[str, Callable[[str], Auth]]
    index: Callable[[str], Index]

    def observe(self, ask: Callable[[Index, str, Auth], requests.Response]) -> Rows:
        """Ask in every cell and return the statuses; `ask` gets index, row and credential."""
        return {
            who: {
                column: ask(self.index(column), who, auth_in(column)).status_code
                for column in [*COLUMNS, UNKNOWN]
            }
            for who, auth_in in self.auths.items()
        }


@pytest.fixture(scope="module")
def world(server: Server, registry: Registry, session: requests.Session) -> World:
    made = registry.run(_populate)
    addresses = {column: project.id for column, project in made.projects.items()}

    def index(column: str) -> Index:
        return project_index(session, server.address, addresses.get(column, 10**9))

    root = made.auths["administrator"]
    for column in COLUMNS:
        assert index(column).upload(FILENAME, CONTENT, root(column)).status_code == 201
    registry.run(lambda machines, by: _configure(machines, by, made.projects))
    return World(made.projects, made.auths, index)


@dataclass(frozen=True)
class Populated:
    projects: Mapping[str, Project]
    auths: Mapping[str, Callable[[str], Auth]]


async def _configure(machines: Machinery, by: Caller, projects: Mapping[str, Project]) -> None:
    for column, project in projects.items():
        await set_project_setting(
            machines.db,
            by,
            full_path=project.full_path,
            key="package_registry_access_level",
            text=column.split()[1],
        )


async def _populate(machines: Machinery, by: Caller) -> Populated:
    """Make groups, projects, people and tokens; the projects' registries are still on."""
    db = machines.db
    above = fresh("above")
    group = f"{above}/{fresh('group')}"
    for path in (above, group):
        await create_group(db, by, full_path=path, visibility=Visibility.PUBLIC)

    async def project(visibility: str) -> Project:
        path = f"{group}/{fresh('cell')}"
        return await create_project(db, by, full_path=path, visibility=Visibility(visibility))

    projects = {column: await project(column.split()[0]) for column in COLUMNS}
    everywhere = [made.full_path for made in projects.values()]
    elsewhere = (await project("private")).full_path

    async def user(*, is_admin: bool = False) -> str:
        name = fresh("user")
        await create_user(db, machines.passwords, by, username=name, is_admin=is_admin)
        return name

    async def token(username: str, *scopes: str) -> Callable[[str], Auth]:
        made = await create_personal_token(
            db, by, username=username, name="cell", scopes=scopes or ("api",)
        )
        return lambda _column: ("__token__", made.secret)

    async def member(level: Level, places: list[str], days: int | None = None) -> str:
        name = await user()
        end = None if days is None else datetime.now(UTC).date() + timedelta(days=days)
        for place in places:
            await set_member(db, by, full_path=place, username=name, level=level, expires_at=end)
        return name

    async def deploy(places: Mapping[str, str], *scopes: str) -> Callable[[str], Auth]:
        auths: dict[str, Auth] = {}
        for column, place in places.items():
            made = await create_deploy_token(db, by, full_path=place, name="cell", scopes=scopes)
            auths[column] = (made.token.username or "", made.secret)
        # In the column without a project any of them will do.
        return lambda column: auths.get(column, next(iter(auths.values())))

    own = {column: made.full_path for column, made in projects.items()}
    read, write = "read_package_registry", "write_package_registry"
    stranger, owner = await user(), await member(Level.OWNER, everywhere)
    direct = {
        role: await token(await member(level, everywhere))
        for role, level in ROLES.items()
        if level is not Level.OWNER
    }
    auths: dict[str, Callable[[str], Auth]] = {
        "anonymous": lambda _column: None,
        "wrong password": lambda _column: ("__token__", "glpat-wrong"),
        "stranger": await token(stranger),
        "member of another project": await token(await member(Level.OWNER, [elsewhere])),
        "maintainer until today": await token(await member(Level.MAINTAINER, everywhere, 0)),
        **direct,
        "developer until tomorrow": await token(await member(Level.DEVELOPER, everywhere, 1)),
        "owner": await token(owner),
        "guest of the group": await token(await member(Level.GUEST, [group])),
        "developer of the group above": await token(await member(Level.DEVELOPER, [above])),
        "administrator": await token(await user(is_admin=True)),
        "owner, read_api": await token(owner, "read_api"),
        "owner, read_user": await token(owner, "read_user"),
        "stranger, read_api": await token(stranger, "read_api"),
        "deploy read": await deploy(own, read),
        "deploy write": await deploy(own, write),
        "deploy read_registry": await deploy(own, "read_registry"),
        "group deploy read": await deploy(dict.fromkeys(COLUMNS, group), read),
        "group above's deploy write": await deploy(dict.fromkeys(COLUMNS, above), write),
        "deploy of another project": await deploy(dict.fromkeys(COLUMNS, elsewhere), read, write),
    }
    return Populated(projects, auths)


@pytest.mark.parametrize(("method", "what"), [*(("GET", what) for what in READS), ("HEAD", "file")])
def test_reading(world: World, method: str, what: str) -> None:
    rest = READS[what].format(sha256=SHA256)
    observed = world.observe(lambda index, _who, auth: index.get(rest, auth, method=method))
    assert observed == parse(READING)


def test_publishing(world: World, registry: Registry) -> None:
    names = {who: f"from-{number}" for number, who in enumerate(world.auths)}
    observed = world.observe(lambda index, who, auth: index.upload_wheel(names[who], auth))
    expected = parse(PUBLISHING)
    assert observed == expected

    async def published(machines: Machinery, _by: Caller) -> dict[str, set[str]]:
        async with machines.db.read() as tx:
            return {
                column: set(await tx.packages.project_names(project.id))
                for column, project in world.projects.items()
            }

    # What was refused has left nothing, what was acknowledged is there.
    assert registry.run(published) == {
        column: {"cell"} | {names[who] for who, row in expected.items() if row[column] == 201}
        for column in COLUMNS
    }


@pytest.mark.parametrize("who", ["anonymous", "stranger", "deploy of another project"])
@pytest.mark.parametrize("column", ["private disabled", "private private", "private enabled"])
def test_a_hidden_project_looks_like_none(world: World, who: str, column: str) -> None:
    """To the byte, or the difference would tell that there is something."""

    def everything_of(answer: requests.Response) -> tuple[int, dict[str, str], bytes]:
        own = {"date", "x-request-id"}
        headers = {name: value for name, value in answer.headers.items() if name not in own}
        return answer.status_code, headers, answer.content

    auth = world.auths[who](column)
    hidden, unknown = world.index(column), world.index(UNKNOWN)
    for template in READS.values():
        rest = template.format(sha256=SHA256)
        assert everything_of(hidden.get(rest, auth)) == everything_of(unknown.get(rest, auth))
    assert everything_of(hidden.upload_wheel("other", auth)) == everything_of(
        unknown.upload_wheel("other", auth)
    )
