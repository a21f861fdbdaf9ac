"""Credentials over HTTP: the forms in which they come, and every way in which they can be wrong.

Forms and answers are GitLab's; the challenge is RFC 7617's, the two OAuth-like bodies RFC 6750's.
"""

import base64
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest
import requests

from databases import dump
from registry import Registry
from requesting import JSON, Index, open_session, project_index, send_raw
from running import Server
from wheelyard.actions.tokens import NewToken, create_deploy_token, create_personal_token
from wheelyard.app import Machinery
from wheelyard.domain.models.callers import Caller
from wheelyard.domain.models.places import Project
from wheelyard.domain.models.users import User

CHALLENGE = 'Basic realm="Wheelyard Packages Registry"'


def basic(username: str, secret: str) -> dict[str, str]:
    """Return the header of RFC 7617."""
    return {"Authorization": "Basic " + base64.b64encode(f"{username}:{secret}".encode()).decode()}


@dataclass(frozen=True)
class World:
    """A private and a public project with the same maintainer, and their tokens."""

    private: Index
    public: Index
    project: Project
    user: User
    personal: str
    deploy: str

    def statuses(self, headers: dict[str, str]) -> tuple[int, int, int]:
        """Return the answers to: read the private, read the public, upload to the public one.

        Each time from another address: who sends many wrong secrets from one is told to wait.
        """
        with open_session() as session:
            private, public = (
                replace(index, session=session) for index in (self.private, self.public)
            )
            return (
                private.get(headers=JSON | headers).status_code,
                public.get(headers=JSON | headers).status_code,
                public.upload("empty.whl", b"", form={}, headers=headers).status_code,
            )


ALL = (200, 200, 400)
"""The credential works; the upload gets as far as being told that it is empty."""
AS_ANONYMOUS = (401, 200, 401)
REFUSED = (401, 401, 401)


@pytest.fixture(scope="module")
def world(server: Server, registry: Registry, session: requests.Session) -> World:
    group, user = registry.group(), registry.user()
    registry.member(group, user, "maintainer")
    private = registry.project(f"{group.full_path}/private", "private")
    public = registry.project(f"{group.full_path}/public", "public")
    return World(
        project_index(session, server.address, private),
        project_index(session, server.address, public),
        private,
        user,
        registry.token(user),
        registry.deploy_token(group).secret,
    )


# --- forms that work --------------------------------------------------------------------------


@pytest.mark.parametrize("username", ["__token__", "", "anything", "päß", "gitlab+deploy-token-1"])
def test_basic_does_not_look_at_the_user_name(world: World, username: str) -> None:
    assert world.statuses(basic(username, world.personal)) == ALL
    assert world.statuses(basic(username, world.deploy)) == ALL


def test_other_headers(world: World) -> None:
    assert world.statuses({"PRIVATE-TOKEN": world.personal}) == ALL
    assert world.statuses({"Deploy-Token": world.deploy}) == ALL
    assert world.statuses({"Authorization": f"Bearer {world.personal}"}) == ALL
    assert world.statuses({"Authorization": f"Bearer {world.deploy}"}) == ALL


@pytest.mark.parametrize("scheme", ["basic", "BASIC", "Basic  "])
def test_the_scheme_is_read_in_any_case(world: World, scheme: str) -> None:
    encoded = basic("x", world.personal)["Authorization"].removeprefix("Basic ")
    assert world.statuses({"Authorization": f"{scheme} {encoded}"}) == ALL


# --- and those that do not --------------------------------------------------------------------


def test_a_job_token_user_is_always_refused(world: World) -> None:
    """As in GitLab, where the name announces a job token: also on a public project."""
    for secret in ("wrong", world.personal, ""):
        assert world.statuses(basic("gitlab-ci-token", secret)) == REFUSED


def test_the_wrong_kind_for_the_header(world: World) -> None:
    assert world.statuses({"PRIVATE-TOKEN": world.deploy}) == REFUSED
    assert world.statuses({"Deploy-Token": world.personal}) == REFUSED
    assert world.statuses({"JOB-TOKEN": world.personal}) == AS_ANONYMOUS


