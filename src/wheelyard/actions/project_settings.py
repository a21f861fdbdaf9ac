"""Setting one of a project's settings by its name, as the command line does."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TypeVar

from wheelyard.actions.places import require_project
from wheelyard.actions.projects import ProjectChange, change_project
from wheelyard.domain.access import RegistryAccess, Visibility
from wheelyard.domain.errors import Problem, invalid
from wheelyard.domain.findings import Strictness
from wheelyard.domain.models.callers import Caller
from wheelyard.domain.models.places import Duplicates, Project
from wheelyard.domain.settings import parse_bool
from wheelyard.ports.database import Database

INHERIT = "inherit"
"""The value that takes a project's own choice back: what the groups above, or the instance, say."""

Choice = TypeVar("Choice")


async def set_project_setting(
    db: Database, by: Caller, *, full_path: str, key: str, text: str
) -> Project:
    """Set one of a project's settings to what `text` says; see `PROJECT_SETTINGS`.

    Raises Refused: invalid (key or value, or it is locked by a group above), not found.
    """
    change = _read_change(key, text)
    async with db.read() as tx:
        project = await require_project(tx, full_path)
    return await change_project(db, by, project.id, change)


def _read_change(key: str, text: str) -> ProjectChange:
    reader = PROJECT_SETTINGS.get(key)
    if reader is None:
        known = ", ".join(PROJECT_SETTINGS)
        raise invalid(
            Problem("unknown-setting", f"'{key}' is not a setting. There are: {known}.", key)
        )
    try:
        return reader(text)
    except ValueError as error:
        raise invalid(Problem("invalid-value", f"{key} cannot be '{text[:40]}'.", key)) from error


def _or_inherited(read: Callable[[str], Choice], text: str) -> Choice | None:
    return None if text == INHERIT else read(text)


PROJECT_SETTINGS: Mapping[str, Callable[[str], ProjectChange]] = MappingProxyType(
    {
        "visibility": lambda text: {"visibility": Visibility(text)},
        "packages_enabled": lambda text: {"packages_enabled": parse_bool("packages_enabled", text)},
        "package_registry_access_level": lambda text: {
            "registry_access": _or_inherited(RegistryAccess, text)
        },
        "duplicates": lambda text: {"duplicates": _or_inherited(Duplicates, text)},
        "validation": lambda text: {"validation": _or_inherited(Strictness, text)},
    }
)
"""Each project setting by GitLab's name (ours: `duplicates`, `validation`), and its reader."""
