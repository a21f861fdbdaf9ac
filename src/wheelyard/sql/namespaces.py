"""Groups, and the namespaces of users."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, delete, func, insert, or_, select, true, union, update

from wheelyard.domain.access import Visibility
from wheelyard.domain.filters import GroupFilter, Places
from wheelyard.domain.findings import Strictness
from wheelyard.domain.listing import Listing, Window
from wheelyard.domain.models.places import Duplicates, GroupChoices, Namespace, NamespaceKind
from wheelyard.domain.names import ancestor_keys, path_key
from wheelyard.domain.visibility import beyond
from wheelyard.sql.connection import Connection
from wheelyard.sql.paths import covered_by
from wheelyard.sql.routes import claim, free, is_at_or_below, is_below, move
from wheelyard.sql.schema import namespaces, projects
from wheelyard.sql.windows import read_window

_CHOICES = ("packages_enabled", "duplicates", "validation", "locked_settings")
_COLUMNS = [column for column in namespaces.c if column.name != "path_key"]
_ORDERS = {
    "id": namespaces.c.id,
    "name": func.lower(namespaces.c.name),
    "path": namespaces.c.path_key,
    "created_at": namespaces.c.created_at,
}


class SqlNamespaces:
    """`wheelyard.ports.Namespaces` on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def create_group(
        self,
        *,
        parent: Namespace | None,
        path: str,
        name: str,
        visibility: Visibility,
        description: str,
        at: datetime,
    ) -> Namespace:
        """Add a group."""
        full_path = path if parent is None else f"{parent.full_path}/{path}"
        key = await claim(self._connection, full_path)
        result = await self._connection.execute(
            insert(namespaces)
            .values(
                kind=NamespaceKind.GROUP,
                parent_id=None if parent is None else parent.id,
                path=path,
                name=name,
                full_path=full_path,
                path_key=key,
                visibility=visibility,
                description=description,
                created_at=at,
                locked_settings=[],
                merges_names=False,
            )
            .returning(*_COLUMNS)
        )
        return _namespace(result.mappings().one())

    async def get(self, namespace_id: int) -> Namespace | None:
        """Return the namespace with this id."""
        return await self._one(namespaces.c.id == namespace_id)

    async def by_path(self, full_path: str) -> Namespace | None:
        """Return the namespace at this full path, in any case."""
        return await self._one(namespaces.c.path_key == path_key(full_path))

    async def by_keys(self, keys: Collection[str]) -> Mapping[str, Namespace]:
        """Return the namespaces at these path keys, by key."""
        found = await self._many(namespaces.c.path_key.in_(keys))
        return {namespace.key: namespace for namespace in found}

    async def ancestry(self, namespace: Namespace) -> Sequence[Namespace]:
        """Return the namespace and all above it, from the top down."""
        keys = [*ancestor_keys(namespace.key), namespace.key]
        return await self._many(namespaces.c.path_key.in_(keys))

    async def subtree(self, namespace: Namespace | None) -> Sequence[Namespace]:
        """Return the namespace and all below it (None: all there are), from the top down."""
        if namespace is None:
            return await self._many(true())
        return await self._many(is_at_or_below(namespaces.c.path_key, namespace.key))

    async def groups(self, wanted: GroupFilter, window: Window) -> Listing[Namespace]:
        """Return groups, by name."""
        return await read_window(
            self._connection,
            _narrowed(wanted),
            window,
            _namespace,
            id_column=namespaces.c.id,
            orders=_ORDERS,
            default=("name", False),
        )

    async def visibilities_below(self, namespace: Namespace) -> set[Visibility]:
        """Return which visibilities the groups and projects below a group have."""
        found = union(
            *(
                select(table.c.visibility).where(is_below(table.c.path_key, namespace.key))
                for table in (namespaces, projects)
            )
        )
        return {Visibility(row[0]) for row in await self._connection.execute(found)}

    async def update(
        self,
        namespace_id: int,
        *,
        name: str | None = None,
        description: str | None = None,
        visibility: Visibility | None = None,
        choices: GroupChoices | None = None,
        merges_names: bool | None = None,
    ) -> Namespace:
        """Change what is not None and return the namespace."""
        wanted: dict[str, Any] = {
            "name": name,
            "description": description,
            "visibility": visibility,
            "merges_names": merges_names,
        }
        values = {key: value for key, value in wanted.items() if value is not None}
        if choices is not None:
            values |= {
                "packages_enabled": choices.packages_enabled,
                "duplicates": choices.duplicates,
                "validation": choices.validation,
                "locked_settings": sorted(choices.locked),
            }
        return await self._changed(namespace_id, values)

    async def rename(self, namespace: Namespace, path: str) -> Namespace:
        """Give a namespace, and so all below it, another address."""
        above, slash, _ = namespace.full_path.rpartition("/")
        await move(self._connection, namespace.full_path, f"{above}{slash}{path}")
        return await self._changed(namespace.id, {"path": path})

    async def move(self, group: Namespace, parent: Namespace | None) -> Namespace:
        """Put a group, with all below it, into another group, or with None at the top."""
        full_path = group.path if parent is None else f"{parent.full_path}/{group.path}"
        await move(self._connection, group.full_path, full_path)
        parent_id = None if parent is None else parent.id
        return await self._changed(group.id, {"parent_id": parent_id})

    async def lower_visibility(self, namespace: Namespace, limit: Visibility) -> Sequence[str]:
        """Make nothing at and below a namespace more visible than `limit`."""
        changed: list[str] = []
        for table in (namespaces, projects):
            rows = await self._connection.scalars(
                update(table)
                .where(
                    is_at_or_below(table.c.path_key, namespace.key),
                    table.c.visibility.in_(beyond(limit)),
                )
                .values(visibility=limit)
                .returning(table.c.full_path)
            )
            changed += rows
        return sorted(changed)

    async def delete(self, namespace: Namespace) -> None:
        """Remove a namespace with all groups, projects, roles and tokens at and below it."""
        key = namespace.key
        await self._connection.execute(delete(projects).where(is_below(projects.c.path_key, key)))
        # The deepest first, as each refers to the one above it.
        for group in reversed(await self.subtree(namespace)):
            await self._connection.execute(delete(namespaces).where(namespaces.c.id == group.id))
        await free(self._connection, key)

    async def _changed(self, namespace_id: int, changes: dict[str, Any]) -> Namespace:
        at = namespaces.c.id == namespace_id
        if changes:
            await self._connection.execute(update(namespaces).where(at).values(changes))
        result = await self._connection.execute(select(*_COLUMNS).where(at))
        return _namespace(result.mappings().one())

    async def _one(self, condition: ColumnElement[bool]) -> Namespace | None:
        result = await self._connection.execute(select(*_COLUMNS).where(condition))
        row = result.mappings().one_or_none()
        return None if row is None else _namespace(row)

    async def _many(self, condition: ColumnElement[bool]) -> Sequence[Namespace]:
        result = await self._connection.execute(
            select(*_COLUMNS).where(condition).order_by(namespaces.c.path_key)
        )
        return [_namespace(row) for row in result.mappings()]