@pytest.mark.parametrize("secret", ["wrong", "glpat-", "gldt-" + "x" * 43, "x" * 4000, "é", "%00"])
def test_an_unknown_secret(world: World, secret: str) -> None:
    latin = secret.encode().decode("latin-1")
    assert world.statuses(basic("__token__", secret)) == AS_ANONYMOUS
    assert world.statuses({"PRIVATE-TOKEN": latin}) == REFUSED
    assert world.statuses({"Deploy-Token": latin}) == REFUSED
    assert world.statuses({"Authorization": f"Bearer {latin}"}) == REFUSED


def test_almost_the_right_secret(world: World) -> None:
    for wrong in (world.personal[:-1], world.personal + "=", world.personal.swapcase()):
        assert world.statuses(basic("__token__", wrong)) == AS_ANONYMOUS


@pytest.mark.parametrize(
    "value",
    [
        *("Basic", "Basic ", "Basic !!!", "Basic =", "Basic YQ", "Basic YQ==", "Basic Og=="),
        "Basic " + base64.b64encode(b"\xff\xfe:\xff\xfe").decode(),
        "Basic " + base64.b64encode(b"a:b:c\0\n").decode(),
        *("Digest username=x", "Negotiate", "Basic,Basic", "x", "Basic ä", "ÿ ÿ"),
    ],
)
def test_a_garbled_header_is_no_credential(world: World, value: str) -> None:
    assert world.statuses({"Authorization": value}) == AS_ANONYMOUS


def test_bytes_that_are_no_text(server: Server, world: World) -> None:
    target = world.private.base.removeprefix(server.address).encode() + b"/simple/"
    for name in (b"Authorization", b"PRIVATE-TOKEN", b"Deploy-Token"):
        for value in (b"\xff\x80", b"Basic \xff\xfe", b"Bearer \xc3\x28", b"\xe2\x98\x83"):
            assert send_raw(server.address, target, headers={name: value}).status == 401


# --- tokens that have ended -------------------------------------------------------------------


def _expired(registry: Registry, world: World, *, deploy: bool) -> NewToken:
    """Make a token two days ago that ends today: at 00:00 UTC, so it has ended."""

    async def create(machines: Machinery, by: Caller) -> NewToken:
        today, earlier = by.at.date(), replace(by, at=by.at - timedelta(days=2))
        if deploy:
            return await create_deploy_token(
                machines.db,
                earlier,
                full_path=world.project.full_path,
                name="old",
                scopes=["write_package_registry"],
                expires_at=today,
            )
        return await create_personal_token(
            machines.db,
            earlier,
            username=world.user.username,
            name="old",
            scopes=["api"],
            expires_at=today,
        )

    return registry.run(create)


def _revoked(registry: Registry, world: World, *, deploy: bool) -> NewToken:
    token = registry.deploy_token(world.project) if deploy else registry.new_token(world.user)
    registry.revoke(token.token)
    return token


Ended = Callable[..., NewToken]


@pytest.mark.parametrize(("end", "word"), [(_expired, "expired"), (_revoked, "revoked")])
def test_a_personal_token_that_has_ended_is_refused_with_the_reason(
    registry: Registry, world: World, end: Ended, word: str
) -> None:
    token = end(registry, world, deploy=False)
    assert world.statuses(basic("__token__", token.secret)) == REFUSED
    assert world.statuses({"PRIVATE-TOKEN": token.secret}) == REFUSED
    answer = world.public.get(auth=("__token__", token.secret))
    assert answer.json()["error"] == "invalid_token"
    assert word in answer.json()["error_description"]
    assert answer.headers["WWW-Authenticate"] == CHALLENGE


@pytest.mark.parametrize("end", [_expired, _revoked])
def test_a_deploy_token_that_has_ended_counts_as_none(
    registry: Registry, world: World, end: Ended
) -> None:
    token = end(registry, world, deploy=True)
    assert world.statuses(basic(token.token.username or "", token.secret)) == AS_ANONYMOUS
    assert world.statuses({"Deploy-Token": token.secret}) == REFUSED


@pytest.mark.parametrize("deploy", [False, True])
def test_a_revoked_token_is_refused_at_the_next_request(
    registry: Registry, world: World, *, deploy: bool
) -> None:
    token = registry.deploy_token(world.project) if deploy else registry.new_token(world.user)
    headers = basic("x", token.secret)
    for _ in range(3):  # whatever is remembered about it, is remembered now
        assert world.private.get(headers=JSON | headers).status_code == 200
    registry.revoke(token.token)
    assert world.private.get(headers=JSON | headers).status_code == 401


