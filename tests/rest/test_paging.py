import base64
import json
import re
import socket
from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from people import People, Person, connect
from publications import publish
from registry import Registry, fresh
from running import Server
from wheelyard.app import Machinery
from wheelyard.domain.access import Visibility
from wheelyard.domain.models.callers import Caller
from wheelyard.domain.models.places import Namespace

COUNT = 23
LINK = re.compile(r'<([^>]+)>; rel="(\w+)"')


@pytest.fixture(scope="module")
def group(people: People) -> Namespace:
    made = people.registry.group(visibility="private")
    add_projects(people.registry, made, COUNT)
    return made


def add_projects(registry: Registry, group: Namespace, count: int) -> None:
    """Add projects p00000, p00001, … in one transaction."""

    async def add(machines: Machinery, by: Caller) -> None:
        async with machines.db.write() as tx:
            for number in range(count):
                await tx.projects.create(
                    namespace=group,
                    path=f"p{number:05}",
                    name=f"p{number:05}",
                    visibility=Visibility.PRIVATE,
                    description="",
                    creator_id=None,
                    at=by.at,
                )

    registry.run(add)


def ask(people: People, person: Person, path: str, **parameters: object) -> requests.Response:
    return requests.get(
        f"{people.api}{path}",
        params={key: str(value) for key, value in parameters.items()},
        headers=person.headers,
        timeout=60,
    )


def links(answer: requests.Response) -> dict[str, str]:
    return {rel: address for address, rel in LINK.findall(answer.headers.get("Link", ""))}


def page_of(address: str) -> str:
    return parse_qs(urlsplit(address).query)["page"][0]


# page, per_page: the headers page, per page, next, prev, total, total pages; the links
TABLE = """
 1 |  - |  1  20  2  -  23  2 | next=2 first=1 last=2        | 20
 2 |  - |  2  20  -  1  23  2 | prev=1 first=1 last=2        |  3
 3 |  - |  3  20  -  2  23  2 | prev=2 first=1 last=2        |  0
 3 |  5 |  3   5  4  2  23  5 | prev=2 next=4 first=1 last=5 |  5
 5 |  5 |  5   5  -  4  23  5 | prev=4 first=1 last=5        |  3
 1 | 23 |  1  23  -  -  23  1 | first=1 last=1               | 23
 1 |101 |  1 100  -  -  23  1 | first=1 last=1               | 23
 0 |  5 |  1   5  2  -  23  5 | next=2 first=1 last=5        |  5
-3 | -1 |  1  20  2  -  23  2 | next=2 first=1 last=2        | 20
"""
HEADERS = ["X-Page", "X-Per-Page", "X-Next-Page", "X-Prev-Page", "X-Total", "X-Total-Pages"]


@pytest.mark.parametrize("row", TABLE.strip().splitlines())
def test_pages(people: People, admin: Person, group: Namespace, row: str) -> None:
    page, per_page, headers, expected, count = (cell.strip() for cell in row.split("|"))
    parameters = {"page": page} | ({} if per_page == "-" else {"per_page": per_page})
    answer = ask(people, admin, f"/groups/{group.id}/projects", **parameters)
    assert answer.status_code == 200
    assert [answer.headers[name] or "-" for name in HEADERS] == headers.split()
    found = {rel: page_of(address) for rel, address in links(answer).items()}
    assert found == dict(pair.split("=") for pair in expected.split())
    assert len(answer.json()) == int(count)


@pytest.mark.parametrize(
    ("parameters", "sentence"),
    [
        ({"per_page": 0}, "per_page has a value not allowed"),
        ({"per_page": "many"}, "per_page is invalid"),
        ({"page": "last"}, "page is invalid"),
        ({"page": 10**20}, "page is invalid"),
        ({"order_by": "secret"}, "order_by does not have a valid value"),
        ({"sort": "up"}, "sort does not have a valid value"),
        ({"pagination": "other"}, "pagination does not have a valid value"),
        ({"pagination": "keyset", "cursor": "!"}, "cursor is invalid"),
        ({"pagination": "keyset", "cursor": "OTk5" * 2000}, "cursor is invalid"),
        ({"pagination": "keyset", "sort": "asc", "id_after": 2**70}, "id_after is invalid"),
    ],
)
def test_what_is_no_page(
    people: People, admin: Person, parameters: dict[str, object], sentence: str
) -> None:
    answer = ask(people, admin, "/projects", **parameters)
    assert answer.status_code == 400
    assert sentence in answer.text


