"""The settings of an instance: their names, types, defaults and meaning, in one table."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Any, TypeVar

from wheelyard.domain.access import Visibility
from wheelyard.domain.errors import Problem, invalid
from wheelyard.domain.findings import Strictness
from wheelyard.domain.models.places import Duplicates

MEBIBYTE = 1024 * 1024

_NUMBER = re.compile(r"[0-9]{1,18}")  # fits a 64-bit integer
_MAY_BE_ZERO = frozenset({"max_personal_access_token_lifetime"})
_FIXED = frozenset({"signup_enabled", "require_admin_approval_after_user_signup"})
"""What GitLab has settings for and this server has not: each is shown, as the value it has."""


@dataclass(frozen=True, slots=True)
class InstanceSettings:
    """What an administrator sets for the whole instance.

    packages_enabled: whether the package registry exists at all (off: 404).
    max_file_size_bytes: the largest distribution that is accepted (GitLab 12.10: 50 MB).
    validation: what is done about uploads with mistakes (strict, warn, off); fatal ones are
        refused always.
    duplicates: what a project does with other bytes under a file name it has (allow, deny),
        where neither the project nor a group above it says so.
    anyone_may_pull_allowed: whether projects may open their packages to anybody ("allow anyone
        to pull"); off, the access level `public` has the effect of `enabled`.
    default_project_visibility, default_group_visibility: of new ones, where nothing is said.
    signup_enabled, require_admin_approval_after_user_signup: GitLab's, and fixed: nobody makes an
        account for themselves, administrators make them.
    max_personal_access_token_lifetime: in days; 0: no limit, and tokens may have no end.
    """

    packages_enabled: bool = True
    max_file_size_bytes: int = 50 * MEBIBYTE
    validation: Strictness = Strictness.STRICT
    duplicates: Duplicates = Duplicates.ALLOW
    anyone_may_pull_allowed: bool = True
    default_project_visibility: Visibility = Visibility.PRIVATE
    default_group_visibility: Visibility = Visibility.PRIVATE
    signup_enabled: bool = False
    require_admin_approval_after_user_signup: bool = True
    max_personal_access_token_lifetime: int = 0

    def with_value(self, key: str, text: str) -> "InstanceSettings":
        """Return a copy with `key` set to what `text` says.

        Raises Refused (invalid) for an unknown key, a value of the wrong type, or another value of
        what is fixed.
        """
        current = self.as_dict()
        if key not in current:
            known = ", ".join(sorted(current))
            raise invalid(
                Problem("unknown-setting", f"'{key}' is not a setting. There are: {known}.", key)
            )
        value = parse_like(current[key], key, text)
        if key in _FIXED and value != current[key]:
            message = (
                f"{key} is {str(current[key]).lower()}: administrators make the accounts here."
            )
            raise invalid(Problem("fixed-setting", message, key))
        return InstanceSettings(**{**current, key: value})  # type: ignore[arg-type]  # parse_like keeps the type of the present value

    def as_dict(self) -> dict[str, bool | int | str]:
        """Return key to value, in the order of the table."""
        return {field.name: getattr(self, field.name) for field in fields(self)}

    @classmethod
    def from_stored(cls, stored: Mapping[str, bool | int | str]) -> "InstanceSettings":
        """Build from stored values; keys that this version does not know are left out."""
        defaults = cls().as_dict()
        known = [key for key in stored if key in defaults and key not in _FIXED]
        values: dict[str, Any] = {key: _as_stored(defaults[key], stored[key]) for key in known}
        return cls(**values)


def _as_stored(example: bool | int | str, value: bool | int | str) -> bool | int | str:
    return type(example)(str(value)) if isinstance(example, StrEnum) else value


def parse_like(example: bool | int | str, key: str, text: str) -> bool | int | str:
    """Read `text` as a value of the type that `example` has; raise Refused (invalid) otherwise."""
    if isinstance(example, bool):
        return parse_bool(key, text)
    if isinstance(example, StrEnum):
        return parse_choice(type(example), key, text)
    if isinstance(example, int):
        is_zero = text.strip("0") == "" and key not in _MAY_BE_ZERO
        if not _NUMBER.fullmatch(text) or is_zero:
            raise invalid(Problem("invalid-value", f"{key} must be a positive number.", key))
        return int(text)
    return text


def parse_bool(key: str, text: str) -> bool:
    """Read `true` or `false` (also yes/no, on/off, 1/0); raise Refused (invalid) otherwise."""
    lowered = text.strip().lower()
    if lowered in {"true", "yes", "on", "1"}:
        return True
    if lowered in {"false", "no", "off", "0"}:
        return False
    raise invalid(Problem("invalid-value", f"{key} must be true or false, not '{text[:40]}'.", key))


Choice = TypeVar("Choice", bound=StrEnum)


def parse_choice(choices: type[Choice], key: str, text: str) -> Choice:
    """Read one of the values of an enumeration; raise Refused (invalid) otherwise."""
    try:
        return choices(text)
    except ValueError as error:
        known = ", ".join(choices)
        message = f"{key} must be one of {known}, not '{text[:40]}'."
        raise invalid(Problem("invalid-value", message, key)) from error
