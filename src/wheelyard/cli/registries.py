"""Other registries than the one that the settings name: by their addresses, for a while."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from wheelyard.app import Machinery, machinery, open_store
from wheelyard.ports.blobs import Blobs
from wheelyard.ports.database import Database
from wheelyard.settings import ServerSettings


@asynccontextmanager
async def opened_registry(database_url: str, blobs: str | None = None) -> AsyncIterator[Machinery]:
    """Open the machinery at these addresses; without an address the store is an empty one."""
    with TemporaryDirectory(prefix="wheelyard-") as folder:
        settings = ServerSettings(data=Path(folder), database_url=database_url, blobs=blobs)
        async with machinery(settings) as machines:
            yield machines


@asynccontextmanager
async def opened_rows(file: Path) -> AsyncIterator[Database]:
    """Open the database in an SQLite file, which is brought to this version's schema."""
    async with opened_registry(f"sqlite:///{file}") as machines:
        yield machines.db


def opened_blobs(url: str) -> Blobs:
    """Open the byte store at an address. Raises Refused."""
    return open_store(ServerSettings(blobs=url))[0]
