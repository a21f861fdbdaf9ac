"""Signing in and out: the form, the cookies, where it leads, and what ends a session."""

import socket
from collections.abc import Callable
from http.cookies import SimpleCookie
from urllib.parse import quote

import pytest

from people import People
from registry import Registry, fresh
from running import Server
from visiting import PASSWORD, SESSION_COOKIE, Page, Visitor, open_for
from wheelyard.actions.users import UserChange, change_user, create_user, set_blocked
from wheelyard.domain.models.users import User
from wheelyard.http.limits import MAX_WRONG_SECRETS, WINDOW_SECONDS

VISIT_COOKIE = "wheelyard_visit"
WRONG = "Invalid login or password."


@pytest.fixture
def person(registry: Registry) -> User:
    """Make somebody with a password and an e-mail address."""
    name = fresh("person")
    return registry.run(
        lambda machines, by: create_user(
            machines.db,
            machines.passwords,
            by,
            username=name,
            email=f"{name}@example.org",
            password=PASSWORD,
        )
    )


def cookies(page: Page) -> dict[str, dict[str, str]]:
    """Return each cookie that an answer sets: its value and its attributes, in lower case."""
    jar: SimpleCookie = SimpleCookie()
    for line in page.answer.raw.headers.getlist("Set-Cookie"):
        jar.load(line)
    return {
        name: {"value": morsel.value}
        | {key: str(value) for key, value in morsel.items() if value not in {"", None}}
        for name, morsel in jar.items()
    }


