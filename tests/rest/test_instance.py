from collections.abc import Callable

import pytest
import requests
from gitlab import Gitlab

from distributions import build_wheel
from people import People, Person, refused
from registry import Registry, fresh
from requesting import project_index
from running import Server
from wheelyard import __version__


@pytest.fixture
def own(start_server: Callable[..., Server]) -> People:
    """Return people of a server that the test may reconfigure."""
    server = start_server()
    return People(server.address, Registry(server.data))


def test_version(people: People, anonymous: Gitlab) -> None:
    person = people.new("read_user")
    assert person.gitlab.version() == (__version__, "wheelyard")
    assert person.get("/metadata")["enterprise"] is False
    assert refused(anonymous.http_get, "/version")[0] == 401


def test_settings(own: People) -> None:
    gitlab = own.new(is_admin=True).gitlab
    settings = gitlab.settings.get()
    assert settings.packages_enabled is True
    assert settings.default_project_visibility == "private"
    assert settings.signup_enabled is False
    assert settings.max_personal_access_token_lifetime is None
    assert settings.package_registry_allow_anyone_to_pull_option is True
    settings.default_project_visibility = "internal"
    settings.max_personal_access_token_lifetime = 90
    settings.duplicates = "deny"
    settings.package_registry_allow_anyone_to_pull_option = False
    settings.save()
    again = gitlab.settings.get()
    assert again.default_project_visibility == "internal"
    assert again.max_personal_access_token_lifetime == 90
    assert again.duplicates == "deny"
    assert again.anyone_may_pull_allowed is False
    assert gitlab.projects.create({"name": "born"}).visibility == "internal"
    gitlab.settings.update(None, {"max_personal_access_token_lifetime": None})
    assert gitlab.settings.get().max_personal_access_token_lifetime is None


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"duplicates": "sometimes"}, "duplicates"),
        ({"packages_enabled": "perhaps"}, "packages_enabled"),
        ({"max_file_size_bytes": 0}, "max_file_size_bytes"),
        ({"max_file_size_bytes": -5}, "max_file_size_bytes"),
        ({"max_file_size_bytes": 10**30}, "max_file_size_bytes"),
        ({"max_file_size_bytes": 1.5}, "max_file_size_bytes"),
        ({"default_group_visibility": "hidden"}, "default_group_visibility"),
        ({"validation": ["off"]}, "validation"),
        ({"packages_enabled": False, "duplicates": ""}, "duplicates"),
        ({"signup_enabled": True}, "signup_enabled"),
        (
            {"require_admin_approval_after_user_signup": False, "duplicates": "allow"},
            "require_admin_approval_after_user_signup",
        ),
    ],
)
def test_wrong_settings_change_nothing(
    people: People, admin: Person, body: dict[str, object], field: str
) -> None:
    before = admin.gitlab.settings.get().attributes
    answer = requests.put(
        f"{people.api}/application/settings", json=body, headers=admin.headers, timeout=60
    )
    assert answer.status_code == 400
    assert list(answer.json()["message"]) == [field]
    assert admin.gitlab.settings.get().attributes == before


def test_there_is_no_sign_up(admin: Person) -> None:
    """Who turns it on is told; who sends the settings back as they were is let through."""
    settings = admin.gitlab.settings.get()
    code, message = refused(admin.gitlab.settings.update, None, {"signup_enabled": True})
    assert (code, "administrators make the accounts here" in message) == (400, True)
    fixed = {"signup_enabled": False, "require_admin_approval_after_user_signup": True}
    admin.gitlab.settings.update(None, fixed)
    again = admin.gitlab.settings.get().attributes
    assert again == settings.attributes
    assert {key: again[key] for key in fixed} == fixed


def test_nothing_is_no_change(admin: Person) -> None:
    code, message = refused(admin.gitlab.settings.update, None, {"unknown": 1})
    assert (code, "at least one parameter must be provided" in message) == (400, True)


def test_the_size_limit(own: People) -> None:
    admin = own.new(is_admin=True)
    project, secret = own.registry.publisher()
    limits = admin.gitlab.http_get("/application/plan_limits")
    assert limits == {"pypi_max_file_size": 50 * 1024 * 1024}
    body = {"plan_name": "default", "pypi_max_file_size": 100}
    assert admin.gitlab.http_put("/application/plan_limits", post_data=body) == {
        "pypi_max_file_size": 100
    }
    index = project_index(requests.Session(), own.address, project)
    assert index.upload_wheel("large", ("x", secret)).status_code == 413
    for wrong in ({**body, "pypi_max_file_size": 0}, {**body, "plan_name": "gold"}):
        put = admin.gitlab.http_put
        assert refused(put, "/application/plan_limits", post_data=wrong)[0] == 400
    assert admin.gitlab.settings.get().max_file_size_bytes == 100


def test_what_anybody_may_pull_is_switched_off_everywhere_at_once(own: People) -> None:
    admin = own.new(is_admin=True)
    project, secret = own.registry.publisher()
    index = project_index(requests.Session(), own.address, project)
    assert index.upload(*build_wheel("open", "1.0"), ("x", secret)).status_code == 201
    gitlab = own.with_role(project, "maintainer").gitlab
    gitlab.projects.update(project.id, {"package_registry_access_level": "public"})
    assert index.names() == ["open"]
    admin.gitlab.settings.update(None, {"anyone_may_pull_allowed": False})
    assert index.get().status_code == 401
    seen = gitlab.projects.get(project.id)
    assert seen.package_registry_access_level == "enabled"
    assert seen.own_settings["package_registry_access_level"] == "public"
    admin.gitlab.settings.update(None, {"anyone_may_pull_allowed": True})
    assert index.names() == ["open"]


