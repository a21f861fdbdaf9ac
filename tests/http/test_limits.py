"""Limits on failed authentication: on the wire for tokens, and by themselves for signing in."""

from collections.abc import Callable

import pytest
import requests

from registry import Registry
from requesting import Index, open_session, project_index
from running import Server
from wheelyard.domain.errors import Reason, Refused
from wheelyard.domain.models.places import Project
from wheelyard.http.limits import (
    MAX_REMEMBERED,
    MAX_WRONG_REQUESTS,
    MAX_WRONG_SECRETS,
    WINDOW_SECONDS,
    Limits,
    RecentFailures,
)


@pytest.fixture
def private(registry: Registry) -> tuple[Project, str]:
    return registry.publisher()


def exhaust(index: Index) -> None:
    """Send as many different wrong tokens as are let through."""
    for number in range(MAX_WRONG_SECRETS):
        assert index.get(auth=("x", f"glpat-wrong-{number}")).status_code == 401


# --- tokens, on the wire ----------------------------------------------------------------------


def test_too_many_wrong_tokens(server: Server, private: tuple[Project, str]) -> None:
    project, secret = private
    index = project_index(open_session(), server.address, project)
    exhaust(index)
    api = f"{server.address}/api/v4/personal_access_tokens"
    refused = [
        index.get(auth=("x", "glpat-one-more")),
        index.upload_wheel("a", ("other", "glpat-one-more")),
        index.session.get(api, headers={"PRIVATE-TOKEN": "glpat-one-more"}, timeout=30),
    ]
    for answer in refused:
        assert answer.status_code == 429
        assert 1 <= int(answer.headers["Retry-After"]) <= WINDOW_SECONDS
        assert answer.json()["message"].startswith("429 Too Many Requests")
        assert "WWW-Authenticate" not in answer.headers
    # A right token passes all the same: there is nothing to guess, and neighbours err.
    assert index.get(auth=("x", secret)).status_code == 200
    assert index.upload_wheel("a", ("x", secret)).status_code == 201


def test_others_are_not_concerned(server: Server, private: tuple[Project, str]) -> None:
    project, secret = private
    exhaust(project_index(open_session(), server.address, project))
    elsewhere = project_index(open_session(), server.address, project)
    assert elsewhere.get(auth=("x", secret)).status_code == 200
    assert elsewhere.get(auth=("x", "glpat-wrong")).status_code == 401


def test_only_wrong_secrets_count(server: Server, registry: Registry) -> None:
    """Pip asks without credentials first; and a token that has ended is known to be nobody's."""
    project, secret = registry.publisher()
    ended = registry.new_token(registry.user())
    registry.revoke(ended.token)
    stranger = registry.token(registry.user())
    index = project_index(open_session(), server.address, project)
    for _ in range(MAX_WRONG_SECRETS + 1):
        assert index.get().status_code == 401
        assert index.get(auth=("x", "")).status_code == 401
        assert index.get(auth=("x", ended.secret)).status_code == 401
        assert index.get(auth=("x", stranger)).status_code == 404
    others_token = f"{server.address}/api/v4/personal_access_tokens/999999999"
    headers = {"PRIVATE-TOKEN": secret}
    assert index.session.get(others_token, headers=headers, timeout=30).status_code == 401
    assert index.get(auth=("x", "glpat-wrong")).status_code == 401


def test_a_stale_password_does_not_close_a_public_project(
    server: Server, registry: Registry
) -> None:
    project, _ = registry.publisher("public")
    index = project_index(open_session(), server.address, project)
    for number in range(MAX_WRONG_SECRETS + 5):
        assert index.get(auth=("x", f"glpat-stale-{number}")).status_code == 200
    assert index.upload_wheel("a", ("x", "glpat-stale")).status_code == 401


def test_a_forwarded_address_is_not_believed(server: Server, private: tuple[Project, str]) -> None:
    """Otherwise each request could claim to come from somewhere else."""
    index = project_index(open_session(), server.address, private[0])
    statuses = {
        index.session.get(
            f"{index.base}/simple/",
            auth=("x", f"glpat-wrong-{number}"),
            headers={"X-Forwarded-For": f"192.0.2.{number}"},
            timeout=30,
        ).status_code
        for number in range(MAX_WRONG_SECRETS + 1)
    }
    assert statuses == {401, 429}


