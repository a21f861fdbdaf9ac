"""How a database means to answer: the plan of each statement, and what is wrong with it.

Wrong is what takes longer the more rows there are: reading a whole table, and sorting one.
"""

import json
import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Dialect, Executable, Insert, Row, ScalarResult
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.elements import ClauseElement

from wheelyard.domain.listing import MAX_COUNTED
from wheelyard.sql.connection import Connection, Parameters, Rows

LARGE = {"files", "packages", "names", "downloads", "file_forms", "audit_events", "name_grams"}
_FEW_ROWS = {"ix_names_shared", "ix_names_marked", "ix_files_yanked"}
"""Indexes that hold what is rare: they may be read as a whole."""
_FEW_PER_KEY = {"ix_names_normalised"}
"""Indexes of which each key has few rows: a name is published by few projects."""
_COLLECTED = re.compile(r"\bcollected\b")
_SCAN = re.compile(r"SCAN (\w+)(?: USING (?:COVERING )?INDEX (\w+))?")


class _Explained(Executable, ClauseElement):
    """A statement that is not run, but planned."""

    inherit_cache = False

    def __init__(self, statement: Any) -> None:
        self.statement = statement

    def __getattr__(self, attribute: str) -> Any:
        """Be asked what the statement itself is asked, such as whether it changes rows in place."""
        return getattr(self.statement, attribute)


@compiles(_Explained)
def _compile(element: _Explained, compiler: SQLCompiler, **options: Any) -> str:
    explain = "EXPLAIN QUERY PLAN" if compiler.dialect.name == "sqlite" else "EXPLAIN (FORMAT JSON)"
    return f"{explain} {compiler.process(element.statement, **options)}"


@dataclass
class Planning:
    """A connection that asks for the plan of each statement before it runs it.

    walks: whether the statements may go through the rows in an order, until they have enough.
    """

    connection: Connection
    walks: bool = False
    planned: int = 0
    wrong: list[str] = field(default_factory=list)

    @property
    def dialect(self) -> Dialect:
        return self.connection.dialect

    async def execute(self, statement: Executable, parameters: Parameters = None) -> Rows:
        await self._plan(statement, parameters)
        return await self.connection.execute(statement, parameters)

    async def scalar(self, statement: Executable) -> Any:
        await self._plan(statement)
        return await self.connection.scalar(statement)

    async def scalars(self, statement: Executable) -> ScalarResult[Any]:
        await self._plan(statement)
        return await self.connection.scalars(statement)

    async def stream(self, statement: Executable) -> AsyncIterator[Row[*tuple[Any, ...]]]:
        await self._plan(statement)
        async for row in self.connection.stream(statement):
            yield row

    async def _plan(self, statement: Any, parameters: Parameters = None) -> None:
        if isinstance(statement, Insert):
            return
        one = parameters[0] if isinstance(parameters, list) else parameters
        rows = (await self.connection.execute(_Explained(statement), one)).all()
        complain = _on_sqlite if self.dialect.name == "sqlite" else _on_postgresql
        self.planned += 1
        found = [*complain(rows, walks=self.walks)]
        if found:
            self.wrong += [*found, str(statement.compile(dialect=self.dialect))]


def _on_sqlite(rows: Any, *, walks: bool) -> Iterator[str]:
    steps = [str(row[3]) for row in rows]
    text = "\n".join(steps)
    for step in steps:
        scan = _SCAN.match(step)
        if scan and scan[1] in LARGE and scan[2] not in _FEW_ROWS and not walks:
            yield f"reads all of {scan[1]}: {text}"
        if step == "USE TEMP B-TREE FOR ORDER BY" and not _is_short(steps):
            yield f"sorts: {text}"


def _is_short(steps: list[str]) -> bool:
    """Tell whether few rows are sorted: what was collected, which is bounded, or found by a key."""
    if any(_COLLECTED.search(step) for step in steps):
        return True
    first = next(step for step in steps if step.startswith(("SCAN", "SEARCH")))
    by_index = re.search(r"INDEX (\w+)", first)
    is_few = by_index is not None and by_index[1] in _FEW_ROWS | _FEW_PER_KEY
    return is_few or first.count("=?") > 1


def _on_postgresql(rows: Any, *, walks: bool) -> Iterator[str]:
    document = rows[0][0]
    plan = json.loads(document) if isinstance(document, str) else document
    text = json.dumps(plan)
    for node in _nodes(plan[0]["Plan"]):
        kind, index = node["Node Type"], node.get("Index Name")
        is_whole = index is not None and "Index Cond" not in node and index not in _FEW_ROWS
        is_large = node.get("Relation Name", index and index.split("_")[1]) in LARGE
        if is_large and (kind == "Seq Scan" or (is_whole and not walks)):
            yield f"reads all of a table by {index}: {text}"
        if kind == "Sort" and node["Plan Rows"] > MAX_COUNTED:
            yield f"sorts: {text}"


def _nodes(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield node
    for below in node.get("Plans", ()):
        yield from _nodes(below)