def test_duplicates_of_the_instance(own: People) -> None:
    admin = own.new(is_admin=True)
    plain, own_way = (own.registry.publisher() for _ in range(2))
    own.registry.configure(own_way[0], "duplicates", "allow")
    admin.gitlab.settings.update(None, {"duplicates": "deny"})
    session = requests.Session()
    for (project, secret), status in ((plain, 409), (own_way, 201)):
        index = project_index(session, own.address, project)
        for content, expected in (("1", 201), ("2", status)):
            wheel = build_wheel("twice", "1.0", files={"twice.py": content.encode()})
            assert index.upload(*wheel, ("x", secret)).status_code == expected


def test_only_administrators(people: People, anonymous: Gitlab) -> None:
    person = people.new().gitlab
    for path in ("/application/settings", "/application/plan_limits"):
        for gitlab, code in ((person, 403), (anonymous, 401)):
            assert refused(gitlab.http_get, path)[0] == code
            body = {"plan_name": "default", "packages_enabled": False}
            assert refused(gitlab.http_put, path, post_data=body)[0] == code


# --- every route ------------------------------------------------------------------------------


def routes(people: People) -> list[tuple[str, str]]:
    paths = requests.get(f"{people.api}/openapi.json", timeout=60).json()["paths"]
    return [(method.upper(), path) for path, methods in paths.items() for method in methods]


def fill(path: str) -> str:
    """Put something that does not exist in place of every parameter."""
    return "/".join("999999999" if part.startswith("{") else part for part in path.split("/"))


def test_no_route_takes_a_token_without_the_scope(people: People, admin: Person) -> None:
    reader = people.connect(admin.user, "read_api")
    nothing = people.connect(admin.user, "self_rotate")
    checked = 0
    for method, path in routes(people):
        if path.startswith("/personal_access_tokens/self") or path.endswith("self/rotate"):
            continue  # a token may tell of itself and rotate itself: tests of their own
        person = nothing if method == "GET" else reader
        answer = requests.request(
            method,
            people.api + fill(path),
            json={},
            headers=person.headers,
            timeout=60,
        )
        if answer.status_code == 400:  # a body's or query's shape is looked at first
            assert "is missing" in answer.text or "is invalid" in answer.text, (method, path)
            continue
        assert answer.status_code == 403, (method, path, answer.text)
        assert answer.json()["error"] == "insufficient_scope"
        checked += 1
    assert checked > 60


@pytest.mark.parametrize("way", ["header", "bearer", "query"])
def test_the_ways_to_send_a_token(people: People, way: str) -> None:
    person = people.new()
    headers = {
        "header": {"PRIVATE-TOKEN": person.secret},
        "bearer": {"Authorization": f"Bearer {person.secret}"},
        "query": {},
    }[way]
    query = f"?private_token={person.secret}" if way == "query" else ""
    answer = requests.get(f"{people.api}/user{query}", headers=headers, timeout=60)
    assert answer.json()["id"] == person.user.id


@pytest.mark.parametrize("form", ["json", "form", "multipart", "query", "mixed"])
def test_the_ways_to_send_parameters(people: People, form: str) -> None:
    person, name = people.new(), fresh("sent")
    body = {"name": "A naïve name", "path": name, "visibility": "internal"}
    address, headers = f"{people.api}/groups", person.headers
    sent = {
        "json": lambda: requests.post(address, json=body, headers=headers, timeout=60),
        "form": lambda: requests.post(address, data=body, headers=headers, timeout=60),
        "multipart": lambda: requests.post(
            address,
            files={key: (None, value) for key, value in body.items()},
            headers=headers,
            timeout=60,
        ),
        "query": lambda: requests.post(address, params=body, headers=headers, timeout=60),
        "mixed": lambda: requests.post(
            address,
            params={**body, "path": "overridden"},
            json={"path": name},
            headers=headers,
            timeout=60,
        ),
    }[form]()
    assert sent.status_code == 201, sent.text
    assert {key: sent.json()[key] for key in body} == body


@pytest.mark.parametrize(
    ("content_type", "content", "status"),
    [
        ("application/json", b"{", 400),
        ("application/json", b"[1]", 400),
        ("application/json", b'{"name": "\xff"}', 400),
        ("application/json", b"[" * 100_000, 400),
        ("application/json", b'{"name":"' + b"x" * 1024 * 1024 + b'"}', 413),
        ("application/x-www-form-urlencoded", b"a=%ff", 400),
        ("application/x-www-form-urlencoded", b"&".join([b"a=1"] * 2000), 400),
        ("multipart/form-data; boundary=x", b"--x\r\nbroken", 400),
        ("multipart/form-data", b"--x--", 400),
        ("text/plain", b"name=x", 400),
    ],
)
def test_bodies_that_are_none(
    people: People, admin: Person, content_type: str, content: bytes, status: int
) -> None:
    answer = requests.post(
        f"{people.api}/groups",
        data=content,
        headers={**admin.headers, "Content-Type": content_type},
        timeout=60,
    )
    assert answer.status_code == status
    assert answer.json()["message"]