def free_port() -> int:
    """Return a port that is free now; a server with an external address prints only that."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def is_signed_in(visitor: Visitor) -> bool:
    return visitor.get("/projects/new").status == 200


def test_the_form(stranger: Visitor) -> None:
    page = stranger.get("/users/sign_in")
    assert (page.status, page.heading) == (200, "Sign in")
    labels = page.labels()
    assert labels["Username or primary email"]["autocomplete"] == "username"
    assert labels["Password"]["type"] == "password"
    assert page.form("Sign in")["method"] == "post"


@pytest.mark.parametrize("by_email", [False, True])
def test_signing_in(stranger: Visitor, person: User, *, by_email: bool) -> None:
    login = person.email if by_email else person.username.upper()
    page = stranger.sign_in(login or "")
    assert (page.status, page.location) == (303, "/")
    set_now = cookies(page)
    session = set_now[SESSION_COOKIE]
    assert (session["path"], session["samesite"], session["httponly"]) == ("/", "Lax", "True")
    assert "secure" not in session
    assert "domain" not in session
    assert len(session["value"]) >= 43, "256 bits in base 64"
    assert set_now[VISIT_COOKIE]["max-age"] == "0", "the secret from before is of no use any more"
    assert person.name in stranger.get("/").text


def test_a_session_that_somebody_else_planted_is_not_taken_on(
    stranger: Visitor, person: User
) -> None:
    stranger.session.cookies.set(SESSION_COOKIE, "planted")
    page = stranger.sign_in(person.username)
    assert cookies(page)[SESSION_COOKIE]["value"] != "planted"
    first = cookies(page)[SESSION_COOKIE]["value"]
    stranger.session.cookies.clear()
    again = cookies(stranger.sign_in(person.username))[SESSION_COOKIE]["value"]
    assert first != again


@pytest.mark.parametrize("username", ["person", "nobody-at-all", ""])
def test_a_wrong_password(stranger: Visitor, person: User, username: str) -> None:
    login = person.username if username == "person" else username
    page = stranger.sign_in(login, "a wrong password")
    assert page.status == 422
    assert WRONG in page.text
    assert page.labels()["Username or primary email"]["value"] == login
    assert not page.labels()["Password"].get("value")
    assert SESSION_COOKIE not in cookies(page)
    assert not is_signed_in(stranger)


def test_a_blocked_account(stranger: Visitor, person: User, registry: Registry) -> None:
    registry.run(lambda machines, by: set_blocked(machines.db, by, person.id, is_blocked=True))
    page = stranger.sign_in(person.username)
    assert (page.status, "has been blocked" in page.text) == (422, True)
    assert WRONG in stranger.sign_in(person.username, "a wrong password").text


@pytest.mark.parametrize(
    "asked",
    ["/projects/new", "/some/group/-/packages?page=2&sort=name", "/a%20b", "/ä"],
)
def test_back_to_where_one_was(stranger: Visitor, person: User, asked: str) -> None:
    page = stranger.sign_in(person.username, redirect_to=quote(asked, safe=""))
    assert page.location == quote(asked, safe="/%?&=")
    again = stranger.get(f"/users/sign_in?redirect_to={quote(asked, safe='')}")
    assert (again.status, again.location) == (303, page.location)


@pytest.mark.parametrize(
    "asked",
    [
        *("https://evil.example/", "//evil.example", "/\\evil.example", "\\\\evil.example"),
        *("/\t/evil.example", "/\n/evil.example", "javascript:alert(1)", "evil.example", ""),
        *("///evil.example", "/users/sign_out", "/users/sign_in", "http:/evil.example"),
        "/a\r\nSet-Cookie: x=y",
    ],
)
def test_nowhere_else(stranger: Visitor, person: User, asked: str) -> None:
    page = stranger.sign_in(person.username, redirect_to=quote(asked, safe=""))
    assert (page.status, page.location) == (303, "/")
    hidden = {"login": person.username, "password": PASSWORD, "redirect_to": asked}
    other = Visitor(stranger.address)
    form = other.get("/users/sign_in")
    assert other.submit(form, "Sign in", **hidden).location == "/"


def test_too_many_wrong_passwords(server: Server, person: User) -> None:
    """Past the limit a password is not even looked at, and the page says for how long."""
    visitor = Visitor(server.address)
    form = visitor.get("/users/sign_in")
    for number in range(MAX_WRONG_SECRETS):
        page = visitor.submit(form, "Sign in", login=person.username, password=f"wrong-{number}")
        assert page.status == 422
    page = visitor.submit(form, "Sign in", login=person.username, password=PASSWORD)
    assert page.status == 429
    assert page.answer.headers["Content-Type"].startswith("text/html")
    assert 1 <= int(page.answer.headers["Retry-After"]) <= WINDOW_SECONDS
    assert "Try again in" in page.text
    assert not is_signed_in(visitor)
    assert Visitor(server.address).sign_in(person.username).status == 303, "from elsewhere"


def test_signing_out(stranger: Visitor, person: User, server: Server) -> None:
    secret = cookies(stranger.sign_in(person.username))[SESSION_COOKIE]["value"]
    page = stranger.submit(stranger.get("/"), "Sign out")
    assert (page.status, page.location) == (303, "/users/sign_in")
    assert cookies(page)[SESSION_COOKIE]["max-age"] == "0"
    assert "You are signed out." in stranger.get("/users/sign_in").text
    assert "You are signed out." not in stranger.get("/users/sign_in").text, "it is said once"
    thief = Visitor(server.address)
    thief.session.cookies.set(SESSION_COOKIE, secret)
    assert not is_signed_in(thief), "the session has ended, not only the cookie"


def test_blocking_and_another_password_sign_out_at_once(
    server: Server, registry: Registry, person: User
) -> None:
    def signed_in() -> Visitor:
        visitor = Visitor(server.address).sign_in_as(registry, person)
        assert is_signed_in(visitor)
        return visitor

    visitor = signed_in()
    admin = People(server.address, registry).new(is_admin=True)
    admin.gitlab.users.get(person.id).block()
    assert not is_signed_in(visitor)
    admin.gitlab.users.get(person.id).unblock()
    assert not is_signed_in(visitor)
    visitor = signed_in()
    change = UserChange(password="another long password")
    registry.run(
        lambda machines, by: change_user(machines.db, machines.passwords, by, person.id, change)
    )
    assert not is_signed_in(visitor)


def test_cookies_behind_tls(start_server: Callable[..., Server]) -> None:
    """With TLS seen by the browser, the cookies cannot come from, or go to, a plain connection."""
    external = {"WHEELYARD_EXTERNAL_URL": "https://packages.example.org"}
    port = free_port()
    registry = Registry(start_server("--port", str(port), environment=external).data)
    visitor = Visitor(f"http://127.0.0.1:{port}")
    cookie = cookies(visitor.get("/users/sign_in"))[f"__Host-{VISIT_COOKIE}"]
    assert (cookie["secure"], cookie["path"]) == ("True", "/")
    assert "domain" not in cookie
    secret = open_for(registry, registry.user())
    plain = visitor.get("/projects/new", Cookie=f"{SESSION_COOKIE}={secret}")
    assert plain.status == 302, "a cookie that anybody could plant is not looked at"
    right = visitor.get("/projects/new", Cookie=f"__Host-{SESSION_COOKIE}={secret}")
    assert right.status == 200


def test_cookies_behind_a_proxy_with_tls(start_server: Callable[..., Server]) -> None:
    server = start_server(environment={"WHEELYARD_TRUSTED_PROXIES": "127.0.0.0/8"})
    visitor = Visitor(server.address)
    over_tls = visitor.get("/users/sign_in", X_Forwarded_Proto="https")
    assert list(cookies(over_tls)) == [f"__Host-{VISIT_COOKIE}"]
    assert list(cookies(visitor.get("/users/sign_in"))) == [VISIT_COOKIE]
