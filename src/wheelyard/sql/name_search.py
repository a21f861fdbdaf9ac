"""Finding names by a part of them, without looking at every name.

Each name is noted under every three characters that follow one another in it. A search takes the
three of what is searched that the fewest names have, and looks at those names only. Searches for
less than three characters, and for what a great many names have, look at all names.
"""

from collections.abc import Iterable

from sqlalchemy import ColumnElement, Select, func, insert, literal, select, union_all

from wheelyard.sql.connection import Connection
from wheelyard.sql.schema import name_grams, names

_LENGTH = 3
_ASKED = 6
"""Of how many threes the number of names is asked."""
_FEW = 1000


async def note_grams(connection: Connection, name_id: int, normalised: str) -> None:
    """Note a new name under its threes."""
    rows = [{"gram": gram, "name_id": name_id} for gram in grams(normalised)]
    if rows:
        await connection.execute(insert(name_grams), rows)


async def rarest_gram(connection: Connection, part: str) -> str | None:
    """Return those three characters of `part` that the fewest names have.

    None where all of them are in a great many names, or there are less than three.
    """
    asked = grams(part)[:_ASKED]
    if not asked:
        return None
    counts = (await connection.execute(union_all(*map(_count, asked)))).all()
    times, gram = min((times, gram) for gram, times in counts)
    return gram if times <= _FEW else None


def has_gram(gram: str) -> ColumnElement[bool]:
    """Say that a name has these three characters."""
    return names.c.id.in_(select(name_grams.c.name_id).where(name_grams.c.gram == gram))


def grams(text: str) -> list[str]:
    """Return every three characters that follow one another, once."""
    return list(dict.fromkeys(_threes(text)))


def _threes(text: str) -> Iterable[str]:
    return (text[first : first + _LENGTH] for first in range(len(text) - _LENGTH + 1))


def _count(gram: str) -> Select[str, int]:
    found = select(name_grams.c.name_id).where(name_grams.c.gram == gram).limit(_FEW + 1)
    return select(literal(gram).label("gram"), func.count()).select_from(found.subquery())
