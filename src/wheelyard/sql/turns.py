"""A writer's turn on PostgreSQL: the lock, and what to do first when another server leads now.

A new leader may lack the last commits of the one before it (they were replicated behind its back),
while caches still hold what these wrote, under numbers that would be given out again. PostgreSQL
counts its leaders: each promotion begins a timeline. The first writer of a new one makes all
counters jump, so that no number ever means two things.
"""

from typing import Any

from sqlalchemy import BigInteger, func, literal_column, select, update
from sqlalchemy.dialects.postgresql import insert

from wheelyard.sql.connection import Connection
from wheelyard.sql.failures import BUSY, unavailable
from wheelyard.sql.schema import counters
from wheelyard.sql.serial import ACCESS, LISTING, SERIAL

TIMELINE = "timeline"
"""Names the counter that holds the timeline of the latest write."""

JUMP = 1_000_000
"""More changes than a standby can be behind."""

_TRIES = 3

_PRESENT = literal_column(
    "('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::bigint", BigInteger
)

# The row that every change bumps. Its lock is a part of the transaction's log, so a commit waits
# for the replication of all commits before it, even if it changes nothing itself.
_LOCK = (
    select(
        counters.c.value,
        select(func.max(counters.c.value)).where(counters.c.name == TIMELINE).scalar_subquery(),
        _PRESENT,
    )
    .where(counters.c.name == SERIAL)
    .with_for_update()
)
_JUMP = (
    update(counters)
    .where(counters.c.name.in_([SERIAL, ACCESS, LISTING]))
    .values(value=counters.c.value + JUMP)
)


async def _lock(connection: Connection) -> Any:
    for _ in range(_TRIES):
        row = (await connection.execute(_LOCK)).one_or_none()
        if row is not None:
            return row
        # Whom it waited for has put another row in the place of this one: a restored registry.
    raise unavailable(BUSY)


async def take_turn(connection: Connection) -> int:
    """Wait until no other transaction writes, and return the serial of the latest change.

    Raises Refused (unavailable) when the turn does not come.
    """
    serial, known, present = await _lock(connection)
    if known == present:
        return int(serial)
    if known is not None:
        await connection.execute(_JUMP)
    new = insert(counters).values(name=TIMELINE, value=present)
    await connection.execute(
        new.on_conflict_do_update(
            index_elements=[counters.c.name], set_={"value": new.excluded["value"]}
        )
    )
    return int(serial)
