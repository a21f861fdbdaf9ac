"""Accounts, and the roles they have."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
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

from wheelyard.domain.access import Level, Visibility
from wheelyard.domain.errors import Problem, Reason, Refused
from wheelyard.domain.filters import UserFilter
from wheelyard.domain.listing import Listing, Window
from wheelyard.domain.models.members import Grant
from wheelyard.domain.models.places import Namespace, NamespaceKind, Project
from wheelyard.domain.models.tokens import TokenKind
from wheelyard.domain.models.users import User
from wheelyard.domain.names import path_key
from wheelyard.sql.connection import Connection
from wheelyard.sql.prepared import prepared
from wheelyard.sql.routes import claim, free, is_at_or_below, move
from wheelyard.sql.schema import members, namespaces, tokens, users
from wheelyard.sql.windows import read_window

_COLUMNS = [column for column in users.c if column.name not in {"username_key", "password_hash"}]
_BY_ID = prepared(select(*_COLUMNS).where(users.c.id == bindparam("user_id")))
_BY_NAME = prepared(select(*_COLUMNS).where(users.c.username_key == bindparam("key")))
_GRANTS = prepared(
    select(members.c.path_key, members.c.level, members.c.expires_at).where(
        members.c.user_id == bindparam("of_user")
    )
)
_ORDERS = {
    "id": users.c.id,
    "name": func.lower(users.c.name),
    "username": users.c.username_key,
    "created_at": users.c.created_at,
    "updated_at": users.c.created_at,  # when it was changed is not kept
}


class SqlUsers:
    """`wheelyard.ports.Users` on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def create(
        self,
        *,
        username: str,
        name: str,
        email: str | None,
        password_hash: str | None,
        is_admin: bool,
        at: datetime,
    ) -> User:
        """Add an account and its namespace."""
        key = await self._claim(username)
        await self._connection.execute(
            insert(namespaces).values(
                kind=NamespaceKind.USER,
                path=username,
                name=name,
                full_path=username,
                path_key=key,
                visibility=Visibility.PUBLIC,
                description="",
                created_at=at,
                locked_settings=[],
                merges_names=False,
            )
        )
        result = await self._connection.execute(
            insert(users)
            .values(
                username=username,
                username_key=key,
                name=name,
                email=email,
                password_hash=password_hash,
                is_admin=is_admin,
                is_blocked=False,
                is_bot=False,
                created_at=at,
            )
            .returning(*_COLUMNS)
        )
        return _user(result.mappings().one())

    async def create_bot(self, *, username: str, name: str, at: datetime) -> User:
        """Add the user behind an access token, without a namespace."""
        result = await self._connection.execute(
            insert(users)
            .values(
                username=username,
                username_key=await claim(self._connection, username),
                name=name,
                email=None,
                password_hash=None,
                is_admin=False,
                is_blocked=False,
                is_bot=True,
                created_at=at,
            )
            .returning(*_COLUMNS)
        )
        return _user(result.mappings().one())

    async def get(self, user_id: int) -> User | None:
        """Return the account with this id."""
        return await self._one(_BY_ID, user_id=user_id)

    async def by_username(self, username: str) -> User | None:
        """Return the account with this name, in any case."""
        return await self._one(_BY_NAME, key=path_key(username))

    async def by_email(self, email: str) -> User | None:
        """Return an account with this e-mail address, in any case."""
        return await self._one(select(*_COLUMNS).where(func.lower(users.c.email) == email.lower()))

    async def password_hash(self, user_id: int) -> str | None:
        """Return the hash of an account's password; None when it has none."""
        found: str | None = await self._connection.scalar(
            select(users.c.password_hash).where(users.c.id == user_id)
        )
        return found

    async def count(self) -> int:
        """Return how many accounts there are."""
        return await self._connection.scalar(select(func.count()).select_from(users)) or 0

    async def listing(self, wanted: UserFilter, window: Window) -> Listing[User]:
        """Return accounts, the newest first."""
        return await read_window(
            self._connection,
            _narrowed(wanted),
            window,
            _user,
            id_column=users.c.id,
            orders=_ORDERS,
            default=("id", True),
        )

    async def update(
        self,
        user_id: int,
        *,
        name: str | None = None,
        email: str | None = None,
        password_hash: str | None = None,
        is_admin: bool | None = None,
        is_blocked: bool | None = None,
    ) -> User:
        """Change what is not None and return the account."""
        wanted = {
            "name": name,
            "email": email,
            "password_hash": password_hash,
            "is_admin": is_admin,
            "is_blocked": is_blocked,
        }
        return await self._changed(
            user_id, {key: value for key, value in wanted.items() if value is not None}
        )

    async def rename(self, user: User, username: str) -> User:
        """Give a user another name; the addresses of the user's projects change with it."""
        with _as_username():
            await move(self._connection, user.username, username)
        await self._connection.execute(
            update(namespaces)
            .where(namespaces.c.path_key == path_key(username))
            .values(path=username)
        )
        return await self._changed(
            user.id, {"username": username, "username_key": path_key(username)}
        )

    async def delete(self, user: User) -> None:
        """Remove an account with its roles and tokens; its namespace is removed before."""
        await self._connection.execute(delete(users).where(users.c.id == user.id))

    async def bots_of(self, place: Namespace | Project) -> Sequence[User]:
        """Return the users behind the access tokens of a place and of all below it."""
        theirs = select(tokens.c.user_id).where(
            tokens.c.kind == TokenKind.ACCESS, is_at_or_below(tokens.c.path_key, place.key)
        )
        rows = await self._connection.execute(
            select(*_COLUMNS).where(users.c.id.in_(theirs), users.c.is_bot).order_by(users.c.id)
        )
        return [_user(row) for row in rows.mappings()]

    async def free_name(self, user: User) -> None:
        """Give back the address of a user who has no namespace: a bot."""
        await free(self._connection, path_key(user.username))

    async def admin_count(self) -> int:
        """Return how many administrators there are who are not blocked."""
        statement = select(func.count()).select_from(users)
        active = users.c.is_admin.is_(True), users.c.is_blocked.is_(False)
        return await self._connection.scalar(statement.where(*active)) or 0

    async def grants(self, user: User) -> tuple[Grant, ...]:
        """Return every role that `user` has: own namespace, groups and projects."""
        rows = await self._connection.execute(_GRANTS, {"of_user": user.id})
        own = Grant(path_key(user.username), Level.OWNER)
        return (own, *(Grant(row.path_key, Level(row.level), row.expires_at) for row in rows))

    async def _claim(self, username: str) -> str:
        with _as_username():
            return await claim(self._connection, username)

    async def _changed(self, user_id: int, changes: dict[str, Any]) -> User:
        at = users.c.id == user_id
        if changes:
            await self._connection.execute(update(users).where(at).values(changes))
        result = await self._connection.execute(select(*_COLUMNS).where(at))
        return _user(result.mappings().one())

    async def _one(self, statement: Executable, **wanted: Any) -> User | None:
        result = await self._connection.execute(statement, wanted)
        row = result.mappings().first()
        return None if row is None else _user(row)


