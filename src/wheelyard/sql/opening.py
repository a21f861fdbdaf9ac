"""Opening the database that a URL names, with what caches go by, at this version's schema."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from wheelyard.domain.errors import Refused
from wheelyard.ports.freshness import Freshness
from wheelyard.sql.database import SqlDatabase
from wheelyard.sql.engine import SQLITE, Engine, make_engine
from wheelyard.sql.freshness import SqliteFreshness
from wheelyard.sql.migrate import migrate

_PAUSE_SECONDS = 0.5


@asynccontextmanager
async def opened_database(
    url: str, node: Path, patience_seconds: float = 0
) -> AsyncIterator[tuple[SqlDatabase, Freshness]]:
    """Open `sqlite:///FILE` or `postgresql://…`.

    node: a folder that the processes of this machine share.
    patience_seconds: for how long to try to reach a server.

    Raises Refused (unavailable) when the database cannot be reached, or is of a newer version.
    """
    if not url.startswith(SQLITE):
        async with _opened_server(url, node, patience_seconds) as opened:
            yield opened
        return
    engine = make_engine(url)
    try:
        await migrate(engine)
        freshness = SqliteFreshness(Path(url.removeprefix(SQLITE)))
        try:
            yield SqlDatabase(engine), freshness
        finally:
            freshness.close()
    finally:
        await engine.close()


@asynccontextmanager
async def _opened_server(
    url: str, node: Path, patience_seconds: float
) -> AsyncIterator[tuple[SqlDatabase, Freshness]]:
    from wheelyard.sql.listening import PostgresFreshness  # noqa: PLC0415  SQLite needs no asyncpg
    from wheelyard.sql.neighbours import Neighbours  # noqa: PLC0415  likewise
    from wheelyard.sql.postgresql import PostgresEngine  # noqa: PLC0415  likewise

    engine = PostgresEngine(url)
    try:
        await _migrate_patiently(engine, patience_seconds)
        freshness = PostgresFreshness(engine, Neighbours(node / "latest-change"))
        try:
            yield SqlDatabase(engine), freshness
        finally:
            await freshness.close()
    finally:
        await engine.close()


async def _migrate_patiently(engine: Engine, patience_seconds: float) -> None:
    """Migrate as soon as the server can be reached: it may be starting as well."""
    deadline = time.monotonic() + patience_seconds
    while True:
        try:
            await migrate(engine)
        except Refused as refused:
            if refused.retry_after_seconds is None or time.monotonic() >= deadline:
                raise
        else:
            return
        await asyncio.sleep(_PAUSE_SECONDS)
