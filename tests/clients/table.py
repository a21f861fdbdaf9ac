"""docs/clients.md: written from what the tests of the matrix saw, when all of them passed.

Every test that passes leaves a mark for its cell in a folder that all processes of the run share;
the last process to end finds them all there. A run of some of the tests writes nothing, and one
that saw what the document says already leaves it untouched.
"""

import os
import re
from pathlib import Path
from typing import Final

from clients.environments import LOCKS, ROOT
from clients.matrix import COLUMNS, ROWS

DOCUMENT: Final = ROOT / "docs" / "clients.md"
HEAD: Final = """\
# What works with which client

Written by the tests in `tests/clients` when all of them passed: each row is a real client, in the
version that `requirements/clients` locks, against a running server with one private project and no
other index. "yes" is what a test saw; a dash is what the client itself cannot do.

"""
FOOT: Final = """
| Column | What the test asks for |
|---|---|
| upload a wheel, upload an sdist | the file is listed afterwards; Metadata-Version 2.1, since twine 5.1 refuses 2.4 itself. Flit uploads only what it builds itself |
| upload twice | the same bytes again: the client ends well and the index is unchanged |
| conflicting upload | other bytes under a file name that is taken, where the project denies duplicates: the client fails and shows 409, the index is unchanged. Hatch asks the index first and skips names that it lists |
| wrong token | the client fails and shows 401 |
| install | the newest version, then imported |
| install by hash | a wrong SHA-256 is refused, the right one installed; Poetry and PDM have it from their locks |
| yanked | not chosen for `>=1.0`, installed for `==2.0` |
| only older files | pip `--uploaded-prior-to`, uv and PDM `--exclude-newer`, Poetry `solver.min-release-age` |
| lock, install from it | pip `pylock.toml`, `uv.lock`, `poetry.lock`, `pdm.lock`: the lock holds no secret, a changed hash is refused, a version published later is not taken |
| `.netrc` alone | credentials are nowhere but in `~/.netrc` |
| no credentials | without a terminal to ask at, the client fails at once: pip says "No matching distribution found", Poetry "Authorization error", uv 401, PDM that there is no candidate |
"""  # noqa: E501  a row of a Markdown table is one line


def mark(folder: Path, column: str, row: str, text: str = "yes") -> None:
    """Say what stands in a cell of the table."""
    assert row in COLUMNS[column], f"{row} is not expected to do this: {column}"
    (folder / _file_name(column, row)).write_text(text, encoding="utf-8")


def write_if_complete(folder: Path) -> None:
    """Write the document if every cell was seen; leave it alone if it says the same already."""
    cells = [(column, row) for column, rows in COLUMNS.items() for row in rows]
    if not all((folder / _file_name(*cell)).exists() for cell in cells):
        return
    text = HEAD + _table(folder) + FOOT
    if DOCUMENT.exists() and DOCUMENT.read_text(encoding="utf-8") == text:
        return
    partial = DOCUMENT.with_suffix(f".{os.getpid()}")
    partial.write_text(text, encoding="utf-8")
    partial.replace(DOCUMENT)


def _file_name(column: str, row: str) -> str:
    return re.sub(r"[^a-z0-9.-]+", "_", f"{row} {column}")


def _table(folder: Path) -> str:
    lines = [["Client", *COLUMNS], ["---"] * (len(COLUMNS) + 1)]
    for row in ROWS:
        cells = [
            (folder / _file_name(column, row)).read_text(encoding="utf-8")
            if row in able
            else "\N{EN DASH}"
            for column, able in COLUMNS.items()
        ]
        lines.append([_title(row), *cells])
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _title(row: str) -> str:
    """Return a client's name and the version that its lock names."""
    program = row.partition("-")[0]
    lock = (LOCKS / f"{row}.txt").read_text(encoding="utf-8")
    found = re.search(rf"^{program}==(\S+)", lock, re.MULTILINE)
    assert found, f"{row}.txt does not lock {program}"
    return f"{program} {found[1]}"
