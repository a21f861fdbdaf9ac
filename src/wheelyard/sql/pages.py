"""Reading pages: what they say of their name, and its files, in portions.

A page may have tens of thousands of files. They are fetched a few hundred at a time, with turns
for others in between, and the database is not asked to sort them: the order of a page is that of
its versions, which it does not know.
"""

import asyncio
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, bindparam, select

from wheelyard.domain.documents.page import ProjectPage
from wheelyard.domain.models.packages import ListedFile
from wheelyard.domain.names import NormalisedName
from wheelyard.domain.status import ProjectStatus
from wheelyard.sql.connection import Connection
from wheelyard.sql.prepared import prepared
from wheelyard.sql.schema import files, names, packages
from wheelyard.sql.types import InstantText

_PORTION_ROWS = 250

# In the order of `ListedFile`, so that a row is one already. Made once: making a statement takes
# longer than running it.
_FILES_OF_NAME = select(
    files.c.filename,
    files.c.id,
    files.c.version,
    files.c.kind,
    files.c.sha256,
    files.c.size_bytes,
    files.c.requires_python,
    files.c.metadata_sha256,
    InstantText(files.c.uploaded_at),
    files.c.yanked_reason,
    files.c.md5,
    files.c.blake2_256,
).where(files.c.name_id == bindparam("of_name"), ~files.c.is_superseded)

# Those without a file as well (PEP 700). By itself, from an index alone: joined with the files
# it takes half as long again to read them.
_VERSIONS_OF_NAME = prepared(
    select(packages.c.version).where(packages.c.name_id == bindparam("of_name"))
)

_NAME = select(names).where(
    names.c.normalised == bindparam("name"),
    names.c.project_id.in_(bindparam("ids", expanding=True)),
)


async def read_pages(
    connection: Connection, name: NormalisedName, project_ids: Sequence[int]
) -> list[ProjectPage]:
    """Return the pages of one name in those of the projects that have it, in no order."""
    found = await connection.execute(_NAME, {"name": name, "ids": project_ids})
    return [await _read_page(connection, row) for row in found.all()]


async def _read_page(connection: Connection, name: Row[Any]) -> ProjectPage:
    status = ProjectStatus(name.status)
    listed: list[ListedFile] = []
    of_name = {"of_name": name.id}
    versions = (await connection.execute(_VERSIONS_OF_NAME, of_name)).scalars().all()
    result = await connection.execute(_FILES_OF_NAME, of_name)
    for portion in result.partitions(_PORTION_ROWS):
        if listed:
            await asyncio.sleep(0)
        listed.extend(map(ListedFile._make, portion))
    return ProjectPage(
        name=NormalisedName(name.normalised),
        files=listed if status.offers_files else [],
        versions=versions,
        status=status,
        reason=name.status_reason,
        serial=name.serial,
        project_id=name.project_id,
    )
