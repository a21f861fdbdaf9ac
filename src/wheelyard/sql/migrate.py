"""Bringing a database's schema up to this version's, while other nodes may be serving from it.

Revisions first expand: they add what the new version needs and leave all that the one before it
uses, so that nodes of both versions serve from one database. A later release contracts, and says
so in the row `CONTRACTED` of `counters`: nodes that are older do not start any more.
"""

import asyncio
import logging
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import Connection, inspect, select, text

from wheelyard.domain.errors import Reason, Refused
from wheelyard.sql.engine import Engine
from wheelyard.sql.failures import is_busy
from wheelyard.sql.schema import counters

HEAD = "0002"
"""The newest revision; a test compares it with Alembic's own reading of the folder."""

CONTRACTED = "contracted"
"""Names the number of the oldest revision whose code the schema still serves; absent: any."""

_FOLDER = Path(__file__).parent / "migrations"
_TRIES = 30
_PAUSE_SECONDS = 1.0

_log = logging.getLogger(__name__)


class _State(NamedTuple):
    """What the database says: its revision and, of a newer one, whose code it still serves."""

    revision: str | None
    contracted: int


async def migrate(engine: Engine) -> None:
    """Run the revisions that the database lacks, in one transaction.

    A newer schema is left alone, if it still serves this version. Raises Refused (unavailable)
    when it does not, and when the database cannot be reached or written.
    """
    for number in range(1, _TRIES + 1):
        try:
            # Even a first look may meet another process that is just making the file (SQLite).
            if _is_behind(await engine.inspect(_state)):
                await engine.restructure(_upgrade)
        except Refused as refused:
            if number == _TRIES or not is_busy(refused):
                raise
            _log.info("the schema is in use; trying again to change it")
            await asyncio.sleep(_PAUSE_SECONDS)
        else:
            return


def _state(connection: Connection) -> _State:
    if not inspect(connection).has_table("alembic_version"):
        return _State(None, 0)
    revision: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    if revision is None or revision <= HEAD:
        return _State(revision, 0)
    contracted = select(counters.c.value).where(counters.c.name == CONTRACTED)
    return _State(revision, connection.scalar(contracted) or 0)


def _is_behind(state: _State) -> bool:
    if state.revision is None or state.revision < HEAD:
        return True
    if state.contracted > int(HEAD):
        raise Refused(
            Reason.UNAVAILABLE,
            f"The database is of a newer version of Wheelyard (its schema is {state.revision}, "
            f"this version knows {HEAD}). Upgrade this node.",
        )
    return False


def _upgrade(connection: Connection) -> None:
    if not _is_behind(_state(connection)):  # another process was faster
        return
    # Alembic is needed once per release: a command that only writes a row does not load it.
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(_FOLDER))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