def test_a_trusted_proxy_says_who_is_who(start_server: Callable[..., Server]) -> None:
    server = start_server(environment={"WHEELYARD_TRUSTED_PROXIES": "127.0.0.0/8"})
    project, _ = Registry(server.data).publisher()
    index = project_index(open_session(), server.address, project)

    def ask(client: str, secret: str) -> requests.Response:
        return index.session.get(
            f"{index.base}/simple/",
            auth=("x", secret),
            headers={"X-Forwarded-For": client},
            timeout=30,
        )

    for number in range(MAX_WRONG_SECRETS):
        assert ask("192.0.2.1", f"glpat-wrong-{number}").status_code == 401
    assert ask("192.0.2.1", "glpat-wrong").status_code == 429
    assert ask("192.0.2.2", "glpat-wrong").status_code == 401


# --- by themselves ----------------------------------------------------------------------------


class Clock:
    """A moment that the test sets."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def limits(clock: Clock) -> Limits:
    return Limits(clock)


def test_one_wrong_token_over_and_over_is_a_forgotten_one(limits: Limits) -> None:
    refusals = [limits.token_failed("192.0.2.1", "stale") for _ in range(MAX_WRONG_REQUESTS)]
    assert refusals == [None] * MAX_WRONG_REQUESTS
    assert limits.token_failed("192.0.2.1", "stale") is not None


def test_the_window_slides(limits: Limits, clock: Clock) -> None:
    for number in range(MAX_WRONG_SECRETS):
        assert limits.token_failed("192.0.2.1", str(number)) is None
        clock.now += 1
    refused = limits.token_failed("192.0.2.1", "one more")
    assert refused is not None
    assert refused.retry_after_seconds == WINDOW_SECONDS - MAX_WRONG_SECRETS
    clock.now += WINDOW_SECONDS - MAX_WRONG_SECRETS + 1
    assert limits.token_failed("192.0.2.1", "0") is None


def test_an_ipv6_subscriber_is_one_address(limits: Limits) -> None:
    for number in range(MAX_WRONG_SECRETS):
        assert limits.token_failed(f"2001:db8::{number:x}", str(number)) is None
    assert limits.token_failed("2001:db8::ffff:1", "x") is not None
    assert limits.token_failed("2001:db8:0:1::1", "x") is None
    for number in range(MAX_WRONG_SECRETS):
        limits.token_failed(f"::ffff:192.0.2.{number}", str(number))
    assert limits.token_failed("::ffff:192.0.2.200", "x") is None, "IPv4 in IPv6 stays apart"


def is_refused(limits: Limits, address: str, username: str) -> bool:
    """Tell whether a sign-in would not be looked at."""
    try:
        limits.check_sign_in(address, username)
    except Refused as refused:
        return (refused.reason, bool(refused.retry_after_seconds)) == (
            Reason.TOO_MANY_REQUESTS,
            True,
        )
    return False


def test_signing_in_past_the_limit_of_an_address(limits: Limits, clock: Clock) -> None:
    for number in range(MAX_WRONG_SECRETS):
        assert not is_refused(limits, "192.0.2.1", "anybody")
        limits.sign_in_failed("192.0.2.1", f"user-{number}", "password")
    assert is_refused(limits, "192.0.2.1", "anybody")
    assert not is_refused(limits, "192.0.2.2", "user-1")
    clock.now += WINDOW_SECONDS
    assert not is_refused(limits, "192.0.2.1", "anybody")


def test_signing_in_past_the_limit_of_an_account(limits: Limits) -> None:
    """Many addresses guess one account: each of them has had its guess; its owner has not."""
    for number in range(MAX_WRONG_SECRETS):
        limits.sign_in_failed(f"192.0.2.{number}", "Ann", "password")
    assert is_refused(limits, "192.0.2.1", "ann")
    assert not is_refused(limits, "198.51.100.1", "ann")
    assert not is_refused(limits, "192.0.2.1", "bob")


def test_wrong_tokens_do_not_keep_people_from_signing_in(limits: Limits) -> None:
    for number in range(MAX_WRONG_REQUESTS + 1):
        limits.token_failed("192.0.2.1", str(number))
    assert not is_refused(limits, "192.0.2.1", "ann")


def test_memory_is_bounded() -> None:
    failures = RecentFailures(per_key=10, capacity=1000)
    for number in range(5000):
        failures.add(str(number % 700), f"secret {number}", at=float(number) / 1000)
    assert len(failures) <= 1000
    assert len(failures.of("699", at=5.0)) > 0
    for number in range(100):
        failures.add("one", str(number), at=5.0)
    assert len(failures.of("one", at=5.0)) == 10
    assert len(failures) <= 1000 < MAX_REMEMBERED


def test_old_failures_are_forgotten() -> None:
    failures = RecentFailures(per_key=10)
    failures.add("key", "secret", at=0.0)
    assert len(failures.of("key", at=float(WINDOW_SECONDS))) == 0
    assert len(failures) == 0
