"""Roles in groups and projects."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, delete, func, insert, or_, select, update

from wheelyard.domain.access import Level
from wheelyard.domain.filters import MemberFilter
from wheelyard.domain.listing import Listing, Window
from wheelyard.domain.models.members import Member, Membership
from wheelyard.domain.models.places import Namespace, Project
from wheelyard.domain.models.users import User
from wheelyard.domain.names import ancestor_keys
from wheelyard.sql.connection import Connection
from wheelyard.sql.routes import is_at_or_below
from wheelyard.sql.schema import members, projects, users
from wheelyard.sql.schema import namespaces as places
from wheelyard.sql.windows import read_window

_COLUMNS = [
    *members.c,
    users.c.username,
    users.c.name,
    users.c.is_blocked,
]


class SqlMembers:
    """`wheelyard.ports.Members` on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def set_role(
        self,
        target: Namespace | Project,
        user: User,
        *,
        level: Level,
        expires_at: date | None,
        at: datetime,
    ) -> Member:
        """Give `user` the role, in place of one held here before."""
        change = (
            update(members)
            .where(members.c.user_id == user.id, members.c.path_key == target.key)
            .values(level=level, expires_at=expires_at)
        )
        if (await self._connection.execute(change)).rowcount == 0:
            await self._connection.execute(
                insert(members).values(
                    user_id=user.id,
                    path_key=target.key,
                    level=level,
                    expires_at=expires_at,
                    created_at=at,
                )
            )
        member = await self.get(target, user)
        if member is None:
            raise LookupError("unreachable: the role has just been written")
        return member

    async def get(self, target: Namespace | Project, user: User) -> Member | None:
        """Return the role that `user` holds right here (inherited ones do not count)."""
        return await self._first(target, _here(target).where(members.c.user_id == user.id))

    async def effective(
        self, target: Namespace | Project, user_id: int, today: date
    ) -> Member | None:
        """Return the highest role that a user holds here or above, that has not expired."""
        return await self._first(
            target,
            _here_or_above(target)
            .where(members.c.user_id == user_id, _holds(today))
            .order_by(members.c.level.desc(), func.length(members.c.path_key).desc())
            .limit(1),
        )

    async def listing(
        self, target: Namespace | Project, wanted: MemberFilter, window: Window
    ) -> Listing[Member]:
        """Return the roles held right here, the oldest first."""
        return await self._window(target, _narrowed(_here(target), wanted), window)

    async def listing_with_inherited(
        self, target: Namespace | Project, wanted: MemberFilter, window: Window, today: date
    ) -> Listing[Member]:
        """Return everybody with a role here or above, each once, with their highest role."""
        place = (
            func.row_number()
            .over(
                partition_by=members.c.user_id,
                order_by=(members.c.level.desc(), func.length(members.c.path_key).desc()),
            )
            .label("place")
        )
        ranked = (
            select(members.c.id, place)
            .where(members.c.path_key.in_(_keys(target)), _holds(today))
            .subquery()
        )
        statement = _all().where(members.c.id.in_(select(ranked.c.id).where(ranked.c.place == 1)))
        return await self._window(target, _narrowed(statement, wanted), window)

    async def remove(
        self, target: Namespace | Project, user_id: int, *, with_below: bool = False
    ) -> None:
        """Take away the role that a user holds right here, or here and in everything below."""
        key = members.c.path_key
        where = is_at_or_below(key, target.key) if with_below else key == target.key
        await self._connection.execute(delete(members).where(members.c.user_id == user_id, where))

    async def has_other_owner(self, group: Namespace, user_id: int, today: date) -> bool:
        """Tell whether somebody else, who is not blocked, owns the group, here or above."""
        other = (
            _here_or_above(group)
            .where(members.c.user_id != user_id, members.c.level >= Level.OWNER, _holds(today))
            .where(users.c.is_blocked.is_(False), users.c.is_bot.is_(False))
            .limit(1)
        )
        return await self._first(group, other) is not None

    async def counts_below(self, namespaces: Sequence[Namespace]) -> Mapping[int, int]:
        """Return how many users have a role in each of these namespaces, or below, by id."""
        rows = await self._connection.execute(
            select(places.c.id, func.count(members.c.user_id.distinct()))
            .join(members, is_at_or_below(members.c.path_key, places.c.path_key))
            .where(places.c.id.in_([namespace.id for namespace in namespaces]))
            .group_by(places.c.id)
        )
        return {row[0]: row[1] for row in rows}

    async def memberships(
        self, user_id: int, today: date, window: Window, *, of_projects: bool | None = None
    ) -> Listing[Membership]:
        """List the roles that a user holds now: of all, of projects, or of groups only."""
        is_of_project = projects.c.id.is_not(None)
        statement = (
            select(
                members.c.id,
                func.coalesce(projects.c.id, places.c.id).label("place_id"),
                func.coalesce(projects.c.name, places.c.name).label("place_name"),
                is_of_project.label("is_project"),
                members.c.level,
            )
            .outerjoin(projects, projects.c.path_key == members.c.path_key)
            .outerjoin(places, places.c.path_key == members.c.path_key)
            .where(members.c.user_id == user_id, _holds(today))
        )
        if of_projects is not None:
            statement = statement.where(is_of_project if of_projects else ~is_of_project)
        return await read_window(
            self._connection,
            statement,
            window,
            lambda row: Membership(**{**row, "level": Level(row["level"])}),
            id_column=members.c.id,
            orders={"id": members.c.id},
            default=("id", False),
        )

    async def owned_keys(self, user_id: int) -> Sequence[str]:
        """Return the path keys of all that a user owns by a role of its own."""
        rows = await self._connection.execute(
            select(members.c.path_key).where(
                members.c.user_id == user_id, members.c.level >= Level.OWNER
            )
        )
        return [row.path_key for row in rows]

    async def _first(self, target: Namespace | Project, statement: Select[Any]) -> Member | None:
        row = (await self._connection.execute(statement)).mappings().first()
        return None if row is None else _member(row, target)

    async def _window(
        self, target: Namespace | Project, statement: Select[Any], window: Window
    ) -> Listing[Member]:
        return await read_window(
            self._connection,
            statement,
            window,
            lambda row: _member(row, target),
            id_column=members.c.id,
            orders={"id": members.c.id},
            default=("id", False),
        )


