"""What a distribution needs, read for people: each dependency, and the extras that it belongs to.

PEP 508. An extra is a condition like any other in the metadata (`extra == "docs"`); here it is
taken out of the condition, so that dependencies can be shown and compared extra by extra.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from packaging.markers import InvalidMarker, Marker
from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import Specifier
from packaging.utils import canonicalize_name

from wheelyard.domain.names import NormalisedName, normalise_name

_EXTRA = r"""extra\s*==\s*["']([^"']*)["']"""
_ANY_EXTRA = re.compile(_EXTRA)
_ALONE = re.compile(rf"\s*{_EXTRA}\s*")
_AT_END = re.compile(rf"(.*\S)\s+and\s+{_EXTRA}\s*", re.DOTALL)
_AT_START = re.compile(rf"\s*{_EXTRA}\s+and\s+(\S.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Dependency:
    """One dependency: `name[extras]specifier`, or `name @ url`, under the condition `marker`.

    name: as written. normalised_name: None for a text that is no requirement, which is then the
    name. specifier: versions, "" for any. marker: without the extra, "" for always.
    """

    name: str
    normalised_name: NormalisedName | None
    extras: tuple[str, ...] = ()
    specifier: str = ""
    url: str | None = None
    marker: str = ""

    @property
    def wanted(self) -> str:
        """What it asks for, beside the name: extras, versions or address, and the condition."""
        extras = f"[{','.join(self.extras)}]" if self.extras else ""
        versions = f"@ {self.url}" if self.url else self.specifier
        condition = f"; {self.marker}" if self.marker else ""
        return " ".join(part for part in (extras, versions) if part) + condition


Dependencies = Mapping[str, Sequence[Dependency]]
"""Dependencies by extra; those that are always needed are under ""."""


def read_dependencies(lines: Iterable[str], extras: Iterable[str] = ()) -> Dependencies:
    """Return the dependencies in `Requires-Dist` lines, sorted, by extra.

    extras: those that `Provides-Extra` names; they are there even if nothing belongs to them.
    """
    found: dict[str, list[Dependency]] = {"": []}
    found |= {canonicalize_name(extra): [] for extra in extras}
    for line in lines:
        dependency, groups = _read(line)
        for group in groups or ("",):
            found.setdefault(canonicalize_name(group), []).append(dependency)
    return {group: sorted(set(needed), key=_order) for group, needed in found.items()}


def _order(dependency: Dependency) -> tuple[str, str, str]:
    return (
        dependency.normalised_name or dependency.name.lower(),
        dependency.marker,
        dependency.wanted,
    )


def _read(line: str) -> tuple[Dependency, Sequence[str]]:
    try:
        requirement = Requirement(line)
    except (
        InvalidRequirement,
        ValueError,
        RecursionError,
    ):  # beyond int(), or brackets without end
        return Dependency(line.strip(), None), ()
    marker, groups = ("", ()) if requirement.marker is None else _part(str(requirement.marker))
    dependency = Dependency(
        requirement.name,
        normalise_name(requirement.name),
        tuple(sorted(requirement.extras)),
        ",".join(map(str, sorted(requirement.specifier, key=_from_below))),
        requirement.url,
        marker,
    )
    return dependency, groups


def _from_below(specifier: Specifier) -> tuple[int, str]:
    """Put lower limits before upper ones: people read ">=2,<3"."""
    operators = (">", "~", "=", "!")
    first = specifier.operator[0]
    return (operators.index(first) if first in operators else len(operators)), str(specifier)


def _part(marker: str) -> tuple[str, Sequence[str]]:
    """Return the rest of a condition, and the extras in it.

    Where an extra is not simply joined by "and", the condition is left as it is.
    """
    extras = _ANY_EXTRA.findall(marker)
    if not extras:
        return marker, ()
    if _ALONE.fullmatch(marker):
        return "", extras
    for pattern, rest in ((_AT_END, 1), (_AT_START, 2)):
        match = pattern.fullmatch(marker)
        if match and "extra" not in match[rest] and _is_marker(match[rest]):
            return _without_brackets(match[rest]), extras
    return marker, list(dict.fromkeys(extras))


def _is_marker(text: str) -> bool:
    """Tell whether a text is a condition by itself: not one side of an "or"."""
    if re.search(r"\bor\b", text) and not _is_bracketed(text):
        return False
    try:
        Marker(text)
    except InvalidMarker:
        return False
    return True


def _without_brackets(text: str) -> str:
    return text[1:-1].strip() if _is_bracketed(text) else text


def _is_bracketed(text: str) -> bool:
    """Tell whether one pair of brackets holds all of a text."""
    if not (text.startswith("(") and text.endswith(")")):
        return False
    depth = 0
    for place, character in enumerate(text):
        depth += (character == "(") - (character == ")")
        if depth == 0:
            return place == len(text) - 1
    return False
