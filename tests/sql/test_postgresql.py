"""What only PostgreSQL can do, or suffer: networks that fail, several hosts, its own limits."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from urllib.parse import urlsplit

import pytest
from sqlalchemy import delete, insert

import wheelyard.sql.postgresql as limits
from databases import fetch
from sql.wires import Wire, through, wired
from wheelyard.domain.errors import Reason, Refused
from wheelyard.sql import hosts
from wheelyard.sql.database import SqlDatabase
from wheelyard.sql.engine import make_engine
from wheelyard.sql.hosts import Hosts, parse_places
from wheelyard.sql.schema import counters as counter_rows
from wheelyard.sql.turns import JUMP

WAITING = (
    "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
)


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[SqlDatabase]:
    db = SqlDatabase(make_engine(url))
    try:
        yield db
    finally:
        await db.close()


async def count(db: SqlDatabase) -> int:
    async with db.read() as tx:
        return await tx.users.count()


async def claim(db: SqlDatabase, key: str) -> bool:
    async with db.write() as tx:
        return await tx.settings.claim_once(key)


async def refused(work: object) -> Refused:
    """Return the refusal that a piece of work ends in."""
    with pytest.raises(Refused) as refusal:
        await work  # type: ignore[misc]
    return refusal.value


async def answers(db: SqlDatabase) -> None:
    """Wait until the database answers again; a busy machine may be as slow as a bad network."""
    deadline = time.monotonic() + 30
    while True:
        try:
            await count(db)
        except Refused:
            assert time.monotonic() < deadline
        else:
            return


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait two seconds where otherwise it would be ten."""
    monkeypatch.setattr(limits, "COMMAND_SECONDS", 2.0)
    monkeypatch.setattr(hosts, "CONNECT_SECONDS", 2.0)


# --- the network ------------------------------------------------------------------------------


async def test_connections_that_died_unused_fail_nobody(postgresql_url: str, wire: Wire) -> None:
    async with opened(through(postgresql_url, wire)) as db:
        for number in range(3):
            assert await count(db) == 0
            wire.drop()
            assert await claim(db, f"after drop {number}")
            wire.drop()


async def test_a_connection_that_dies_in_use_is_refused_and_nothing_remains(
    postgresql_url: str, wire: Wire
) -> None:
    async with opened(through(postgresql_url, wire)) as db:

        async def write() -> None:
            async with db.write() as tx:
                assert await tx.settings.claim_once("dropped")
                wire.drop()
                await tx.settings.claim_once("never")

        refusal = await refused(write())
        assert (refusal.reason, refusal.retry_after_seconds) == (Reason.UNAVAILABLE, 2)
        assert await claim(db, "dropped")


async def test_a_server_that_is_gone_is_refused_at_once_and_found_again(
    postgresql_url: str, wire: Wire
) -> None:
    async with opened(through(postgresql_url, wire)) as db:
        assert await count(db) == 0
        wire.cut()
        for work in (count(db), claim(db, "x")):
            assert (await refused(work)).retry_after_seconds
        wire.mend()
        assert await count(db) == 0
        assert await claim(db, "x")


@pytest.mark.usefixtures("impatient")
async def test_a_silent_network_is_given_up(postgresql_url: str, wire: Wire) -> None:
    async with opened(through(postgresql_url, wire)) as db:
        assert await count(db) == 0
        wire.freeze()
        began = time.monotonic()
        for work in (count(db), claim(db, "x"), count(db)):
            assert "does not answer" in (await refused(work)).detail
        assert time.monotonic() - began < 30
        wire.thaw()
        await answers(db)
        assert await claim(db, "x")


@pytest.mark.usefixtures("impatient")
async def test_a_frozen_commit_is_not_acknowledged(postgresql_url: str, wire: Wire) -> None:
    async with opened(through(postgresql_url, wire)) as db:

        async def write() -> None:
            async with db.write() as tx:
                assert await tx.settings.claim_once("x")
                wire.freeze()

        assert (await refused(write())).reason is Reason.UNAVAILABLE
        wire.thaw()
        await answers(db)