def test_links_are_absolute_and_keep_the_question_but_no_secret(
    people: People, admin: Person, group: Namespace
) -> None:
    answer = requests.get(
        f"{people.api}/groups/{group.id}/projects",
        params={"private_token": admin.secret, "search": "p 0&", "per_page": "2", "sort": "asc"},
        timeout=60,
    )
    assert answer.status_code == 200
    for address in links(answer).values():
        assert address.startswith(f"{people.api}/groups/{group.id}/projects?")
        query = parse_qs(urlsplit(address).query)
        assert (query["search"], query["sort"], query["per_page"]) == (["p 0&"], ["asc"], ["2"])
        assert admin.secret not in address


def test_links_have_the_configured_address(start_server: Callable[..., Server]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    external = f"http://localhost:{port}"
    server = start_server("--port", str(port), environment={"WHEELYARD_EXTERNAL_URL": external})
    registry = Registry(server.data)
    people = People(f"http://127.0.0.1:{port}", registry)
    admin = people.new(is_admin=True)
    project = registry.project()
    answer = ask(people, admin, "/projects")
    assert links(answer)["first"].startswith(f"{external}/api/v4/projects?")
    assert answer.json()[0]["web_url"] == f"{external}/{project.full_path}"


@pytest.mark.parametrize("sort", ["asc", "desc"])
def test_keysets(people: People, admin: Person, group: Namespace, sort: str) -> None:
    seen: list[int] = []
    answer = ask(
        people,
        admin,
        f"/groups/{group.id}/projects",
        pagination="keyset",
        order_by="id",
        sort=sort,
        per_page=10,
    )
    for _ in range(9):
        seen += [project["id"] for project in answer.json()]
        assert "X-Total" not in answer.headers
        assert set(links(answer)) <= {"next"}
        if not links(answer):
            break
        answer = requests.get(links(answer)["next"], headers=admin.headers, timeout=60)
    assert len(seen) == len(set(seen)) == COUNT
    assert seen == sorted(seen, reverse=sort == "desc")


def test_keysets_by_id(people: People, admin: Person, group: Namespace) -> None:
    path = f"/groups/{group.id}/projects"
    ids = sorted(row["id"] for row in ask(people, admin, path, per_page=100).json())
    after = ask(people, admin, path, pagination="keyset", sort="asc", id_after=ids[4], per_page=2)
    before = ask(people, admin, path, pagination="keyset", id_before=ids[4], per_page=2)
    assert [row["id"] for row in after.json()] == ids[5:7]
    assert [row["id"] for row in before.json()] == [ids[3], ids[2]]


def test_there_is_no_keyset_of_projects_names(people: People, admin: Person) -> None:
    answer = ask(people, admin, "/projects", pagination="keyset", order_by="name")
    assert answer.status_code == 405
    assert "Keyset pagination is not yet available" in answer.text


@pytest.mark.parametrize("sort", ["asc", "desc", None])
@pytest.mark.parametrize("order_by", ["name", "username", "created_at", "updated_at", "id"])
def test_keysets_of_users(admin: Person, order_by: str, sort: str | None) -> None:
    """GitLab's orders; entries that are alike in it, and awkward ones, come once each."""
    stem = fresh("Keyed")
    names = ["Zoë", "zoe", "Same", "Same", "same", "Ünal", "'; --", "100%", "a_b", "\U0001f9e1"]
    for number, name in enumerate(names):
        admin.gitlab.users.create({"username": f"{stem}-{number}", "name": name})
    query = {"search": stem, "order_by": order_by} | ({} if sort is None else {"sort": sort})
    by_keyset = admin.gitlab.users.list(iterator=True, pagination="keyset", per_page=3, **query)
    found = [user.id for user in by_keyset]
    by_number = admin.gitlab.users.list(iterator=True, per_page=4, **query)
    assert found == [user.id for user in by_number]
    assert len(set(found)) == len(names)


def test_keysets_of_groups_go_up_by_name(people: People) -> None:
    person = people.new()
    for name in ("b", "C", "a"):
        person.gitlab.groups.create({"name": name, "path": fresh(name)})
    groups = person.gitlab.groups
    found = groups.list(iterator=True, pagination="keyset", order_by="name", per_page=1)
    assert [group.name for group in found] == ["a", "b", "C"]
    found = groups.list(iterator=True, pagination="keyset", sort="desc", order_by="path")
    assert [group.name for group in found] == ["C", "b", "a"]


def test_a_keyset_bears_that_what_was_seen_is_deleted(people: People, registry: Registry) -> None:
    """As scripts do: take each of a long list, and delete it."""
    project = registry.project()
    owner = people.with_role(project, "owner")
    versions = [f"1.{number}" for number in range(7)]
    publish(people.address, project, owner, *(("pkg", version) for version in versions))
    packages = owner.gitlab.projects.get(project.id).packages
    deleted = []
    for package in packages.list(
        iterator=True, pagination="keyset", order_by="version", sort="asc", per_page=2
    ):
        package.delete()
        deleted.append(package.version)
    assert deleted == versions
    assert packages.list(get_all=True) == []


@pytest.mark.parametrize(
    "position",
    [
        [1, 2],
        [1, None],
        [1, "yesterday"],
        [1, "0001-01-01T00:00:00+23:59"],
        [1, "\0"],
        [1, [1]],
        ["1", "x"],
        [2**70, "x"],
        [],
        1,
        {},
    ],
)
def test_a_cursor_that_was_made_up(people: People, admin: Person, position: object) -> None:
    cursor = base64.urlsafe_b64encode(json.dumps(position).encode()).decode().rstrip("=")
    query = {"pagination": "keyset", "order_by": "created_at", "cursor": cursor}
    answer = ask(people, admin, "/users", **query)
    assert (answer.status_code, "cursor is invalid" in answer.text) == (400, True)


def test_python_gitlab_walks_through(admin: Person, group: Namespace) -> None:
    projects = admin.gitlab.groups.get(group.id).projects
    assert len(projects.list(get_all=True, per_page=7)) == COUNT
    iterator = projects.list(iterator=True, per_page=10, order_by="name", sort="asc")
    assert (iterator.total, iterator.total_pages, iterator.per_page) == (COUNT, 3, 10)
    assert [project.name for project in iterator] == [f"p{number:05}" for number in range(COUNT)]
    by_key = projects.list(iterator=True, pagination="keyset", order_by="id", per_page=10)
    assert len(list(by_key)) == COUNT


def test_above_ten_thousand_rows_nothing_is_counted(start_server: Callable[..., Server]) -> None:
    server = start_server()
    registry = Registry(server.data)
    people = People(server.address, registry)
    admin = people.new(is_admin=True)
    group = registry.group(fresh("many"))
    add_projects(registry, group, 10_000)
    full = ask(people, admin, "/projects")
    assert (full.headers["X-Total"], full.headers["X-Total-Pages"]) == ("10000", "500")
    assert page_of(links(full)["last"]) == "500"
    registry.project()
    over = ask(people, admin, "/projects", page=2)
    assert "X-Total" not in over.headers
    assert "X-Total-Pages" not in over.headers
    assert set(links(over)) == {"prev", "next", "first"}
    assert over.headers["X-Next-Page"] == "3"
    iterator = connect(server.address, admin.secret).projects.list(iterator=True)
    assert iterator.total is None
