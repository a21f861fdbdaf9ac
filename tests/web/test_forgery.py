"""Forms of other sites are refused: in one place, for every form there is."""

import pytest

from registry import Registry, fresh
from running import Server
from visiting import Page, Visitor, filled
from wheelyard.domain.models.users import User

FORM = {"name": "Forged", "visibility": "private"}


def token_of(page: Page) -> str:
    field = page.soup.find("input", attrs={"name": "authenticity_token"})
    assert field is not None
    return str(field["value"])


def is_refused(page: Page) -> bool:
    is_page = page.answer.headers["Content-Type"].startswith("text/html")
    return page.status == 403 and is_page and page.heading == "Forbidden"


def wish(user: User, token: str) -> dict[str, str | list[str]]:
    return {**FORM, "namespace": user.username, "path": fresh("p"), "authenticity_token": token}


@pytest.mark.parametrize("path", ["/users/sign_in", "/users/sign_out", "/-/theme", "/projects/new"])
@pytest.mark.parametrize("who", ["stranger", "visitor"])
def test_every_form_needs_the_token(request: pytest.FixtureRequest, path: str, who: str) -> None:
    browser: Visitor = request.getfixturevalue(who)
    for token in ("", "x", "ä", "A" * 86, "A" * 88):
        assert is_refused(browser.post(path, {"authenticity_token": token}))
    assert is_refused(browser.post(path, {}))
    browser.get("/users/sign_in")
    assert is_refused(browser.post(path, {}))


def test_the_token_of_another_browser(
    server: Server, registry: Registry, visitor: Visitor, user: User
) -> None:
    other = Visitor(server.address).sign_in_as(registry, user)
    foreign = token_of(other.get("/projects/new"))
    assert is_refused(visitor.post("/projects/new", wish(user, foreign)))
    before = Visitor(server.address)
    visit = token_of(before.get("/users/sign_in"))
    before.sign_in_as(registry, user)
    assert is_refused(before.post("/projects/new", wish(user, visit))), "from before the sign-in"
    assert "Forged" not in visitor.get("/").text


def test_the_right_token_in_the_form_or_in_the_header(visitor: Visitor, user: User) -> None:
    page = visitor.get("/projects/new")
    assert visitor.post("/projects/new", wish(user, token_of(page))).status == 303
    without = wish(user, "")
    assert visitor.post("/projects/new", without, X_CSRF_Token=token_of(page)).status == 303
    again = token_of(visitor.get("/projects/new"))
    assert again != token_of(page), "each page has it in another disguise"
    assert visitor.post("/projects/new", wish(user, token_of(page))).status == 303, "both count"


@pytest.mark.parametrize(
    "header",
    [
        {"Sec_Fetch_Site": "cross-site"},
        {"Sec_Fetch_Site": "same-site"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://[malformed"},
    ],
    ids=str,
)
def test_a_page_of_another_origin(visitor: Visitor, user: User, header: dict[str, str]) -> None:
    right = wish(user, token_of(visitor.get("/projects/new")))
    assert is_refused(visitor.post("/projects/new", right, **header))


def test_a_page_of_this_origin(visitor: Visitor, user: User) -> None:
    for header in ({"Sec_Fetch_Site": "same-origin"}, {"Origin": visitor.address}):
        right = wish(user, token_of(visitor.get("/projects/new")))
        assert visitor.post("/projects/new", right, **header).status == 303


def test_signing_somebody_in_unasked(stranger: Visitor) -> None:
    """Login CSRF: the sign-in form has a token as well, from before anybody is signed in."""
    form = filled(stranger.get("/users/sign_in").form("Sign in"))
    other = Visitor(stranger.address)
    other.get("/users/sign_in")
    assert is_refused(other.post("/users/sign_in", {**form, "login": "a", "password": "b"}))


def test_malformed_and_endless_forms(visitor: Visitor) -> None:
    token = token_of(visitor.get("/projects/new"))
    answer = visitor.session.post(
        f"{visitor.address}/projects/new",
        data=b"\xff\xfe&%zz=1",
        headers={"Content-Type": "application/x-www-form-urlencoded", "X-CSRF-Token": token},
        timeout=30,
    )
    assert answer.status_code == 400
    for body, status in (({"name": "x" * 300_000}, 413), ({"name": "a\0b"}, 400)):
        page = visitor.post("/projects/new", {**body, "authenticity_token": token})
        assert (page.status, bool(page.heading)) == (status, True)
    many = {f"field-{number}": "x" for number in range(1500)}
    assert visitor.post("/projects/new", {**many, "authenticity_token": token}).status == 400
