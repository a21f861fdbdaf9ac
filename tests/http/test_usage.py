"""When a token was last used: shown within ten seconds, written in batches, never per read."""

import asyncio
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from databases import as_moment, locked, run_sql, settings_of, write_counter
from people import connect
from registry import Registry
from requesting import Index, open_session, project_index
from running import Server
from wheelyard.actions.tokens import NewToken
from wheelyard.actions.usage import record_usage, recorded_usage
from wheelyard.app import machinery
from wheelyard.domain.models.places import Project
from wheelyard.http.usage import UsageCollector

SHOWN_WITHIN_SECONDS = 10.0
QUIET_SECONDS = 6.0


def last_used(data: Path, token: NewToken) -> datetime | None:
    [(value,)] = run_sql(data, "SELECT last_used_at FROM tokens WHERE id = ?", token.token.id)
    return None if value is None else as_moment(value)


def wait_for_use(data: Path, token: NewToken, since: float) -> datetime:
    while (used := last_used(data, token)) is None:
        assert time.monotonic() - since < SHOWN_WITHIN_SECONDS, "not shown in time"
        time.sleep(0.1)
    return used


def tokens_of(registry: Registry) -> tuple[Project, NewToken, NewToken]:
    """Make a project, a personal token and a deploy token that read it."""
    project, user = registry.project(), registry.user()
    registry.member(project, user, "reporter")
    return project, registry.new_token(user), registry.deploy_token(project)


def test_use_shows_soon(server: Server, registry: Registry) -> None:
    project, personal, deploy = tokens_of(registry)
    unused = registry.new_token(registry.user())
    index = project_index(open_session(), server.address, project)
    before, since = datetime.now(UTC), time.monotonic()
    for token in (personal, deploy):
        assert index.get(auth=("x", token.secret)).status_code == 200
    for token in (personal, deploy):
        assert before <= wait_for_use(server.data, token, since) <= datetime.now(UTC)
    assert last_used(server.data, unused) is None
    shown = connect(server.address, personal.secret).personal_access_tokens.get("self")
    assert datetime.fromisoformat(shown.last_used_at) >= before


def test_a_refused_token_is_not_used(server: Server, registry: Registry) -> None:
    project, personal, deploy = tokens_of(registry)
    registry.revoke(deploy.token)
    index = project_index(open_session(), server.address, project)
    assert index.get(auth=("x", deploy.secret)).status_code == 401
    since = time.monotonic()
    assert index.get(auth=("x", personal.secret)).status_code == 200
    wait_for_use(server.data, personal, since)
    assert last_used(server.data, deploy) is None


def test_what_is_not_written_yet_is_written_at_the_end(
    start_server: Callable[..., Server],
) -> None:
    server = start_server()
    project, personal, _ = tokens_of(Registry(server.data))
    index = project_index(open_session(), server.address, project)
    assert index.get(auth=("x", personal.secret)).status_code == 200
    assert server.stop() == 0
    assert last_used(server.data, personal) is not None


def read_many(index: Index, secret: str) -> None:
    for _ in range(200):
        assert index.get(auth=("x", secret)).status_code == 200


def test_reads_write_in_batches_and_silence_writes_nothing(
    start_server: Callable[..., Server],
) -> None:
    server = start_server()
    project, personal, _ = tokens_of(Registry(server.data))
    index = project_index(open_session(), server.address, project)
    with write_counter(server.data) as writes:
        before, since = writes(), time.monotonic()
        read_many(index, personal.secret)
        wait_for_use(server.data, personal, since)
        batches = int((time.monotonic() - since) / 3) + 2
        assert 1 <= writes() - before <= batches
        time.sleep(QUIET_SECONDS / 2)  # what was still on its way
        quiet = writes()
        time.sleep(QUIET_SECONDS)
        assert writes() == quiet


# --- the parts --------------------------------------------------------------------------------


def collected() -> UsageCollector:
    """Return a collector that has seen uses of things that are in no database."""
    collector = UsageCollector()
    collector.token_used(10**9, datetime.now(UTC))
    collector.file_served(10**9, datetime.now(UTC))
    return collector


def test_what_is_gone_meanwhile_is_left_out(tmp_path: Path) -> None:
    async def work() -> None:
        async with machinery(settings_of(tmp_path)) as machines:
            await record_usage(machines.db, collected())

    asyncio.run(work())
    assert run_sql(tmp_path, "SELECT count(*) FROM downloads") == [(0,)]


def test_a_busy_database_gets_the_batch_later(tmp_path: Path) -> None:
    async def work() -> None:
        async with machinery(settings_of(tmp_path)) as machines:
            collector = collected()
            with locked(tmp_path):
                await record_usage(machines.db, collector)
                collector.file_served(10**9, datetime.now(UTC))
            kept = collector.take()
            assert list(kept.tokens_used_at) == [10**9]
            assert sum(kept.downloads.values()) == 2

    asyncio.run(work())


def test_an_older_use_of_another_worker_does_not_turn_back_the_clock(
    tmp_path: Path,
) -> None:
    registry = Registry(tmp_path)
    token = registry.new_token(registry.user())
    now = datetime.now(UTC)

    async def work() -> None:
        async with machinery(settings_of(tmp_path)) as machines:
            for at in (now, now - timedelta(hours=1)):
                collector = UsageCollector()
                async with recorded_usage(machines.db, collector, interval_seconds=60):
                    collector.token_used(token.token.id, at)

    asyncio.run(work())
    assert last_used(tmp_path, token) == now
