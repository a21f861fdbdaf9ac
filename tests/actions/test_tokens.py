"""Tokens: a secret that is told once, what may be asked for, and the end."""

import hashlib
from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest

from trails import Trail
from wheelyard.actions.groups import create_group
from wheelyard.actions.tokens import (
    NewToken,
    create_deploy_token,
    create_personal_token,
    revoke_token,
)
from wheelyard.actions.users import create_user
from wheelyard.app import Machinery
from wheelyard.domain.access import Visibility
from wheelyard.domain.errors import Reason, Refused
from wheelyard.domain.models.callers import Caller

Create = Callable[..., Awaitable[NewToken]]


@pytest.fixture
async def personal(machines: Machinery, by: Caller) -> Create:
    await create_user(machines.db, machines.passwords, by, username="ann")

    def create(**changes: object) -> Awaitable[NewToken]:
        usual = {"username": "ann", "name": "laptop", "scopes": ["api"]}
        return create_personal_token(machines.db, by, **usual | changes)  # type: ignore[arg-type]  # the tests pass what the signature says

    return create


@pytest.fixture
async def deploy(machines: Machinery, by: Caller) -> Create:
    await create_group(machines.db, by, full_path="group", visibility=Visibility.PRIVATE)

    def create(**changes: object) -> Awaitable[NewToken]:
        usual = {"full_path": "group", "name": "ci", "scopes": ["read_package_registry"]}
        return create_deploy_token(machines.db, by, **usual | changes)  # type: ignore[arg-type]  # likewise

    return create


async def test_a_personal_token_and_its_event(personal: Create, by: Caller, trail: Trail) -> None:
    end = by.at.date() + timedelta(days=1)
    new = await personal(scopes=["read_api", "api", "api"], expires_at=end)
    assert new.secret.startswith("glpat-")
    assert new.token.scopes == {"api", "read_api"}
    assert new.token.is_active(by.at)
    assert not new.token.is_active(by.at + timedelta(days=1))
    action, target, details = await trail.last(by)
    assert (action, target) == ("token_created", "ann")
    assert (details["token"], details["expires_at"]) == ("laptop", end.isoformat())
    assert details["scopes"] == ["api", "read_api"]


async def test_a_deploy_token_and_its_event(deploy: Create, by: Caller, trail: Trail) -> None:
    new = await deploy()
    assert new.secret.startswith("gldt-")
    assert (new.token.username, new.token.path_key) == (
        *(f"gitlab+deploy-token-{new.token.id}", "group"),
    )
    assert (await trail.last(by))[:2] == ("deploy_token_created", "group")
    assert (await deploy(username="robot")).token.username == "robot"


async def test_a_secret_is_random_and_known_by_its_digest_only(
    machines: Machinery, personal: Create, deploy: Create, trail: Trail
) -> None:
    tokens = [await personal(), await personal(), await deploy()]
    assert len({new.secret for new in tokens}) == 3
    for new in tokens:
        assert len(new.secret) > 43, "256 bits in base64, and the prefix"
        assert new.secret not in f"{new!r} {new.token!r} {await trail.events()}"
        async with machines.db.read() as tx:
            by_digest = await tx.tokens.by_secret(hashlib.sha256(new.secret.encode()).hexdigest())
            assert by_digest == new.token
            assert await tx.tokens.by_secret(new.secret) is None


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({"name": ""}, {"name"}),
        ({"name": "  "}, {"name"}),
        ({"name": "n" * 256}, {"name"}),
        ({"scopes": []}, {"scopes"}),
        ({"scopes": ["api", "sudo"]}, {"scopes"}),
        ({"scopes": ["API"]}, {"scopes"}),
        ({"expires_at": "today"}, {"expires_at"}),
        ({"expires_at": "yesterday"}, {"expires_at"}),
        ({"name": "", "scopes": ["x"], "expires_at": "today"}, {"name", "scopes", "expires_at"}),
    ],
)
@pytest.mark.parametrize("kind", ["personal", "deploy"])
async def test_tokens_that_cannot_be(
    personal: Create,
    deploy: Create,
    by: Caller,
    trail: Trail,
    *,
    kind: str,
    changes: dict[str, object],
    fields: set[str],
) -> None:
    days = {"today": by.at.date(), "yesterday": by.at.date() - timedelta(days=1)}
    changes = {
        key: days[str(value)] if key == "expires_at" else value for key, value in changes.items()
    }
    before = list(await trail.events())
    with pytest.raises(Refused) as refusal:
        await {"personal": personal, "deploy": deploy}[kind](**changes)
    assert refusal.value.reason is Reason.INVALID
    assert {problem.field for problem in refusal.value.problems} == fields
    assert list(await trail.events()) == before


async def test_scopes_belong_to_a_kind(personal: Create, deploy: Create) -> None:
    """GitLab: a personal token cannot carry a deploy token's scopes, nor the other way."""
    for create, scope in (
        (personal, "read_package_registry"),
        (personal, "write_package_registry"),
        (deploy, "api"),
        (deploy, "read_api"),
    ):
        with pytest.raises(Refused, match=scope):
            await create(scopes=[scope])


async def test_of_whom_and_where(personal: Create, deploy: Create) -> None:
    for failing in (
        personal(username="nobody"),
        deploy(full_path="absent"),
        deploy(full_path="ann"),
    ):
        with pytest.raises(Refused) as refusal:
            await failing
        assert refusal.value.reason is Reason.NOT_FOUND
    for name in ("", "u" * 256):
        with pytest.raises(Refused) as refusal:
            await deploy(username=name)
        assert refusal.value.reason is Reason.INVALID


async def test_revoking(machines: Machinery, deploy: Create, by: Caller, trail: Trail) -> None:
    new = await deploy()
    await revoke_token(machines.db, by, new.token.id)
    async with machines.db.read() as tx:
        token = await tx.tokens.get(new.token.id)
    assert token is not None
    assert token.revoked_at == by.at
    assert not token.is_active(by.at)
    action, target, details = await trail.last(by)
    assert (action, target, details["token"]) == ("token_revoked", "group", "ci")
    with pytest.raises(Refused) as refusal:
        await revoke_token(machines.db, by, 10**9)
    assert refusal.value.reason is Reason.NOT_FOUND
