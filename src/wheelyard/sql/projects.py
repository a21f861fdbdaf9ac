"""Projects."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Executable,
    Select,
    bindparam,
    delete,
    false,
    func,
    insert,
    or_,
    select,
    update,
)

from wheelyard.domain.access import RegistryAccess, Visibility
from wheelyard.domain.filters import EVERYWHERE, ProjectFilter
from wheelyard.domain.findings import Strictness
from wheelyard.domain.inheritance import Inherited, Settled, settle
from wheelyard.domain.listing import Listing, Window
from wheelyard.domain.models.places import Duplicates, Namespace, Project, ProjectChoices
from wheelyard.domain.names import path_key
from wheelyard.sql.connection import Connection
from wheelyard.sql.extents import reachable
from wheelyard.sql.prepared import prepared
from wheelyard.sql.project_figures import begin_totals
from wheelyard.sql.routes import claim, free, is_below, move
from wheelyard.sql.schema import packages, projects
from wheelyard.sql.windows import inside, read_window

_COLUMNS = [column for column in projects.c if column.name != "path_key"]
_BY_ID = prepared(select(*_COLUMNS).where(projects.c.id == bindparam("project_id")))
_BY_PATH = prepared(select(*_COLUMNS).where(projects.c.path_key == bindparam("key")))
_INHERITED = ("registry_access", "duplicates", "validation")
_PUBLISHED_AT = (
    select(func.max(packages.c.created_at))
    .where(packages.c.project_id == projects.c.id, packages.c.deleted_at.is_(None))
    .correlate(projects)
    .scalar_subquery()
)
_ACTIVE_AT = func.coalesce(_PUBLISHED_AT, projects.c.created_at)
_ORDERS = {
    "last_activity_at": _ACTIVE_AT,
    "id": projects.c.id,
    "name": func.lower(projects.c.name),
    "path": func.lower(projects.c.path),
    "created_at": projects.c.created_at,
}


class SqlProjects:
    """`wheelyard.ports.Projects` on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def create(
        self,
        *,
        namespace: Namespace,
        path: str,
        name: str,
        visibility: Visibility,
        description: str,
        creator_id: int | None,
        at: datetime,
    ) -> Project:
        """Add a project."""
        full_path = f"{namespace.full_path}/{path}"
        key = await claim(self._connection, full_path)
        result = await self._connection.execute(
            insert(projects)
            .values(
                namespace_id=namespace.id,
                path=path,
                name=name,
                full_path=full_path,
                path_key=key,
                visibility=visibility,
                registry_access=RegistryAccess.ENABLED,
                duplicates=Duplicates.ALLOW,
                validation=None,
                description=description,
                creator_id=creator_id,
                created_at=at,
            )
            .returning(*_COLUMNS)
        )
        project = _project(result.mappings().one())
        await begin_totals(self._connection, project.id)
        return project

    async def get(self, project_id: int) -> Project | None:
        """Return the project with this id."""
        return await self._one(_BY_ID, project_id=project_id)

    async def by_path(self, full_path: str) -> Project | None:
        """Return the project at this full path, in any case."""
        return await self._one(_BY_PATH, key=path_key(full_path))

    async def below(self, namespace_key: str) -> Sequence[Project]:
        """Return all projects of the group at this path key and of its subgroups."""
        first, last = namespace_key + "/", namespace_key + "0"  # "0" is the character after "/"
        result = await self._connection.execute(
            select(*_COLUMNS)
            .where(projects.c.path_key >= first, projects.c.path_key < last)
            .order_by(projects.c.id)
        )
        return [_project(row) for row in result.mappings()]

    async def listing(self, wanted: ProjectFilter, window: Window) -> Listing[Project]:
        """Return projects, the newest first."""
        return await read_window(
            self._connection,
            _narrowed(wanted),
            window,
            _project,
            id_column=projects.c.id,
            orders=_ORDERS,
            default=("created_at", True),
        )

    async def published_at(self, project_ids: Iterable[int]) -> Mapping[int, datetime]:
        """Return when the newest of each project's packages was published; no entry for none."""
        # One look into an index for each project, however many packages it has.
        wanted = select(projects.c.id, _PUBLISHED_AT).where(projects.c.id.in_(list(project_ids)))
        result = await self._connection.execute(wanted)
        return {project_id: at for project_id, at in result if at is not None}

    async def update(
        self,
        project_id: int,
        *,
        name: str | None = None,
        description: str | None = None,
        visibility: Visibility | None = None,
        registry_access: RegistryAccess | None = None,
        duplicates: Duplicates | None = None,
        validation: Strictness | None = None,
    ) -> Project:
        """Change what is not None and return the project."""
        wanted = {
            "name": name,
            "description": description,
            "visibility": visibility,
            "registry_access": registry_access,
            "duplicates": duplicates,
            "validation": validation,
        }
        return await self._changed(
            project_id, {key: value for key, value in wanted.items() if value is not None}
        )

    async def choose(self, project_id: int, own: ProjectChoices, settled: Settled) -> Project:
        """Note what a project chose, and what holds for it then."""
        return await self._changed(project_id, {**_chosen(own), **_settled(settled)})

    async def resettle(self, namespace_id: int, inherited: Inherited) -> None:
        """Work out again what holds for the projects right in a namespace.

        There are few different sets of choices, however many projects there are.
        """
        own_columns = [projects.c[f"own_{name}"] for name in _INHERITED]
        here = projects.c.namespace_id == namespace_id
        rows = await self._connection.execute(select(*own_columns).where(here).distinct())
        for row in rows.all():
            same = [
                column.is_(None) if value is None else column == value
                for column, value in zip(own_columns, row, strict=True)
            ]
            settled = _settled(settle(_choices(*row), inherited))
            await self._connection.execute(update(projects).where(here, *same).values(settled))

    async def move(self, project: Project, namespace: Namespace, path: str) -> Project:
        """Give a project another address; its roles, tokens and packages go with it."""
        await move(self._connection, project.full_path, f"{namespace.full_path}/{path}")
        return await self._changed(project.id, {"namespace_id": namespace.id, "path": path})

    async def delete(self, project: Project) -> None:
        """Remove a project with its packages, roles and tokens."""
        await self._connection.execute(delete(projects).where(projects.c.id == project.id))
        await free(self._connection, project.key)

    async def _changed(self, project_id: int, changes: dict[str, Any]) -> Project:
        at = projects.c.id == project_id
        if changes:
            await self._connection.execute(update(projects).where(at).values(changes))
        result = await self._connection.execute(select(*_COLUMNS).where(at))
        return _project(result.mappings().one())

    async def _one(self, statement: Executable, **wanted: Any) -> Project | None:
        result = await self._connection.execute(statement, wanted)
        row = result.mappings().one_or_none()
        return None if row is None else _project(row)


