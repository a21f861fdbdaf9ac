"""Package protection: rules of a project that ask more than its roles do, for some names.

GitLab's rules, with one difference: a pattern is also held against the normal form of a name
(PEP 503), so another spelling of a protected name is no way around the protection.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import IntEnum, StrEnum
from typing import assert_never

from wheelyard.domain.errors import Problem, Reason, Refused
from wheelyard.domain.models.callers import Actor
from wheelyard.domain.models.places import Project

MAX_PATTERN_CHARS = 255
_PATTERN = re.compile(r"[A-Za-z0-9*](?:[A-Za-z0-9._*-]*[A-Za-z0-9*])?")
_SEPARATORS = re.compile(r"[-_.]+")


class ProtectionLevel(IntEnum):
    """Who may do it still; the numbers are those of roles, with administrators on top."""

    MAINTAINER = 40
    OWNER = 50
    ADMIN = 60


class ProtectedDeed(StrEnum):
    """What a rule can forbid."""

    PUSH = "push"
    DELETE = "delete"


@dataclass(frozen=True, slots=True)
class RuleWish:
    """What a rule is to be: a level of None leaves that deed to the roles."""

    pattern: str
    push_level: ProtectionLevel | None
    delete_level: ProtectionLevel | None

    def check(self) -> "RuleWish":
        """Return the same, or raise Refused (unprocessable) with everything that is wrong."""
        problems = []
        if len(self.pattern) > MAX_PATTERN_CHARS or not _PATTERN.fullmatch(self.pattern):
            message = "should be a valid PyPI package name with optional wildcard characters."
            problems.append(Problem("invalid-pattern", message, "package_name_pattern"))
        if self.push_level is None and self.delete_level is None:
            message = "A rule needs a minimum access level for push or for delete."
            problems.append(Problem("no-level", message, "base"))
        if problems:
            detail = " ".join(problem.message for problem in problems)
            raise Refused(Reason.UNPROCESSABLE, detail, problems=tuple(problems))
        return self


@dataclass(frozen=True, slots=True)
class ProtectionRule:
    """A rule of a project for the package names that fit its pattern."""

    id: int
    project_id: int
    package_name_pattern: str
    package_type: str
    push_level: ProtectionLevel | None
    delete_level: ProtectionLevel | None

    def covers(self, name: str) -> bool:
        """Tell whether the rule is for `name`, as it was uploaded or in its normal form."""
        pattern = self.package_name_pattern.lower()
        return matches(pattern, name.lower()) or matches(_normal(pattern), _normal(name))

    def level_for(self, deed: ProtectedDeed) -> ProtectionLevel | None:
        """Return who may do `deed`; None: whoever has the role for it."""
        match deed:
            case ProtectedDeed.PUSH:
                return self.push_level
            case ProtectedDeed.DELETE:
                return self.delete_level
        assert_never(deed)


def require_unprotected(
    actor: Actor,
    project: Project,
    rules: Iterable[ProtectionRule],
    *,
    deed: ProtectedDeed,
    name: str,
    today: date,
) -> None:
    """Refuse (forbidden) what a rule reserves to more than the actor is; the strictest wins.

    A deploy token is never enough, whatever the level.
    """
    levels = [rule.level_for(deed) for rule in rules if rule.covers(name)]
    needed = max((level for level in levels if level is not None), default=None)
    if needed is None or _reaches(actor, project, needed, today):
        return
    who = needed.name.lower()
    raise Refused(
        Reason.FORBIDDEN,
        "403 Forbidden - Package protected.",
        problems=(
            Problem(
                "package-protected",
                f"{name} is protected in this project: to {deed} it takes a user who is {who}.",
                "name",
            ),
        ),
    )


def _reaches(actor: Actor, project: Project, needed: ProtectionLevel, today: date) -> bool:
    if actor.is_admin:
        return True
    return actor.user_id is not None and actor.level_at(project.key, today) >= needed


def matches(pattern: str, name: str) -> bool:
    """Tell whether `name` fits `pattern`, in which `*` stands for any text; in linear time."""
    first, *rest = pattern.split("*")
    if not rest:
        return name == pattern
    if not name.startswith(first) or len(name) < len(first) + len(rest[-1]):
        return False
    start, end = len(first), len(name) - len(rest[-1])
    for part in rest[:-1]:
        found = name.find(part, start, end)
        if found < 0:
            return False
        start = found + len(part)
    return name.endswith(rest[-1])


def _normal(text: str) -> str:
    return _SEPARATORS.sub("-", text).lower()
