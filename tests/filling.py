"""Writing a great many releases at once, without the bytes: for tests of large registries."""

import itertools
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

from sqlalchemy import insert, select

from wheelyard.domain.version_order import version_key
from wheelyard.sql.connection import Connection
from wheelyard.sql.name_search import note_grams
from wheelyard.sql.project_figures import add_stored
from wheelyard.sql.schema import files, names, packages

AT = datetime(2026, 1, 1, tzinfo=UTC)
_BATCH = 2000
_FILE_BYTES = 1000


async def fill_name(
    connection: Connection, project_id: int, name: str, versions: int, files_per_version: int
) -> None:
    """Give a project a name that it does not have yet, with so many versions and wheels."""
    row = {
        "project_id": project_id,
        "normalised": name,
        "status": "active",
        "serial": 1,
        "created_at": AT,
        "has_files": True,
        "is_shared": False,
    }
    made = await connection.execute(insert(names).returning(names.c.id), row)
    name_id = made.scalar_one()
    await note_grams(connection, name_id, name)
    shared = {"project_id": project_id, "name_id": name_id}
    await _insert(connection, packages, _packages({**shared, "name": name}, versions))
    found = await connection.execute(
        select(packages.c.id, packages.c.version)
        .where(packages.c.name_id == name_id)
        .order_by(packages.c.id)
    )
    shared = {**shared, "normalised_name": name}
    await _insert(connection, files, _files(shared, found.all(), files_per_version))
    count = versions * files_per_version
    await add_stored(
        connection, project_id, packages=versions, files=count, size_bytes=count * _FILE_BYTES
    )


def _packages(shared: dict[str, Any], versions: int) -> Iterator[dict[str, Any]]:
    for number in range(versions):
        version = f"1.{number}"
        yield {
            **shared,
            "version": version,
            "version_key": version_key(version),
            "created_at": AT + timedelta(minutes=number),
        }


def _files(shared: dict[str, Any], releases: Sequence[Any], count: int) -> Iterator[dict[str, Any]]:
    for package_id, version in releases:
        for build in range(count):
            filename = f"{shared['normalised_name']}-{version}-{build}-cp312-cp312-win_amd64.whl"
            digest = sha256(f"{shared['project_id']} {filename}".encode()).hexdigest()
            yield {
                **shared,
                "package_id": package_id,
                "version": version,
                "filename": filename,
                "kind": "bdist_wheel",
                "sha256": digest,
                "md5": digest[:32],
                "blake2_256": digest,
                "size_bytes": _FILE_BYTES,
                "requires_python": ">=3.9",
                "metadata_sha256": digest[::-1],
                "uploaded_at": AT,
                "is_superseded": False,
            }


async def _insert(connection: Connection, table: Any, rows: Iterator[dict[str, Any]]) -> None:
    while batch := list(itertools.islice(rows, _BATCH)):
        await connection.execute(insert(table), batch)