def _narrowed(wanted: GroupFilter) -> Select[Any]:
    statement = select(*_COLUMNS)
    if not wanted.includes_users:
        statement = statement.where(namespaces.c.kind == NamespaceKind.GROUP)
    if wanted.places is not None:
        statement = statement.where(_is_in(wanted.places, includes_above=wanted.includes_above))
    if wanted.search:
        columns = [namespaces.c.name, namespaces.c.path]
        if wanted.searches_full_paths:
            columns.append(namespaces.c.full_path)
        statement = statement.where(
            or_(*(column.icontains(wanted.search, autoescape=True) for column in columns))
        )
    if wanted.visibility is not None:
        statement = statement.where(namespaces.c.visibility == wanted.visibility)
    if wanted.parent_id is not None:
        statement = statement.where(namespaces.c.parent_id == wanted.parent_id)
    if wanted.below_key is not None:
        statement = statement.where(is_below(namespaces.c.path_key, wanted.below_key))
    if wanted.top_level_only:
        statement = statement.where(namespaces.c.parent_id.is_(None))
    if wanted.skipped_ids:
        statement = statement.where(namespaces.c.id.not_in(wanted.skipped_ids))
    return statement


def _is_in(places: Places, *, includes_above: bool) -> ColumnElement[bool]:
    above = {above for key in places.path_keys for above in ancestor_keys(key)}
    return or_(
        namespaces.c.visibility.in_(places.shows),
        covered_by(namespaces.c.path_key, places.path_keys, "places"),
        covered_by(namespaces.c.path_key, sorted(above), "above", exactly=True)
        if includes_above
        else covered_by(namespaces.c.path_key, (), "above"),
    )


def _namespace(row: Any) -> Namespace:
    values = dict(row)
    packages_enabled, duplicates, validation, locked = (values.pop(name) for name in _CHOICES)
    return Namespace(
        **{
            **values,
            "kind": NamespaceKind(row["kind"]),
            "visibility": Visibility(row["visibility"]),
            "choices": GroupChoices(
                packages_enabled,
                duplicates and Duplicates(duplicates),
                validation and Strictness(validation),
                frozenset(locked),
            ),
        }
    )