def _narrowed(wanted: ProjectFilter) -> Select[Any]:
    statement = select(*_COLUMNS)
    for reach, label in ((wanted.readable, "readable"), (wanted.within, "within")):
        if reach != EVERYWHERE:
            statement = statement.where(reachable(reach, label))
    if wanted.search:
        columns = [projects.c.name, projects.c.path, projects.c.description]
        if wanted.searches_namespaces:
            columns.append(projects.c.full_path)
        statement = statement.where(
            or_(*(column.icontains(wanted.search, autoescape=True) for column in columns))
        )
    if wanted.visibility is not None:
        statement = statement.where(projects.c.visibility == wanted.visibility)
    if wanted.namespace_id is not None:
        statement = statement.where(projects.c.namespace_id == wanted.namespace_id)
    if wanted.below_key is not None:
        statement = statement.where(is_below(projects.c.path_key, wanted.below_key))
    statement = statement.where(
        *inside(projects.c.id, wanted.ids), *inside(_ACTIVE_AT, wanted.active)
    )
    return statement.where(false()) if wanted.is_none else statement


def _choices(
    registry_access: str | None, duplicates: str | None, validation: str | None
) -> ProjectChoices:
    return ProjectChoices(
        None if registry_access is None else RegistryAccess(registry_access),
        None if duplicates is None else Duplicates(duplicates),
        None if validation is None else Strictness(validation),
    )


def _chosen(own: ProjectChoices) -> dict[str, Any]:
    return {f"own_{name}": getattr(own, name) for name in _INHERITED}


def _settled(settled: Settled) -> dict[str, Any]:
    return {name: getattr(settled, name) for name in _INHERITED}


def _project(row: Any) -> Project:
    values = dict(row)
    own = _choices(*(values.pop(f"own_{name}") for name in _INHERITED))
    return Project(
        **{
            **values,
            "visibility": Visibility(row["visibility"]),
            "registry_access": RegistryAccess(row["registry_access"]),
            "duplicates": Duplicates(row["duplicates"]),
            "validation": row["validation"] and Strictness(row["validation"]),
            "own": own,
        }
    )
