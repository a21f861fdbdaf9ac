"""Statements that are made once, at import: SQLite runs them without SQLAlchemy's work for each.

A look-up by key takes SQLite some 5 µs. SQLAlchemy takes 70 µs more to run a statement that is
kept, and 300 µs to build one and run it. So what every upload and many a read asks for is kept
and marked with `prepared`. `LocalConnection` compiles it when it is first run, and from then on
hands text and values to the driver itself. Every other connection runs it as any other statement.
"""

import sqlite3
from collections import namedtuple
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, TypeVar, cast

import sqlalchemy
from sqlalchemy import Dialect, Executable, IteratorResult
from sqlalchemy.engine.result import SimpleResultMetaData
from sqlalchemy.exc import DBAPIError, MultipleResultsFound, NoResultFound

S = TypeVar("S", bound=Executable)

Processor = Callable[[Any], Any]

PREPARED = "wheelyard_prepared"
"""Execution option that holds a statement's `LocalStatement`."""


def prepared(statement: S) -> S:
    """Mark a statement that is kept, and is always run with the same names of parameters.

    What it compares with are `bindparam`s; the values of an insert or an update are parameters by
    the names of their columns. Where it is run locally its result has rows, but no `rowcount`.
    """
    marked: S = statement.execution_options(**{PREPARED: LocalStatement(statement)})
    return marked


def driver_of(connection: sqlalchemy.Connection) -> sqlite3.Connection:
    """Return SQLite's own connection behind SQLAlchemy's."""
    driver: Any = connection.connection.driver_connection
    return cast("sqlite3.Connection", driver)


def run_on_driver(
    connection: sqlite3.Connection, text: str, arguments: Sequence[Any] = ()
) -> list[tuple[Any, ...]]:
    """Run SQL as it stands and return its rows. Raises SQLAlchemy's DBAPIError."""
    try:
        return connection.execute(text, arguments).fetchall()
    except sqlite3.Error as error:
        raise DBAPIError.instance(text, arguments, error, sqlite3.Error) from error


class _Compiled(NamedTuple):
    """A statement as SQLite's driver takes it, and what stands between its values and ours.

    arguments: for each place the name of the parameter or, with None, a constant.
    processors: by the place of the column, for those that need one.
    """

    text: str
    arguments: list[tuple[str | None, Any, Processor | None]]
    processors: list[tuple[int, Processor]]
    make_row: Callable[[Iterable[Any]], Any]
    keys: Sequence[str]


class LocalRows:
    """The rows of a prepared statement: what is asked of a result most often, in few steps.

    Rows are named tuples, and dicts by `mappings`. Whatever else is asked, a result of SQLAlchemy's
    answers.
    """

    def __init__(self, rows: Sequence[Any], keys: Sequence[str]) -> None:
        self._rows = rows
        self._keys = keys

    def __getattr__(self, name: str) -> Any:
        """Return the attribute of a result of SQLAlchemy's with the same rows."""
        return getattr(IteratorResult(SimpleResultMetaData(self._keys), iter(self._rows)), name)

    def __iter__(self) -> Iterator[Any]:
        return iter(self._rows)

    def all(self) -> Sequence[Any]:
        """Return all rows."""
        return self._rows

    def first(self) -> Any:
        """Return the first row, or None."""
        return self._rows[0] if self._rows else None

    def one(self) -> Any:
        """Return the only row. Raises SQLAlchemy's NoResultFound, MultipleResultsFound."""
        row = self.one_or_none()
        if row is None:
            raise NoResultFound
        return row

    def one_or_none(self) -> Any:
        """Return the only row, or None. Raises SQLAlchemy's MultipleResultsFound."""
        if len(self._rows) > 1:
            raise MultipleResultsFound
        return self.first()

    def scalar(self) -> Any:
        """Return the first column of the first row, or None."""
        return self._rows[0][0] if self._rows else None

    def scalar_one(self) -> Any:
        """Return the first column of the only row. Raises as `one` does."""
        return self.one()[0]

    def scalar_one_or_none(self) -> Any:
        """Return the first column of the only row, or None. Raises as `one_or_none` does."""
        row = self.one_or_none()
        return None if row is None else row[0]

    def mappings(self) -> "LocalRows":
        """Return the rows as dicts."""
        return LocalRows(
            [dict(zip(self._keys, row, strict=True)) for row in self._rows], self._keys
        )


class LocalStatement:
    """A statement that is compiled when it is first run, and kept so."""

    def __init__(self, statement: Executable) -> None:
        self._statement: Any = statement
        self._compiled: _Compiled | None = None

    def run(
        self, connection: sqlite3.Connection, dialect: Dialect, values: Mapping[str, Any]
    ) -> LocalRows:
        """Run it and return its rows. Raises SQLAlchemy's DBAPIError."""
        if self._compiled is None:
            self._compiled = _compile(self._statement, dialect, values)
        text, places, processors, make_row, keys = self._compiled
        arguments = [
            constant if name is None else process(values[name]) if process else values[name]
            for name, constant, process in places
        ]
        rows = run_on_driver(connection, text, arguments)
        return LocalRows([make_row(_read(row, processors)) for row in rows], keys)


def _compile(statement: Any, dialect: Dialect, values: Mapping[str, Any]) -> _Compiled:
    compiled = statement.compile(dialect=dialect, column_keys=list(values))
    if compiled.insert_prefetch or compiled.update_prefetch or compiled.post_compile_params:
        raise ValueError(f"a statement that cannot be run as it stands: {compiled}")
    written = compiled.construct_params(values)
    arguments: list[tuple[str | None, Any, Processor | None]] = []
    for name in compiled.positiontup:
        process = compiled.binds[name].type.dialect_impl(dialect).bind_processor(dialect)
        if name in values:
            arguments.append((name, None, process))
        else:
            arguments.append((None, process(written[name]) if process else written[name], None))
    columns = statement.exported_columns
    keys = list(columns.keys())
    row = namedtuple("Row", keys, rename=True)  # type: ignore[misc]  # noqa: PYI024  its columns are known when it runs
    readers = (column.type.dialect_impl(dialect) for column in columns)
    processors = [
        (place, process)
        for place, reader in enumerate(readers)
        if (process := reader.result_processor(dialect, None)) is not None
    ]
    return _Compiled(compiled.string, arguments, processors, row._make, keys)


def _read(row: Sequence[Any], processors: Iterable[tuple[int, Processor]]) -> Iterable[Any]:
    values = list(row)
    for place, process in processors:
        values[place] = process(values[place])
    return values
