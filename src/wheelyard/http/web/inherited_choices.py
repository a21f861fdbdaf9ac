"""Fields of forms in which something may be left to the groups above, or to the server."""

from enum import StrEnum
from typing import TypeVar

from wheelyard.actions.project_settings import INHERIT
from wheelyard.domain.settings import parse_choice
from wheelyard.http.web.forms import Form

Choice = TypeVar("Choice", bound=StrEnum)


def shown(choice: StrEnum | None) -> str:
    """Return what the field holds for a choice; None: it is left to what stands above."""
    return INHERIT if choice is None else choice.value


def chosen(choices: type[Choice], form: Form, name: str) -> Choice | None:
    """Read the field. Raises Refused (invalid)."""
    text = form.text(name)
    return None if text == INHERIT else parse_choice(choices, name, text)
