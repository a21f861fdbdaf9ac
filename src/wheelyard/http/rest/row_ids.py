"""Ids of rows, in addresses and in parameters."""

from typing import Annotated

from fastapi import Path
from pydantic import Field

MAX_ROW_ID = 2**63 - 1

RowId = Annotated[int, Path(ge=1, le=MAX_ROW_ID)]
"""A handler's parameter: an id that a row may have; anything else is 400, as in GitLab."""

ListedId = Annotated[int, Field(ge=1, le=MAX_ROW_ID)]
"""One id of a parameter that is a list of them."""
