"""What the actions are tested with: the real database and byte store, empty, and a caller."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from databases import settings_of
from trails import Trail
from wheelyard.app import Machinery, machinery
from wheelyard.domain.models.callers import Actor, Caller


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a data folder with an empty database, once: running the revisions takes a while."""
    data = tmp_path_factory.mktemp("migrated") / "data"

    async def make() -> None:
        async with machinery(settings_of(data)):
            pass

    asyncio.run(make())
    return data


@pytest.fixture
async def machines(migrated: Path, tmp_path: Path) -> AsyncIterator[Machinery]:
    data = shutil.copytree(migrated, tmp_path / "data")
    async with machinery(settings_of(data)) as made:
        yield made


@pytest.fixture
def by() -> Caller:
    """Return the operator, at a moment of the tests' own."""
    actor = Actor(username="operator", is_admin=True)
    return Caller(actor, datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC), "192.0.2.7")


@pytest.fixture
def trail(machines: Machinery) -> Trail:
    return Trail(machines.db)
