"""All rows at one moment: what a backup keeps, and what is compared when a registry has moved."""

from typing import NamedTuple


class TableTotals(NamedTuple):
    """How many rows a table has, and a digest (hex) of them, whatever their order."""

    rows: int
    digest: str
