"""Writing an upload down: the name, the package, the file, and what it supersedes."""

from datetime import datetime
from typing import Any

from sqlalchemy import Executable, Row, bindparam, exists, insert, select, update

from wheelyard.domain.models.packages import NewFile
from wheelyard.domain.version_order import version_key
from wheelyard.sql.connection import Connection
from wheelyard.sql.instance_figures import add_to_day
from wheelyard.sql.name_search import note_grams
from wheelyard.sql.prepared import prepared
from wheelyard.sql.project_figures import add_stored
from wheelyard.sql.schema import file_forms, files, names, packages
from wheelyard.sql.serial import next_serial, note_listing_change

_ACTIVE = "active"

_IN_PROJECT = files.c.project_id == bindparam("of_project")
_NAMED = files.c.filename == bindparam("named")
_STORED = prepared(
    select(files.c.id, files.c.is_superseded).where(
        _IN_PROJECT, _NAMED, files.c.sha256 == bindparam("with_sha256")
    )
)
_SUPERSEDE = prepared(
    update(files).where(_IN_PROJECT, _NAMED, ~files.c.is_superseded).values(is_superseded=True)
)
_RESTORE = prepared(
    update(files)
    .where(files.c.id == bindparam("file_id"))
    .values(is_superseded=False, lost_at=None)
)
_NAME = prepared(
    select(names.c.id, names.c.has_files).where(
        names.c.project_id == bindparam("of_project"), names.c.normalised == bindparam("name")
    )
)
_TOUCH_NAME = prepared(update(names).where(names.c.id == bindparam("name_id")))
_ADD_NAME = prepared(insert(names).returning(names.c.id))
_other = names.alias("other")
_MARK_SHARED = prepared(
    update(names)
    .where(
        names.c.normalised == bindparam("name"),
        exists().where(_other.c.normalised == names.c.normalised, _other.c.id != names.c.id),
    )
    .values(is_shared=True)
)
_PACKAGE = prepared(
    # 1.0.0 joins 1.0: one version, in the spelling that came first (also when that was deleted).
    select(packages.c.id, packages.c.version, packages.c.deleted_at)
    .where(packages.c.name_id == bindparam("of_name"), packages.c.version_key == bindparam("key"))
    .order_by(packages.c.deleted_at.is_not(None), packages.c.id)
    .limit(1)
)
_ADD_PACKAGE = prepared(insert(packages).returning(packages.c.id))
_ADD_FILE = prepared(insert(files).returning(files.c.id))
_ADD_FORM = prepared(insert(file_forms))


class Recording:
    """One upload into one project, on one writing connection."""

    def __init__(
        self, connection: Connection, project_id: int, by_user_id: int | None, at: datetime
    ) -> None:
        self._connection = connection
        self._project_id = project_id
        self._by_user_id = by_user_id
        self._at = at
        self.is_new_name = False
        self._is_new_release = False

    async def record(self, file: NewFile) -> bool:
        """Make `file` the listed one of its name; return False when it was so already."""
        stored = await self._stored(file)
        if stored is not None and not stored.is_superseded:
            return False
        name_id = await self._name(file)
        named = {"of_project": self._project_id, "named": file.filename}
        await self._connection.execute(_SUPERSEDE, named)
        if stored is None:
            await self._insert(file, name_id, *await self._package(file, name_id))
        else:
            await self._connection.execute(_RESTORE, {"file_id": stored.id})
        return True

    async def _stored(self, file: NewFile) -> Row[Any, Any] | None:
        wanted = {
            "of_project": self._project_id,
            "named": file.filename,
            "with_sha256": file.digests.sha256,
        }
        return (await self._connection.execute(_STORED, wanted)).one_or_none()

    async def _name(self, file: NewFile) -> int:
        """Return the id of the package name, marked as changed now."""
        serial = await next_serial(self._connection)
        found = await self._connection.execute(
            _NAME, {"of_project": self._project_id, "name": file.normalised_name}
        )
        known = found.one_or_none()
        if known is None or not known.has_files:
            await note_listing_change(self._connection)
        if known is not None:
            await self._connection.execute(
                _TOUCH_NAME, {"name_id": known.id, "serial": serial, "has_files": True}
            )
            return int(known.id)
        self.is_new_name = True
        name_id = await self._add(
            _ADD_NAME,
            project_id=self._project_id,
            normalised=file.normalised_name,
            status=_ACTIVE,
            serial=serial,
            created_at=self._at,
            has_files=True,
            is_shared=False,
        )
        await note_grams(self._connection, name_id, file.normalised_name)
        await self._connection.execute(_MARK_SHARED, {"name": file.normalised_name})
        return name_id

    async def _package(self, file: NewFile, name_id: int) -> tuple[int, str]:
        """Return the id of the file's package, and its version as it is spelled there."""
        key = version_key(file.version)
        known = (await self._connection.execute(_PACKAGE, {"of_name": name_id, "key": key})).first()
        version = file.version if known is None else str(known.version)
        if known is not None and known.deleted_at is None:
            return int(known.id), version
        self._is_new_release = True
        package_id = await self._add(
            _ADD_PACKAGE,
            name_id=name_id,
            project_id=self._project_id,
            name=file.name,
            version=version,
            version_key=key,
            creator_id=self._by_user_id,
            created_at=self._at,
        )
        return package_id, version

    async def _insert(self, file: NewFile, name_id: int, package_id: int, version: str) -> None:
        file_id = await self._add(
            _ADD_FILE,
            package_id=package_id,
            name_id=name_id,
            project_id=self._project_id,
            normalised_name=file.normalised_name,
            version=version,
            filename=file.filename,
            kind=file.kind,
            sha256=file.digests.sha256,
            md5=file.digests.md5,
            blake2_256=file.digests.blake2_256,
            size_bytes=file.size_bytes,
            requires_python=file.requires_python,
            metadata_sha256=file.metadata_sha256,
            uploaded_at=self._at,
            uploader_id=self._by_user_id,
            is_superseded=False,
        )
        await add_stored(
            self._connection,
            self._project_id,
            packages=int(self._is_new_release),
            files=1,
            size_bytes=file.size_bytes,
        )
        await add_to_day(self._connection, self._at.date(), uploads=1)
        form = {field: list(values) for field, values in file.form.items()}
        await self._connection.execute(_ADD_FORM, {"file_id": file_id, "fields": form})

    async def _add(self, statement: Executable, **values: Any) -> int:
        """Insert a row and return its id."""
        return int((await self._connection.execute(statement, values)).scalar_one())
