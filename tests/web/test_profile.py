"""One's own profile, password and sessions."""

from collections.abc import Sequence

import pytest

from registry import Registry, fresh
from running import Server
from visiting import PASSWORD, Visitor, filled
from wheelyard.actions.users import create_user
from wheelyard.app import Machinery
from wheelyard.domain.models.sessions import Session
from wheelyard.domain.models.users import User

NEW_PASSWORD = "a wholly other horse"
FORM = "/-/profile/password/edit"


@pytest.fixture
def person(registry: Registry) -> User:
    """Make somebody with a password."""
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


@pytest.fixture
def signed_in(stranger: Visitor, person: User) -> Visitor:
    assert stranger.sign_in(person.username).status == 303
    return stranger


def change(visitor: Visitor, current: str, new: str, again: str) -> tuple[int, str]:
    fields = {"current_password": current, "new_password": new, "password_confirmation": again}
    page = visitor.submit(visitor.get(FORM), "Save password", **fields)
    return page.status, page.text


def is_signed_in(visitor: Visitor) -> bool:
    return visitor.get("/-/profile").status == 200


def test_the_profile(signed_in: Visitor, person: User) -> None:
    page = signed_in.get("/-/profile")
    assert (page.status, page.heading) == (200, "Profile")
    assert person.username in page.text
    assert str(person.email) in page.text
    saved = signed_in.submit(page, "Update profile settings", name="Ada of the Wheels")
    assert saved.status == 303
    assert signed_in.get("/-/profile").labels()["Full name"]["value"] == "Ada of the Wheels"
    empty = signed_in.submit(page, "Update profile settings", name=" ")
    assert (empty.status, "The name is empty" in empty.text) == (422, True)


def test_another_password(signed_in: Visitor, server: Server, person: User) -> None:
    elsewhere = Visitor(server.address)
    elsewhere.sign_in(person.username)
    assert is_signed_in(elsewhere)
    assert change(signed_in, PASSWORD, NEW_PASSWORD, NEW_PASSWORD)[0] == 303
    assert is_signed_in(signed_in)
    assert not is_signed_in(elsewhere)
    assert Visitor(server.address).sign_in(person.username, PASSWORD).status == 422
    assert Visitor(server.address).sign_in(person.username, NEW_PASSWORD).status == 303


@pytest.mark.parametrize(
    ("typed", "problem"),
    [
        (("not this one", NEW_PASSWORD, NEW_PASSWORD), "That is not your current password."),
        (("", NEW_PASSWORD, NEW_PASSWORD), "That is not your current password."),
        ((PASSWORD, NEW_PASSWORD, "something else"), "are not the same"),
        ((PASSWORD, "short", "short"), "characters"),
        ((PASSWORD, "password123", "password123"), "everybody tries first"),
    ],
)
def test_passwords_that_are_not_taken(
    signed_in: Visitor, person: User, typed: tuple[str, str, str], problem: str
) -> None:
    status, text = change(signed_in, *typed)
    assert (status, problem in text) == (422, True), text
    assert is_signed_in(signed_in)
    assert Visitor(signed_in.address).sign_in(person.username, PASSWORD).status == 303


def test_somebody_without_a_password(visitor: Visitor) -> None:
    assert change(visitor, "", NEW_PASSWORD, NEW_PASSWORD)[0] == 422


def test_sessions(signed_in: Visitor, server: Server, person: User) -> None:
    elsewhere = Visitor(server.address)
    elsewhere.session.headers["User-Agent"] = "A telephone"
    elsewhere.sign_in(person.username)
    page = signed_in.get("/-/profile/active_sessions")
    assert "This browser" in page.text
    assert "A telephone" in page.text
    assert signed_in.submit(page, "Sign out browser").status == 303
    assert not is_signed_in(elsewhere)
    assert is_signed_in(signed_in)


def test_others_sessions_are_out_of_reach(
    signed_in: Visitor, server: Server, registry: Registry
) -> None:
    other = registry.user()
    theirs = Visitor(server.address).sign_in_as(registry, other)
    sessions = registry.run(lambda machines, _: sessions_of(machines, other))
    form = signed_in.get("/-/profile").form("Update profile settings")
    csrf = filled(form)["authenticity_token"]
    for number in (sessions[0].id, 10**17):
        address = f"/-/profile/active_sessions/{number}/end"
        assert signed_in.post(address, {"authenticity_token": csrf}).status == 303
    address = "/-/profile/active_sessions/x/end"
    assert signed_in.post(address, {"authenticity_token": csrf}).status == 404
    assert is_signed_in(theirs)


async def sessions_of(machines: Machinery, user: User) -> Sequence[Session]:
    async with machines.db.read() as tx:
        return await tx.sessions.of_user(user.id)


@pytest.mark.parametrize("address", ["/-/profile", FORM, "/-/profile/active_sessions"])
def test_strangers(stranger: Visitor, address: str) -> None:
    page = stranger.get(address)
    assert page.status == 302
    assert page.location.startswith("/users/sign_in")


def test_forgery(visitor: Visitor) -> None:
    assert visitor.post("/-/profile", {"name": "x"}).status == 403
    assert visitor.post(FORM, {"new_password": NEW_PASSWORD}).status == 403
    assert visitor.post("/-/profile/active_sessions/1/end", {}).status == 403