async def test_too_many_at_once_are_told_so(
    postgresql_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "POOL_SIZE", 1)
    monkeypatch.setattr(limits, "POOL_SECONDS", 0.1)
    async with opened(postgresql_url) as db, db.read() as tx:
        await tx.users.count()
        assert "no free connection" in (await refused(count(db))).detail
    async with opened(postgresql_url) as db:
        assert await count(db) == 0


# --- several hosts ----------------------------------------------------------------------------


@pytest.fixture
def second(postgresql_url: str) -> Iterator[Wire]:
    with wired(postgresql_url) as made:
        yield made


async def test_the_host_that_answers_is_used(postgresql_url: str, wire: Wire, second: Wire) -> None:
    async with opened(through(postgresql_url, wire, second)) as db:
        for gone, back in ((wire, second), (second, wire)):
            gone.cut()
            assert await count(db) == 0
            assert await claim(db, str(gone.port))
            gone.mend()
            assert back.port != gone.port


@pytest.mark.usefixtures("impatient")
async def test_a_silent_host_does_not_take_the_time_of_the_others(
    postgresql_url: str, wire: Wire, second: Wire
) -> None:
    wire.freeze()
    async with opened(through(postgresql_url, wire, second)) as db:
        assert await count(db) == 0
    wire.thaw()


@pytest.mark.usefixtures("impatient")
async def test_the_host_that_answered_last_is_asked_first(
    postgresql_url: str, wire: Wire, second: Wire
) -> None:
    wire.freeze()
    found = Hosts(through(postgresql_url, wire, second))
    first = await found.connect()
    began = time.monotonic()
    again = await found.connect()
    assert time.monotonic() - began < 1.9, "it did not wait for the silent one"
    wire.thaw()
    first.terminate()
    again.terminate()


async def test_without_any_host_the_last_one_speaks(
    postgresql_url: str, wire: Wire, second: Wire
) -> None:
    wire.cut()
    second.cut()
    async with opened(through(postgresql_url, wire, second)) as db:
        assert "cannot be reached" in (await refused(count(db))).detail


@pytest.mark.parametrize(
    ("url", "places"),
    [
        ("postgresql://u:p@one:1/db", [{}]),
        ("postgresql:///db?host=/run/postgresql", [{}]),
        (
            "postgresql://u:p%40@one:1,two,[::1]:3,[::2]/db?target_session_attrs=read-write",
            [
                {"host": "one", "port": 1},
                {"host": "two", "port": 5432},
                {"host": "::1", "port": 3},
                {"host": "::2", "port": 5432},
            ],
        ),
    ],
)
def test_hosts_of_a_url(url: str, places: list[dict[str, object]]) -> None:
    assert parse_places(url) == places


@pytest.mark.parametrize(
    ("authority", "options", "said"),
    [
        ("u:secret/word@one:abc", "", "a port must be a number"),
        ("u:secret#word@one", "", "a port must be a number"),
        ("one:99999", "", "a port must be a number"),
        ("one,two:0", "", "a port must be a number"),
        ("", "?host=one&port=x", "a port must be a number"),
        ("one", "?sslmode=bogus", "sslmode"),
        ("one", "?target_session_attrs=bogus", "target_session_attrs"),
    ],
)
async def test_a_wrong_url_is_told_at_once(authority: str, options: str, said: str) -> None:
    """In one sentence, which has nothing of the password."""
    with pytest.raises(Refused) as refusal:
        async with opened(f"postgresql://{authority}/db{options}") as db:
            await count(db)
    assert said in refusal.value.detail
    assert refusal.value.detail.startswith("The database's URL is wrong: ")
    assert "secret" not in refusal.value.detail
    assert "word" not in refusal.value.detail.replace("password", "")
    assert refusal.value.retry_after_seconds is None


@pytest.mark.parametrize("other", ["//nobody-here@{}/postgres", "//postgres@{}/nothing-here"])
async def test_a_user_or_a_database_that_is_not_there(postgresql_url: str, other: str) -> None:
    authority = urlsplit(postgresql_url).netloc.rpartition("@")[2]
    async with opened(f"postgresql:{other.format(authority)}") as db:
        detail = (await refused(count(db))).detail
    assert detail.startswith("The database cannot be reached: it does not accept the user")


