"""Accounts: made once, with a name that can be an address and a password that is hashed."""

import asyncio

import pytest

from trails import Trail
from wheelyard.actions.users import create_root, create_user
from wheelyard.app import Machinery
from wheelyard.domain.errors import Reason, Refused
from wheelyard.domain.models.callers import Caller


async def test_an_account_and_its_event(machines: Machinery, by: Caller, trail: Trail) -> None:
    user = await create_user(
        machines.db, machines.passwords, by, username="Ann", email="ann@example.org"
    )
    assert (user.username, user.is_admin, user.is_blocked) == ("Ann", False, False)
    assert user.created_at == by.at
    action, target, details = await trail.last(by)
    assert (action, target) == ("user_created", "Ann")
    assert (details["email"], details["is_admin"]) == ("ann@example.org", False)


async def test_the_record_has_no_password(machines: Machinery, by: Caller, trail: Trail) -> None:
    secret = "correct horse battery"
    await create_user(machines.db, machines.passwords, by, username="ann", password=secret)
    assert secret not in str(await trail.events())


@pytest.mark.parametrize(
    "name",
    [
        *("", ".", "..", "-", "-ann", "ann.", "a/b", "a b", "änn", "ann\n", "a" * 256, "x.git"),
        *("api", "API", "-", "admin", "static", "a\0b", "%2e", "ann@example.org"),
    ],
)
async def test_names_that_cannot_be_an_address(
    machines: Machinery, by: Caller, trail: Trail, name: str
) -> None:
    with pytest.raises(Refused) as refusal:
        await create_user(machines.db, machines.passwords, by, username=name)
    assert refusal.value.reason is Reason.INVALID
    assert refusal.value.detail.isprintable()
    assert list(await trail.events()) == []


@pytest.mark.parametrize("email", ["", "ann", "@", "a@b@c", "a b@c", "a@b\n", "a" * 65 + "@b"])
async def test_what_is_no_email_address(machines: Machinery, by: Caller, email: str) -> None:
    with pytest.raises(Refused) as refusal:
        await create_user(machines.db, machines.passwords, by, username="ann", email=email)
    assert refusal.value.reason is Reason.INVALID


@pytest.mark.parametrize("length", [0, 7, 129, 10_000])
async def test_passwords_that_are_too_short_or_too_long(
    machines: Machinery, by: Caller, length: int
) -> None:
    with pytest.raises(Refused, match="password") as refusal:
        await create_user(
            machines.db, machines.passwords, by, username="ann", password="p" * length
        )
    assert refusal.value.reason is Reason.INVALID


async def test_a_name_is_taken_once_in_any_case(
    machines: Machinery, by: Caller, trail: Trail
) -> None:
    await create_user(machines.db, machines.passwords, by, username="ann")
    with pytest.raises(Refused) as refusal:
        await create_user(machines.db, machines.passwords, by, username="ANN")
    assert refusal.value.reason is Reason.CONFLICT
    assert len(await trail.events()) == 1


async def test_root_is_made_once_in_the_life_of_a_database(machines: Machinery, by: Caller) -> None:
    made = await asyncio.gather(
        *(create_root(machines.db, machines.passwords, by, "a password") for _ in range(4))
    )
    [root] = [user for user in made if user is not None]
    assert (root.username, root.is_admin) == ("root", True)
    assert await create_root(machines.db, machines.passwords, by, "a password") is None