@contextmanager
def _as_username() -> Iterator[None]:
    """Say of an address that is taken that the user name is."""
    try:
        yield
    except Refused as refused:
        if refused.reason is not Reason.CONFLICT:
            raise
        message = "Username has already been taken"
        problem = Problem("username-taken", message, "username")
        raise Refused(Reason.CONFLICT, message, problems=(problem,)) from refused


def _narrowed(wanted: UserFilter) -> Select[Any]:
    statement = select(*_COLUMNS)
    if wanted.search:
        names = (users.c.username, users.c.name)
        found = [column.icontains(wanted.search, autoescape=True) for column in names]
        if wanted.searches_emails:
            found.append(users.c.email.icontains(wanted.search, autoescape=True))
        else:
            found.append(func.lower(users.c.email) == wanted.search.lower())
        statement = statement.where(or_(*found))
    if wanted.username is not None:
        statement = statement.where(users.c.username_key == path_key(wanted.username))
    flags = {"is_blocked": wanted.is_blocked, "is_bot": wanted.is_bot, "is_admin": wanted.is_admin}
    for name, value in flags.items():
        if value is not None:
            statement = statement.where(users.c[name].is_(value))
    if wanted.created_from is not None:
        statement = statement.where(users.c.created_at >= wanted.created_from)
    if wanted.created_until is not None:
        statement = statement.where(users.c.created_at <= wanted.created_until)
    return statement.where(false()) if wanted.is_none else statement


def _user(row: Any) -> User:
    return User(**row)