def test_a_removed_role_is_refused_at_the_next_request(registry: Registry, world: World) -> None:
    user = registry.user()
    auth = ("x", registry.token(user))
    assert world.private.upload_wheel("by-guest", auth).status_code == 404
    registry.member(world.project, user, "developer")
    assert world.private.upload_wheel("by-developer", auth).status_code == 201
    registry.member(world.project, user, "guest")
    assert world.private.upload_wheel("by-guest", auth).status_code == 403


def test_a_blocked_user(registry: Registry, world: World) -> None:
    user = registry.user()
    registry.member(world.project, user, "maintainer")
    auth = ("x", registry.token(user))
    assert world.private.get(auth=auth).status_code == 200
    registry.block(user)
    for index in (world.private, world.public):
        answer = index.get(auth=auth)
        assert answer.status_code == 403
        assert "blocked" in answer.json()["message"]
    assert world.private.upload_wheel("by-blocked", auth).status_code == 403


# --- what a refusal says ----------------------------------------------------------------------


def test_a_401_carries_the_challenge(world: World) -> None:
    """Pip asks for credentials, or its keyring, only when it is challenged."""
    for answer in (
        world.private.get(),
        world.private.get("/simple/absent/"),
        world.private.upload_wheel("anonymous"),
        world.public.upload_wheel("anonymous"),
        world.public.get(headers={"PRIVATE-TOKEN": "wrong"}),
    ):
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"] == CHALLENGE
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert answer.json()["message"] == "401 Unauthorized"


@pytest.mark.parametrize("scopes", [("read_user",), ("self_rotate",), ("read_user", "self_rotate")])
def test_a_token_without_a_reading_scope(
    registry: Registry, world: World, scopes: tuple[str, ...]
) -> None:
    auth = ("x", registry.token(world.user, *scopes))
    for answer in (
        world.private.get(auth=auth),
        world.public.get(auth=auth),
        world.private.upload_wheel("scope", auth),
    ):
        assert answer.status_code == 403
        assert answer.json()["error"] == "insufficient_scope"
        assert answer.json()["scope"].split()[0] == "api"
        assert "WWW-Authenticate" not in answer.headers


def test_a_reading_token_cannot_upload(registry: Registry, world: World) -> None:
    for secret in (
        registry.token(world.user, "read_api"),
        registry.deploy_token(world.project, "read_package_registry").secret,
    ):
        assert world.private.get(auth=("x", secret)).status_code == 200
        answer = world.private.upload_wheel("scope", ("x", secret))
        assert answer.status_code == 403
        assert answer.json()["error"] == "insufficient_scope"
    assert world.private.files("scope", ("x", world.personal)) == []


# --- secrets stay secret ----------------------------------------------------------------------


def test_no_secret_is_stored_logged_or_repeated(
    start_server: Callable[..., Server], session: requests.Session
) -> None:
    server = start_server(environment={"WHEELYARD_ACCESS_LOG": "true"})
    registry = Registry(server.data)
    project, personal = registry.publisher()
    deploy = registry.deploy_token(project).secret
    ended = registry.new_token(registry.user())
    registry.revoke(ended.token)
    secrets = [personal, deploy, ended.secret, "glpat-made-up-by-a-client"]
    index = project_index(session, server.address, project)
    bodies = b""
    for secret in secrets:
        for headers in (
            basic("__token__", secret),
            basic(secret, secret),
            {"PRIVATE-TOKEN": secret},
            {"Deploy-Token": secret},
            {"Authorization": f"Bearer {secret}"},
        ):
            bodies += index.get(headers=headers).content
            bodies += index.get(f"/simple/?private_token={secret}", headers=headers).content
            bodies += index.upload("not-a-wheel.whl", b"", headers=headers).content
        bodies += index.upload_wheel("kept", ("__token__", secret)).content
    password = (server.data / "initial_root_password").read_text().strip()
    # At the first start the password is shown, once, to whoever started the server.
    log = server.output.read_bytes().replace(password.encode(), b"", 1)
    stored = dump(server.data)
    assert b"/packages/pypi" in log, "the log says something"
    assert project.full_path.encode() in stored
    for secret in [*secrets, password]:
        for form in (secret, basic("__token__", secret)["Authorization"].removeprefix("Basic ")):
            assert form.encode() not in stored
            assert form.encode() not in log
            assert form.encode() not in bodies
