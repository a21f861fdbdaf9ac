"""What a database consists of, as the database itself tells it: to compare two of them."""

import sqlite3
from contextlib import closing
from pathlib import Path

from databases import fetch

_SQLITE = "SELECT name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite_%' AND sql NOT NULL"

_HERE = "relnamespace = 'public'::regnamespace"
_POSTGRESQL = f"""
    SELECT c.relname || '.' || a.attname, concat_ws(' ',
        format_type(a.atttypid, a.atttypmod), (SELECT collname FROM pg_collation l
        WHERE l.oid = a.attcollation), CASE WHEN a.attnotnull THEN 'NOT NULL' END,
        pg_get_expr(d.adbin, d.adrelid))
    FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
    LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
    WHERE c.relkind = 'r' AND NOT a.attisdropped AND {_HERE}
    UNION ALL SELECT relname, pg_get_indexdef(oid) FROM pg_class WHERE relkind = 'i' AND {_HERE}
    UNION ALL SELECT r.conname, pg_get_constraintdef(r.oid) FROM pg_constraint r
    JOIN pg_class c ON c.oid = r.conrelid WHERE r.contype <> 'n' AND {_HERE}
    UNION ALL SELECT tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal
    UNION ALL SELECT proname, pg_get_functiondef(oid) FROM pg_proc
    WHERE pronamespace = 'public'::regnamespace
"""  # noqa: S608  our own text


def objects(url: str) -> dict[str, str]:
    """Return the SQL of everything in the database that has a name."""
    if url.startswith("postgresql://"):
        return dict(map(tuple, fetch(url, _POSTGRESQL)))
    with closing(sqlite3.connect(Path(url.removeprefix("sqlite:///")))) as database:
        return dict(database.execute(_SQLITE).fetchall())


def without_triggers(found: dict[str, str]) -> dict[str, str]:
    """Leave out what the revisions make and the metadata do not: triggers, functions, Alembic's."""
    return {
        name: _squeezed(sql)
        for name, sql in found.items()
        if not sql.startswith(("CREATE TRIGGER", "CREATE CONSTRAINT TRIGGER", "CREATE OR REPLACE"))
        and not name.startswith("alembic_version")
    }


def _squeezed(sql: str) -> str:
    """Leave out how it is written, and the order of a table's parts."""
    lines = sql.replace('"', "").split("\n")
    return "\n".join(sorted(line.strip().rstrip(",") for line in lines))