async def test_an_option_that_the_server_does_not_know(postgresql_url: str) -> None:
    async with opened(f"{postgresql_url}?frobnicate=1") as db:
        detail = (await refused(count(db))).detail
    assert detail.startswith("The database's URL is wrong: ")
    assert "frobnicate" in detail


# --- what is stored ---------------------------------------------------------------------------


def test_every_text_sorts_by_code_points(postgresql_url: str) -> None:
    others = fetch(
        postgresql_url,
        "SELECT table_name, column_name FROM information_schema.columns "
        "WHERE table_schema = 'public' AND data_type IN ('text', 'character varying') "
        "AND collation_name IS DISTINCT FROM 'C' AND table_name <> 'alembic_version'",
    )
    assert others == []


@pytest.mark.parametrize("username", ["a\0b", "a\ud800b", "x" * 256])
async def test_what_cannot_be_stored_is_refused(postgresql_url: str, username: str) -> None:
    async with opened(postgresql_url) as db:

        async def create() -> None:
            async with db.write() as tx:
                await tx.users.create_bot(username=username, name="x", at=datetime.now(UTC))

        assert (await refused(create())).reason is Reason.INVALID
        assert await count(db) == 0


async def test_numbers_that_no_id_can_have_find_nothing_or_are_refused(postgresql_url: str) -> None:
    async with opened(postgresql_url) as db, db.read() as tx:
        assert await tx.users.get(2**63 - 1) is None
        with pytest.raises(Refused) as refusal:
            await tx.users.get(2**63)
    assert refusal.value.reason is Reason.INVALID


async def test_other_writers_are_waited_for_and_then_given_up(postgresql_url: str) -> None:
    """As when a node is stuck while it writes: refused, and the others go on to read."""
    async with opened(postgresql_url) as db, opened(postgresql_url) as other:
        async with other.write() as tx:
            assert await tx.settings.claim_once("x")
            began = time.monotonic()
            assert "busy" in (await refused(claim(db, "y"))).detail
            assert limits.LOCK_SECONDS - 1 < time.monotonic() - began < limits.LOCK_SECONDS + 15
            assert await count(db) == 0, "readers do not wait"
        assert await claim(db, "y")


async def test_a_registry_that_is_replaced_keeps_its_writers(postgresql_url: str) -> None:
    """Restoring puts other rows in the place of the counters that writers wait for."""
    async with opened(postgresql_url) as db, opened(postgresql_url) as other:
        async with db.write() as tx:
            waiting = asyncio.create_task(claim(other, "x"))
            deadline = time.monotonic() + 30
            while not fetch(postgresql_url, WAITING):
                assert time.monotonic() < deadline
                await asyncio.sleep(0.01)
            rows = [{"name": "serial", "value": 7}, {"name": "access", "value": 7}]
            connection = tx._connection  # noqa: SLF001  as a restore has it
            await connection.execute(delete(counter_rows).where(counter_rows.c.name != "timeline"))
            await connection.execute(insert(counter_rows), [*rows, {"name": "listing", "value": 7}])
        assert await waiting
    assert counters(postgresql_url)["serial"] == 7


async def test_a_promotion_makes_all_numbers_new(postgresql_url: str) -> None:
    """A new leader may lack commits whose numbers caches still hold."""
    async with opened(postgresql_url) as db:
        assert await claim(db, "first")
        before = counters(postgresql_url)
        fetch(postgresql_url, "UPDATE counters SET value = value + 1 WHERE name = 'timeline'")
        assert await claim(db, "second")
        after = counters(postgresql_url)
        assert {name: after[name] - before[name] for name in ("serial", "access", "listing")} == {
            "serial": JUMP,
            "access": JUMP,
            "listing": JUMP,
        }
        assert await claim(db, "third")
        assert counters(postgresql_url) == after


def counters(url: str) -> dict[str, int]:
    return {row["name"]: row["value"] for row in fetch(url, "SELECT * FROM counters")}


async def test_a_cancelled_reader_gives_its_connection_back(
    postgresql_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "POOL_SIZE", 1)
    async with opened(postgresql_url) as db:
        for _ in range(5):
            reading = asyncio.create_task(count(db))
            await asyncio.sleep(0.001)
            reading.cancel()
            await asyncio.wait([reading])
        assert await count(db) == 0
