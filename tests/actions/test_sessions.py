"""Signing in and out: who gets a session, how it ends, and what the audit says of it."""

from dataclasses import replace
from datetime import timedelta

import pytest

from trails import Trail
from wheelyard.actions.sessions import (
    NewSession,
    begin_session,
    end_session,
    find_session,
    purge_sessions,
    sign_in,
    sign_out,
)
from wheelyard.actions.user_removal import delete_user
from wheelyard.actions.users import UserChange, change_user, create_user, set_blocked
from wheelyard.app import Machinery
from wheelyard.domain.errors import Reason, Refused
from wheelyard.domain.models.callers import ANONYMOUS, Actor, Caller
from wheelyard.domain.models.users import User
from wheelyard.domain.sessions import IDLE_LIMIT, LIFETIME
from wheelyard.domain.usage import Usage

PASSWORD = "correct horse battery"
BROWSER = "Mozilla/5.0 (X11)"


@pytest.fixture
def visitor(by: Caller) -> Caller:
    return replace(by, actor=ANONYMOUS)


@pytest.fixture
async def ann(machines: Machinery, by: Caller) -> User:
    return await create_user(
        machines.db,
        machines.passwords,
        by,
        username="Ann",
        email="ann@example.org",
        password=PASSWORD,
    )


async def enter(
    machines: Machinery, visitor: Caller, login: str = "ann", password: str = PASSWORD
) -> NewSession:
    return await sign_in(
        machines.db,
        machines.passwords,
        visitor,
        login=login,
        password=password,
        user_agent=BROWSER,
    )


async def is_signed_in(machines: Machinery, new: NewSession, by: Caller) -> bool:
    async with machines.db.read() as tx:
        return await find_session(tx, new.secret, by.at) is not None


async def refusal(machines: Machinery, visitor: Caller, login: str, password: str) -> Refused:
    with pytest.raises(Refused) as refused:
        await enter(machines, visitor, login, password)
    return refused.value


@pytest.mark.parametrize("login", ["ann", "ANN", "ann@example.org", "Ann@Example.org"])
async def test_the_right_password_begins_a_session(
    machines: Machinery, visitor: Caller, ann: User, trail: Trail, login: str
) -> None:
    new = await enter(machines, visitor, login)
    assert (new.user, new.session.user_id) == (ann, ann.id)
    assert (new.session.address, new.session.user_agent) == (visitor.address, BROWSER)
    async with machines.db.read() as tx:
        assert await find_session(tx, new.secret, visitor.at) == (new.session, ann)
        assert await find_session(tx, new.secret + "x", visitor.at) is None
        assert await tx.sessions.by_secret(new.secret) is None, "the secret itself is not stored"
    event = (await trail.events())[-1]
    assert (event.action, event.actor, event.user_id) == ("signed_in", "Ann", ann.id)
    assert new.secret not in repr(new)


async def test_secrets_are_long_and_differ(machines: Machinery, visitor: Caller, ann: User) -> None:
    first, second = await enter(machines, visitor), await enter(machines, visitor)
    assert first.user == second.user == ann
    assert first.secret != second.secret
    assert len(first.secret) >= 43, "256 bits in base 64"


async def test_a_wrong_password_and_an_unknown_account_are_the_same(
    machines: Machinery, visitor: Caller, ann: User, trail: Trail
) -> None:
    wrong = await refusal(machines, visitor, ann.username, "wrong password")
    assert await trail.last(visitor) == ("sign_in_failed", "Ann", {})
    unknown = await refusal(machines, visitor, "my-secret-typed-here", PASSWORD)
    assert await trail.last(visitor) == ("sign_in_failed", "unknown account", {})
    assert (wrong.reason, wrong.detail) == (unknown.reason, unknown.detail)
    assert wrong.reason is Reason.UNAUTHENTICATED


async def test_an_account_without_a_password_cannot_be_entered(
    machines: Machinery, by: Caller, visitor: Caller
) -> None:
    await create_user(machines.db, machines.passwords, by, username="ci")
    for password in ("", "None", PASSWORD):
        assert (await refusal(machines, visitor, "ci", password)).reason is Reason.UNAUTHENTICATED


