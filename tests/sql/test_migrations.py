"""The schema and its revisions agree, and a database of any revision gets to the newest."""

import asyncio
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, String, column, table, text

import wheelyard.sql.migrations
from databases import drop_database, make_database
from sql.structure import objects, without_triggers
from wheelyard.domain.errors import Reason, Refused
from wheelyard.sql.engine import make_engine, sqlite_url
from wheelyard.sql.migrate import CONTRACTED, HEAD, migrate
from wheelyard.sql.schema import counters, metadata
from wheelyard.sql.types import Chars

FOLDER = Path(next(iter(wheelyard.sql.migrations.__path__)))
NEWER = f"{int(HEAD) + 1:04}"

NewUrl = Callable[[], str]


@pytest.fixture(params=["sqlite", "postgresql"])
def new_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[NewUrl]:
    """Return the URL of an empty database, another one each time."""
    names: list[str] = []

    def make() -> str:
        names.append(f"empty_{uuid4().hex}")
        if request.param == "sqlite":
            return sqlite_url(tmp_path / f"{names[-1]}.db")
        return make_database(names[-1], template="template0")

    yield make
    if request.param == "postgresql":
        for name in names:
            drop_database(name)


def config(connection: Connection | None = None) -> Config:
    """Return Alembic's configuration, as `wheelyard.sql.migrate` makes it."""
    made = Config()
    made.set_main_option("script_location", str(FOLDER))
    made.attributes["connection"] = connection
    return made


async def on_connection(url: str, work: Callable[[Connection], object]) -> None:
    """Do `work` in one writing transaction."""
    engine = make_engine(url)
    try:
        await engine.restructure(lambda connection: _ignored(work(connection)))
    finally:
        await engine.close()


def _ignored(_result: object) -> None:
    """Drop what a piece of work returns."""


async def migrated(url: str) -> str:
    """Bring the database to the newest revision."""
    engine = make_engine(url)
    try:
        await migrate(engine)
    finally:
        await engine.close()
    return url


async def pretend_newer(url: str, contracted: int | None = None) -> None:
    """Turn the database into one that a newer version has migrated."""

    def change(connection: Connection) -> None:
        connection.execute(text("ALTER TABLE projects ADD COLUMN colour VARCHAR(20)"))
        connection.execute(text("CREATE TABLE novelties (id BIGINT PRIMARY KEY)"))
        versions = table("alembic_version", column("version_num"))
        connection.execute(versions.update().values(version_num=NEWER))
        if contracted is not None:
            connection.execute(counters.insert().values(name=CONTRACTED, value=contracted))

    await on_connection(url, change)


def test_the_newest_revision_is_the_one_that_is_named() -> None:
    scripts = ScriptDirectory.from_config(config())
    assert scripts.get_heads() == [HEAD]
    numbers = [script.revision for script in scripts.walk_revisions()]
    assert numbers == sorted(numbers, reverse=True)


def test_all_text_is_in_the_order_of_code_points() -> None:
    """Else a range of paths, or a list of names, would be another one on PostgreSQL."""
    columns = [column for table in metadata.sorted_tables for column in table.c]
    texts = [column for column in columns if isinstance(column.type, String | Chars)]
    assert len(texts) > 50
    assert [column for column in texts if not isinstance(column.type, Chars)] == []


async def test_the_revisions_make_the_tables_that_the_code_knows(new_url: NewUrl) -> None:
    found: list[object] = []

    def compare(connection: Connection) -> None:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        found.extend(compare_metadata(context, metadata))

    await on_connection(await migrated(new_url()), compare)
    assert found == []


async def test_constraints_and_conditions_of_indexes_agree_too(new_url: NewUrl) -> None:
    """Alembic does not compare these: CHECK, foreign keys' ON DELETE, partial indexes, order."""
    url, made = await migrated(new_url()), new_url()
    await on_connection(made, metadata.create_all)
    assert without_triggers(objects(url)) == without_triggers(objects(made))


async def test_there_is_a_way_back(new_url: NewUrl) -> None:
    url = await migrated(new_url())
    before = objects(url)
    await on_connection(url, lambda connection: command.downgrade(config(connection), "base"))
    assert {name.partition(".")[0] for name in objects(url)} <= {
        "alembic_version",
        "alembic_version_pkc",
    }
    await migrated(url)
    assert objects(url) == before


async def test_migrating_again_changes_nothing(new_url: NewUrl) -> None:
    url = await migrated(new_url())
    before = objects(url)
    await migrated(url)
    assert objects(url) == before


async def test_a_revision_that_fails_leaves_the_database_as_it_was(new_url: NewUrl) -> None:
    """DDL is part of the transaction: no half-migrated schema after a crash."""
    url = new_url()

    def upgrade_and_fail(connection: Connection) -> None:
        command.upgrade(config(connection), "head")
        raise RuntimeError

    with pytest.raises(RuntimeError):
        await on_connection(url, upgrade_and_fail)
    assert objects(url) == {}


async def test_several_migrate_at_once(new_url: NewUrl) -> None:
    url = new_url()
    await asyncio.gather(*(migrated(url) for _ in range(4)))
    assert objects(url) == objects(await migrated(new_url()))


def test_processes_migrate_at_once(new_url: NewUrl, tmp_path: Path) -> None:
    """As when all nodes are started after an upgrade: one migrates, the others wait for it."""
    url = new_url()
    arguments = [sys.executable, "-m", "wheelyard", "settings", "list", "--json", "--data"]
    nodes = [
        subprocess.Popen(
            [*arguments, str(tmp_path / f"node-{number}")],
            env={**os.environ, "WHEELYARD_DATABASE_URL": url},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        for number in range(3)
    ]
    said = [node.communicate(timeout=120) for node in nodes]
    assert [node.returncode for node in nodes] == [0, 0, 0], said
    assert len({out for out, _ in said}) == 1


async def test_a_newer_schema_that_still_serves_is_left_alone(new_url: NewUrl) -> None:
    """A node of the version before starts, and works, while the others are upgraded."""
    url = await migrated(new_url())
    await pretend_newer(url, contracted=int(HEAD))
    before = objects(url)
    await migrated(url)
    assert objects(url) == before


async def test_a_schema_that_is_too_new_is_refused_with_a_sentence(new_url: NewUrl) -> None:
    url = await migrated(new_url())
    await pretend_newer(url, contracted=int(NEWER))
    with pytest.raises(Refused) as refusal:
        await migrated(url)
    assert "newer version" in refusal.value.detail


async def test_a_file_that_is_no_database_is_refused_with_a_sentence(tmp_path: Path) -> None:
    file = tmp_path / "a.db"
    file.write_bytes(b"this is no database" * 100)
    with pytest.raises(Refused) as refusal:
        await migrated(sqlite_url(file))
    assert refusal.value.reason is Reason.UNAVAILABLE