def _all() -> Select[Any]:
    return select(*_COLUMNS).join(users, users.c.id == members.c.user_id)


def _here(target: Namespace | Project) -> Select[Any]:
    return _all().where(members.c.path_key == target.key)


def _here_or_above(target: Namespace | Project) -> Select[Any]:
    return _all().where(members.c.path_key.in_(_keys(target)))


def _keys(target: Namespace | Project) -> list[str]:
    return [*ancestor_keys(target.key), target.key]


def _holds(today: date) -> Any:
    return or_(members.c.expires_at.is_(None), members.c.expires_at > today)


def _narrowed(statement: Select[Any], wanted: MemberFilter) -> Select[Any]:
    if wanted.query:
        columns = (users.c.username, users.c.name)
        statement = statement.where(
            or_(*(column.icontains(wanted.query, autoescape=True) for column in columns))
        )
    if wanted.user_ids:
        statement = statement.where(members.c.user_id.in_(wanted.user_ids))
    if wanted.skipped_user_ids:
        statement = statement.where(members.c.user_id.not_in(wanted.skipped_user_ids))
    return statement


def _member(row: Any, target: Namespace | Project) -> Member:
    values = dict(row)
    key = values.pop("path_key")
    # Of a role held above, the address is known as it is compared.
    full_path = target.full_path if key == target.key else key
    return Member(**{**values, "full_path": full_path, "level": Level(row["level"])})
