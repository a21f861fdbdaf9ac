"""Roles in parameters: GitLab's numbers, also as a form or a query has them."""

from typing import Annotated, Literal

from pydantic import BeforeValidator


def _number(value: object) -> object:
    return int(value) if isinstance(value, str) and value.isascii() and value.isdigit() else value


AccessLevel = Annotated[Literal[10, 15, 20, 30, 40, 50], BeforeValidator(_number)]
"""A parameter: the number of a role."""