async def test_blocking_ends_all_sessions_and_refuses_new_ones(
    machines: Machinery, by: Caller, visitor: Caller, ann: User, trail: Trail
) -> None:
    new = await enter(machines, visitor)
    await set_blocked(machines.db, by, ann.id, is_blocked=True)
    assert not await is_signed_in(machines, new, visitor)
    assert (await refusal(machines, visitor, "ann", PASSWORD)).reason is Reason.FORBIDDEN
    assert await trail.last(visitor) == ("sign_in_failed", "Ann", {"reason": "blocked"})
    wrong = await refusal(machines, visitor, "ann", "wrong password")
    assert wrong.reason is Reason.UNAUTHENTICATED, "a block is told to its owner only"
    await set_blocked(machines.db, by, ann.id, is_blocked=False)
    assert not await is_signed_in(machines, new, visitor)


async def test_another_password_ends_all_sessions(
    machines: Machinery, by: Caller, visitor: Caller, ann: User
) -> None:
    new = await enter(machines, visitor)
    rename = UserChange(name="Ann B.")
    await change_user(machines.db, machines.passwords, by, ann.id, rename)
    assert await is_signed_in(machines, new, visitor)
    change = UserChange(password="another long password")
    await change_user(machines.db, machines.passwords, by, ann.id, change)
    assert not await is_signed_in(machines, new, visitor)


async def test_a_deleted_account_leaves_no_session(
    machines: Machinery, by: Caller, visitor: Caller, ann: User
) -> None:
    new = await enter(machines, visitor)
    await delete_user(machines.db, by, ann.id)
    assert not await is_signed_in(machines, new, visitor)


async def test_signing_out_ends_one_session(
    machines: Machinery, visitor: Caller, ann: User, trail: Trail
) -> None:
    left, kept = await enter(machines, visitor), await enter(machines, visitor)
    by_ann = replace(visitor, actor=Actor(user_id=ann.id, username=ann.username))
    await sign_out(machines.db, by_ann, left.session)
    assert await trail.last(by_ann) == ("signed_out", "Ann", {})
    assert not await is_signed_in(machines, left, visitor)
    assert await is_signed_in(machines, kept, visitor)


async def test_ending_a_session_from_another_browser(
    machines: Machinery, by: Caller, visitor: Caller, ann: User, trail: Trail
) -> None:
    eve = await create_user(machines.db, machines.passwords, by, username="eve")
    new = await enter(machines, visitor)
    await end_session(machines.db, by, eve.id, new.session.id)
    assert await is_signed_in(machines, new, visitor), "it is not hers"
    await end_session(machines.db, by, ann.id, new.session.id)
    assert await trail.last(by) == ("session_ended", "Ann", {})
    assert not await is_signed_in(machines, new, visitor)


async def test_a_session_ends_by_itself(machines: Machinery, visitor: Caller, ann: User) -> None:
    async with machines.db.write() as tx:
        new = await begin_session(tx, visitor, ann, "browser\n" + "x" * 500)
    assert new.session.user_agent == "browser" + "x" * 248

    async def lives(at: timedelta) -> bool:
        return await is_signed_in(machines, new, replace(visitor, at=visitor.at + at))

    moment = timedelta(seconds=1)
    assert await lives(IDLE_LIMIT - moment)
    assert not await lives(IDLE_LIMIT)
    async with machines.db.write() as tx:
        used = {new.session.id: visitor.at + LIFETIME - moment}
        await tx.usage.add(Usage({}, {}, {}, used))
    assert await lives(LIFETIME - moment)
    assert not await lives(LIFETIME)


async def test_upkeep_forgets_sessions_that_ended(
    machines: Machinery, visitor: Caller, ann: User
) -> None:
    new = await enter(machines, visitor)
    assert await purge_sessions(machines.db, visitor.at + IDLE_LIMIT) == 0
    later = visitor.at + IDLE_LIMIT + timedelta(seconds=1)
    assert await purge_sessions(machines.db, later) == 1
    async with machines.db.read() as tx:
        assert await tx.sessions.of_user(ann.id) == []
    assert not await is_signed_in(machines, new, visitor)
