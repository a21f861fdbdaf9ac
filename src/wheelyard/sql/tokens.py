"""Credentials, by the digest of their secret: the secret itself is nowhere in the database."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from types import MappingProxyType
from typing import Any

from sqlalchemy import ColumnElement, Executable, bindparam, insert, select, update

from wheelyard.domain.access import Level, Scope
from wheelyard.domain.listing import Listing, Window
from wheelyard.domain.models.places import Namespace, Project
from wheelyard.domain.models.tokens import Token, TokenKind
from wheelyard.domain.models.users import User
from wheelyard.domain.tokens import TokenFilter
from wheelyard.sql.connection import Connection
from wheelyard.sql.prepared import prepared
from wheelyard.sql.schema import members, tokens, users
from wheelyard.sql.windows import read_window

_COLUMNS = [column for column in tokens.c if column.name != "secret_sha256"]

_BY_SECRET = prepared(select(*_COLUMNS).where(tokens.c.secret_sha256 == bindparam("secret")))
_BY_ID = prepared(select(*_COLUMNS).where(tokens.c.id == bindparam("token_id")))

_ORDERS: Mapping[str, ColumnElement[Any]] = MappingProxyType(
    {
        "id": tokens.c.id,
        "name": tokens.c.name,
        "created": tokens.c.created_at,
        "expires": tokens.c.expires_at,
        "last_used": tokens.c.last_used_at,
    }
)


class SqlTokens:
    """`wheelyard.ports.Tokens` on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def create(
        self,
        *,
        kind: TokenKind,
        name: str,
        secret_sha256: str,
        scopes: frozenset[Scope],
        user: User | None,
        target: Namespace | Project | None,
        username: str | None,
        expires_at: date | None,
        at: datetime,
        description: str = "",
    ) -> Token:
        """Add a token."""
        row = await self._insert(
            kind=kind,
            name=name,
            description=description,
            secret_sha256=secret_sha256,
            scopes=sorted(scopes),
            user_id=None if user is None else user.id,
            username=username,
            path_key=None if target is None else target.key,
            created_at=at,
            expires_at=expires_at,
        )
        if kind is TokenKind.DEPLOY and username is None:
            row["username"] = f"gitlab+deploy-token-{row['id']}"
            await self._connection.execute(
                update(tokens).where(tokens.c.id == row["id"]).values(username=row["username"])
            )
        return _token(row)

    async def replace(
        self, token: Token, *, secret_sha256: str, expires_at: date | None, at: datetime
    ) -> Token:
        """Revoke a token and add its successor, of the same family."""
        family_id = token.family_id or token.id
        await self._connection.execute(
            update(tokens).where(tokens.c.id == token.id).values(family_id=family_id)
        )
        await self.revoke(token.id, at)
        row = await self._insert(
            kind=token.kind,
            name=token.name,
            description=token.description,
            secret_sha256=secret_sha256,
            scopes=sorted(token.scopes),
            user_id=token.user_id,
            username=token.username,
            path_key=token.path_key,
            created_at=at,
            expires_at=expires_at,
            family_id=family_id,
        )
        return _token(row)

    async def by_secret(self, secret_sha256: str) -> Token | None:
        """Return the token whose secret has this digest, be it active or not.

        The look-up compares digests of 256-bit random secrets: what its timing tells about a
        digest does not help to find a secret.
        """
        return await self._one(_BY_SECRET, secret=secret_sha256)

    async def get(self, token_id: int) -> Token | None:
        """Return the token with this id."""
        return await self._one(_BY_ID, token_id=token_id)

    async def list(self, wanted: TokenFilter, window: Window) -> Listing[Token]:
        """Return the tokens that are wanted, in the order they were made unless told."""
        return await read_window(
            self._connection,
            select(*_COLUMNS).where(*_conditions(wanted)),
            window,
            _token,
            id_column=tokens.c.id,
            orders=_ORDERS,
            default=("id", False),
        )

    async def access_levels(self, target: Namespace | Project) -> Mapping[int, Level]:
        """Return the role of each bot user right here, also where it has ended, by user id."""
        rows = await self._connection.execute(
            select(members.c.user_id, members.c.level)
            .join(users, users.c.id == members.c.user_id)
            .where(members.c.path_key == target.key, users.c.is_bot)
        )
        return {row.user_id: Level(row.level) for row in rows}

    async def revoke(self, token_id: int, at: datetime) -> None:
        """End the token now; an earlier end stays."""
        await self._connection.execute(
            update(tokens)
            .where(tokens.c.id == token_id, tokens.c.revoked_at.is_(None))
            .values(revoked_at=at)
        )

    async def revoke_family(self, token: Token, at: datetime) -> Sequence[Token]:
        """End every token that descends from the same one as `token`; return those ended now."""
        if token.family_id is None:
            return []
        result = await self._connection.execute(
            update(tokens)
            .where(tokens.c.family_id == token.family_id, tokens.c.revoked_at.is_(None))
            .values(revoked_at=at)
            .returning(*_COLUMNS)
        )
        return [_token(row) for row in result.mappings()]

    async def _insert(self, **values: Any) -> dict[str, Any]:
        result = await self._connection.execute(insert(tokens).values(values).returning(*_COLUMNS))
        return dict(result.mappings().one())

    async def _one(self, statement: Executable, **wanted: Any) -> Token | None:
        result = await self._connection.execute(statement, wanted)
        row = result.mappings().one_or_none()
        return None if row is None else _token(row)


def _conditions(wanted: TokenFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = [tokens.c.kind.in_(sorted(wanted.kinds))]
    for column, value in ((tokens.c.user_id, wanted.user_id), (tokens.c.path_key, wanted.path_key)):
        if value is not None:
            conditions.append(column == value)
    if wanted.is_revoked is not None:
        is_revoked = tokens.c.revoked_at.is_not(None)
        conditions.append(is_revoked if wanted.is_revoked else ~is_revoked)
    if wanted.is_active is not None:
        has_expired = tokens.c.expires_at.is_not(None) & (tokens.c.expires_at <= wanted.today)
        has_ended = tokens.c.revoked_at.is_not(None) | has_expired
        conditions.append(~has_ended if wanted.is_active else has_ended)
    if wanted.search:
        conditions.append(tokens.c.name.icontains(wanted.search, autoescape=True))
    return conditions + _bounds(wanted)


def _bounds(wanted: TokenFilter) -> list[ColumnElement[bool]]:
    lower = (
        (tokens.c.created_at, wanted.created_after),
        (tokens.c.last_used_at, wanted.last_used_after),
        (tokens.c.expires_at, wanted.expires_after),
    )
    upper = (
        (tokens.c.created_at, wanted.created_before),
        (tokens.c.last_used_at, wanted.last_used_before),
        (tokens.c.expires_at, wanted.expires_before),
    )
    return [column >= value for column, value in lower if value is not None] + [
        column <= value for column, value in upper if value is not None
    ]


def _token(row: Any) -> Token:
    return Token(
        **{
            **row,
            "kind": TokenKind(row["kind"]),
            "scopes": frozenset(Scope(scope) for scope in row["scopes"]),
        }
    )
