"""The page of one's access tokens: made, shown once, used, rotated, revoked."""

from datetime import UTC, datetime, timedelta

import pytest

from registry import Registry
from requesting import TIMEOUT_SECONDS
from running import Server
from visiting import Page, Visitor, filled
from wheelyard.domain.models.users import User

ADDRESS = "/-/profile/personal_access_tokens"
BUTTON = "Create personal access token"


def new_secret(page: Page) -> str:
    return str(page.labels()["Your new personal access token"]["value"])


def works(visitor: Visitor, secret: str) -> bool:
    answer = Visitor(visitor.address).session.get(
        f"{visitor.address}/api/v4/user",
        headers={"PRIVATE-TOKEN": secret},
        timeout=TIMEOUT_SECONDS,
    )
    assert answer.status_code in {200, 401}
    return answer.status_code == 200


def create(visitor: Visitor, name: str = "for twine") -> str:
    page = visitor.submit(visitor.get(ADDRESS), BUTTON, name=name, scopes="api")
    assert page.status == 200, page.text
    return new_secret(page)


def test_the_form_has_the_names_that_people_look_for(visitor: Visitor) -> None:
    page = visitor.get(ADDRESS)
    assert (page.status, page.heading) == (200, "Access Tokens")
    labels = page.labels()
    assert {"Token name", "Expiration date", "api", "read_api", "read_user"} <= set(labels)
    assert all(labels[scope]["type"] == "checkbox" for scope in ("api", "read_api", "self_rotate"))
    in_a_month = (datetime.now(UTC) + timedelta(days=30)).date()
    shown = str(labels["Expiration date"]["value"])
    assert abs((datetime.fromisoformat(shown).date() - in_a_month).days) <= 1
    assert visitor.get("/").links()["Access Tokens"] == ADDRESS


def test_a_token_is_shown_once_and_works(visitor: Visitor) -> None:
    page = visitor.submit(visitor.get(ADDRESS), BUTTON, name="for twine", scopes=["api"])
    secret = new_secret(page)
    assert secret.startswith("glpat-")
    assert page.soup.find(None, {"data-copy": secret}) is not None
    assert "no-store" in page.answer.headers["Cache-Control"]
    assert secret not in str(page.answer.headers)
    assert works(visitor, secret)
    later = visitor.get(ADDRESS)
    assert "for twine" in later.text
    assert secret not in later.answer.text


def test_the_address_fills_in_the_form(visitor: Visitor) -> None:
    page = visitor.get(f"{ADDRESS}?name=Upload+here&scopes=api,read_api,nonsense")
    labels = page.labels()
    assert labels["Token name"]["value"] == "Upload here"
    assert [labels[s].has_attr("checked") for s in ("api", "read_api", "read_user")] == [
        True,
        True,
        False,
    ]


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"name": "", "scopes": "api"}, "A token needs a name"),
        ({"name": "x"}, "A token needs at least one scope"),
        ({"name": "x", "scopes": "sudo"}, "is not a scope here"),
        ({"name": "x", "scopes": "api", "expires_at": "2001-01-01"}, "not in the future"),
        ({"name": "x", "scopes": "api", "expires_at": "soon"}, "is not a date"),
    ],
)
def test_mistakes_come_back_with_the_form(
    visitor: Visitor, fields: dict[str, str], problem: str
) -> None:
    page = visitor.submit(visitor.get(ADDRESS), BUTTON, **fields)
    assert page.status == 422
    assert problem in page.text
    assert "Your new personal access token" not in page.labels()
    assert page.labels()["Token name"].get("value", "") == fields["name"]


def test_rotating_ends_the_old_one(visitor: Visitor) -> None:
    old = create(visitor)
    before = visitor.get(ADDRESS)
    page = visitor.submit(before, "Rotate token")
    assert page.status == 200
    new = new_secret(page)
    assert new != old
    assert (works(visitor, old), works(visitor, new)) == (False, True)
    again = visitor.submit(before, "Rotate token")  # the answer was loaded again, or a double click
    assert (again.status, "The token is revoked already." in again.text) == (422, True)
    assert works(visitor, new)


def test_revoking(visitor: Visitor) -> None:
    secret = create(visitor, "a short life")
    page = visitor.submit(visitor.get(ADDRESS), "Revoke token")
    assert (page.status, page.location) == (303, ADDRESS)
    assert not works(visitor, secret)
    assert "was revoked" in visitor.get(ADDRESS).text
    assert "No active tokens" in visitor.get(ADDRESS).text
    assert "a short life" in visitor.get(f"{ADDRESS}?state=inactive").text


def test_others_tokens_are_out_of_reach(
    visitor: Visitor, server: Server, registry: Registry, user: User
) -> None:
    other = registry.user()
    theirs = registry.new_token(other)
    registry.new_token(user)
    csrf = filled(visitor.get(ADDRESS).form(BUTTON))["authenticity_token"]
    for number in (theirs.token.id, 10**17, "x", "9" * 30):
        for deed in ("rotate", "revoke"):
            page = visitor.post(f"{ADDRESS}/{number}/{deed}", {"authenticity_token": csrf})
            assert page.status == 404, number
    assert works(visitor, theirs.secret)
    mine = Visitor(server.address).sign_in_as(registry, other).get(ADDRESS)
    assert "Revoke token" in mine.answer.text


def test_forgery_and_strangers(visitor: Visitor, stranger: Visitor) -> None:
    assert visitor.post(ADDRESS, {"name": "x", "scopes": "api"}).status == 403
    page = stranger.get(ADDRESS)
    assert page.status == 302
    assert page.location.startswith("/users/sign_in")
