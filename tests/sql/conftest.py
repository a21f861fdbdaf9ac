"""A PostgreSQL database of a test's own, and a wire to it that can be cut."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from databases import database_of, forget
from sql.wires import Wire, wired


@pytest.fixture
def postgresql_url(tmp_path: Path) -> Iterator[str]:
    """Return the URL of a database at the newest revision."""
    yield database_of(tmp_path)
    forget(tmp_path)


@pytest.fixture
def wire(postgresql_url: str) -> Iterator[Wire]:
    """Yield a wire to the database's server."""
    with wired(postgresql_url) as made:
        yield made
