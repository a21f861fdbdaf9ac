"""Column types that mean the same on every dialect."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import BigInteger, DateTime, Dialect, Integer, String
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeDecorator, TypeEngine

from wheelyard.domain.errors import Reason, Refused

Id = BigInteger().with_variant(Integer, "sqlite")
"""A row id: 64 bits everywhere (SQLite numbers rows by itself only when the type is INTEGER)."""


class Chars(TypeDecorator[str]):
    """Text of up to `length` characters, or of any length, in the order of its code points.

    That is the order of SQLite and of Python. Left to itself PostgreSQL sorts by the rules of a
    language, which find no range of paths, and which a new version of the system's library
    changes under the indexes.
    """

    impl = String
    cache_ok = True

    def __init__(self, length: int | None = None) -> None:
        super().__init__(length)
        self.length = length

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Sort by code points where that is not a matter of course."""
        text = String(self.length, collation="C" if dialect.name == "postgresql" else None)
        return dialect.type_descriptor(text)

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002  the signature is SQLAlchemy's
        """Refuse what PostgreSQL cannot hold in a text, before it is sent: on every dialect."""
        if value is not None and not _is_storable(value):
            raise Refused(Reason.INVALID, "A text has a character that cannot be stored.")
        return value


def _is_storable(text: str) -> bool:
    """Tell whether the text has no NUL and no half of a surrogate pair."""
    if "\0" in text:
        return False
    if text.isascii():
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


class Instant(TypeDecorator[datetime]):
    """An aware datetime in UTC, to the microsecond; SQLite stores it without the offset."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Store in UTC."""
        if value is None:
            return None
        in_utc = value.astimezone(UTC)
        return in_utc.replace(tzinfo=None) if dialect.name == "sqlite" else in_utc

    def process_result_value(self, value: Any | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002  the signature is SQLAlchemy's
        """Load as aware, in UTC."""
        if value is None:
            return None
        moment: datetime = value
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


class InstantText(FunctionElement[str]):
    """An `Instant` as `2026-02-03T04:05:06.000789Z`, made by the database.

    Making a datetime of it, and text again, takes Python ten times as long as all of that row.
    """

    type = String()
    inherit_cache = True


@compiles(InstantText, "sqlite")
def _on_sqlite(element: InstantText, compiler: SQLCompiler, **options: Any) -> str:
    stored = compiler.process(element.clauses, **options)
    return f"replace({stored}, ' ', 'T') || 'Z'"


@compiles(InstantText, "postgresql")
def _on_postgresql(element: InstantText, compiler: SQLCompiler, **options: Any) -> str:
    stored = compiler.process(element.clauses, **options)
    return f"to_char({stored} AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')"
