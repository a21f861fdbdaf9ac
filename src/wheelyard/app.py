"""The composition root: the only place that names concrete classes and puts them together."""

import gc
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from wheelyard.actions.regular_upkeep import regular_upkeep
from wheelyard.actions.usage import recorded_usage
from wheelyard.blobs.disk import DiskBlobs
from wheelyard.blobs.opening import open_blobs
from wheelyard.blobs.spool import DiskSpool
from wheelyard.domain.errors import Reason, Refused
from wheelyard.http.asgi import Client, Fields, Front, Receive, Scope, Send
from wheelyard.http.usage import UsageCollector
from wheelyard.metrics.blobs import MeasuredBlobs
from wheelyard.metrics.board import Board
from wheelyard.metrics.database import MeasuredDatabase
from wheelyard.passwords import Argon2Passwords
from wheelyard.ports.blobs import Blobs
from wheelyard.ports.database import Database
from wheelyard.ports.freshness import Freshness
from wheelyard.ports.metrics import Metrics
from wheelyard.ports.passwords import Passwords
from wheelyard.ports.spool import Spool
from wheelyard.serving.parent import die_with_parent
from wheelyard.settings import ServerSettings
from wheelyard.sql.engine import sqlite_url
from wheelyard.sql.opening import opened_database

START_PATIENCE_SECONDS = 60.0
"""For how long a server that starts waits for its database server, which may be starting too."""

_OBJECTS_BEFORE_COLLECTION = 20_000

_log = logging.getLogger(__name__)


def now() -> datetime:
    """Return the present moment: the one clock of the program."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Machinery:
    """The real database, byte store, spool and password hash, and what caches go by."""

    db: Database
    blobs: Blobs
    spool: Spool
    passwords: Passwords
    freshness: Freshness


@asynccontextmanager
async def machinery(
    settings: ServerSettings, patience_seconds: float = 0
) -> AsyncIterator[Machinery]:
    """Open the machinery that `settings` name, with the database at this version's schema.

    patience_seconds: for how long to try to reach a database server. Raises Refused (unavailable).
    """
    data = settings.data.absolute()
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    url = settings.database_url or sqlite_url(data / "wheelyard.db")
    async with opened_database(url, data, patience_seconds) as (db, freshness):
        blobs, spool = open_store(settings)
        yield Machinery(db, blobs, spool, Argon2Passwords(), freshness)


def open_store(settings: ServerSettings) -> tuple[Blobs, Spool]:
    """Open the byte store, and the spool where it takes files from best; nothing is sent yet.

    Raises Refused when the address of the store, or what its provider's variables say, is wrong.
    """
    data = settings.data.absolute()
    try:
        blobs = open_blobs(settings.blobs) if settings.blobs else DiskBlobs(data / "blobs")
    except ValueError as error:
        raise Refused(Reason.UNAVAILABLE, f"WHEELYARD_BLOBS: {error}") from error
    if isinstance(blobs, DiskBlobs):
        return blobs, DiskSpool(blobs.partial_directory)
    return blobs, DiskSpool(data / "spool")


class Application:
    """The server of one worker process: an ASGI application with its lifespan."""

    def __init__(self, settings: ServerSettings) -> None:
        self._settings = settings
        self._handler: Front | None = None

    def at_once(self, target: bytes, fields: Fields, client: Client) -> tuple[bytes, bytes] | None:
        """Return head and body of the answer to a GET if no waiting is needed for it, else None."""
        return None if self._handler is None else self._handler.at_once(target, fields, client)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request, or live."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif self._handler is not None:
            await self._handler(scope, receive, send)

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        try:
            usage, metrics = UsageCollector(), Board(metrics_folder(self._settings))
            async with (
                machinery(self._settings, START_PATIENCE_SECONDS) as opened,
                recorded_usage((machines := _measured(opened, metrics)).db, usage),
                regular_upkeep(machines.db, machines.blobs, machines.spool, now),
            ):
                self._handler = self._build(machines, usage, metrics)
                await send({"type": "lifespan.startup.complete"})
                await receive()
        except Exception:  # noqa: BLE001  whatever it is, uvicorn only learns of it by the message
            _log.exception("the server cannot start, or failed to stop")
            await send({"type": "lifespan.startup.failed"})
            return
        await send({"type": "lifespan.shutdown.complete"})

    def _build(self, machines: Machinery, usage: UsageCollector, metrics: Metrics) -> Front:
        from wheelyard.http.about import About  # noqa: PLC0415  the command line needs no HTTP
        from wheelyard.http.redirects import Delivery  # noqa: PLC0415
        from wheelyard.http.routes import build  # noqa: PLC0415
        from wheelyard.http.services import Services  # noqa: PLC0415
        from wheelyard.inspection_rules import inspection_rules  # noqa: PLC0415

        services = Services(
            db=machines.db,
            blobs=machines.blobs,
            spool=machines.spool,
            passwords=machines.passwords,
            rules=inspection_rules(),
            clock=now,
            usage=usage,
            about=About(now(), _database(self._settings), _store(self._settings)),
            metrics=metrics,
            metrics_from=self._settings.metrics_from,
            delivery=Delivery(self._settings.downloads),
            external_url=self._settings.external_url,
        )
        return build(
            services,
            machines.freshness,
            cache_bytes=self._settings.cache_mb * 1_000_000,
            trusted=self._settings.trusted_proxies,
            access_log=self._settings.access_log,
        )


def _database(settings: ServerSettings) -> str:
    return (
        "PostgreSQL"
        if (settings.database_url or "").startswith("postgres")
        else "SQLite, in the data folder"
    )


def _store(settings: ServerSettings) -> str:
    scheme = urlsplit(settings.blobs or "").scheme
    return f"An object store ({scheme})" if scheme not in {"", "file"} else "A folder"


def metrics_folder(settings: ServerSettings) -> Path:
    """Return the folder in which the worker processes of this machine count."""
    return settings.data.absolute() / "metrics"


def _measured(machines: Machinery, metrics: Metrics) -> Machinery:
    db: Database = MeasuredDatabase(machines.db, metrics)
    blobs: Blobs = MeasuredBlobs(machines.blobs, metrics)
    return replace(machines, db=db, blobs=blobs)


def load_server() -> None:
    """Import what serving needs: workers that are forked afterwards share it, and start at once."""
    gc.disable()  # as in `wheelyard.__main__`
    import wheelyard.http.routes  # noqa: PLC0415  the command line needs no HTTP
    import wheelyard.inspection_rules  # noqa: F401, PLC0415  likewise

    gc.freeze()  # so that looking for garbage later leaves the shared pages shared
    # Nearly all that a request leaves is freed at once. Looking for the rest after each 700 new
    # objects, as Python does by itself, takes a twelfth of an upload's time.
    gc.set_threshold(_OBJECTS_BEFORE_COLLECTION)
    gc.enable()


def create_application() -> Application:
    """Build the server from the environment: what each worker process calls."""
    from wheelyard.serving.logs import configure_logging  # noqa: PLC0415  likewise

    die_with_parent()
    configure_logging()
    return Application(ServerSettings())
