"""What changed between two releases: in what they need, and in what they say of themselves."""

import difflib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from wheelyard.domain.release_facts import ReleaseFacts
from wheelyard.domain.requirements import Dependencies, Dependency

MAX_COMPARED_LINES = 1000
"""Comparing texts costs the product of their lengths in the worst case; longer ones differ."""

_CONTEXT_LINES = 2


class Change(StrEnum):
    """What became of something."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class DependencyChange:
    """One dependency that is not as it was; `before` and `after` say what it asks for.

    extra: "" for one that is always needed. before, after: "" where there is none, so that
    "any version" is written out as such.
    """

    extra: str
    name: str
    change: Change
    before: str = ""
    after: str = ""


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One statement that is not as it was: its text before and after, "" for none."""

    label: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class ListChange:
    """What came into a list of statements, and what went out of it."""

    label: str
    added: Sequence[str]
    removed: Sequence[str]


@dataclass(frozen=True, slots=True)
class DiffLine:
    """A line of a compared text; change None: it is in both. A gap has no text and no change."""

    text: str
    change: Change | None = None
    is_gap: bool = False


@dataclass(frozen=True, slots=True)
class ReleaseChanges:
    """Everything that changed. description: lines that differ, with some around them.

    is_description_changed: also where the two were too long to be compared by lines.
    """

    dependencies: Sequence[DependencyChange]
    fields: Sequence[FieldChange]
    lists: Sequence[ListChange]
    is_description_changed: bool
    description: Sequence[DiffLine]


def compare(before: ReleaseFacts, after: ReleaseFacts) -> ReleaseChanges:
    """Return what is in one of two releases and not in the other."""
    return ReleaseChanges(
        dependencies=_dependencies(before.dependencies, after.dependencies),
        fields=_fields(before, after),
        lists=_lists(before, after),
        is_description_changed=before.description != after.description,
        description=_lines(before.description, after.description),
    )


def _dependencies(before: Dependencies, after: Dependencies) -> Sequence[DependencyChange]:
    extras = sorted({*before, *after})
    return [
        change
        for extra in extras
        for change in _of_extra(extra, before.get(extra, ()), after.get(extra, ()))
    ]


def _of_extra(
    extra: str, before: Sequence[Dependency], after: Sequence[Dependency]
) -> Sequence[DependencyChange]:
    old, new = _by_name(before), _by_name(after)
    changes = []
    for key in sorted({*old, *new}):
        name = (new.get(key) or old[key])[0].name
        was, is_now = _wanted(old.get(key, ())), _wanted(new.get(key, ()))
        if was == is_now:
            continue
        kind = Change.ADDED if not was else Change.REMOVED if not is_now else Change.CHANGED
        changes.append(DependencyChange(extra, name, kind, was, is_now))
    return changes


def _by_name(dependencies: Sequence[Dependency]) -> Mapping[str, list[Dependency]]:
    found: dict[str, list[Dependency]] = {}
    for dependency in dependencies:
        found.setdefault(dependency.normalised_name or dependency.name, []).append(dependency)
    return found


def _wanted(dependencies: Sequence[Dependency]) -> str:
    return " | ".join(dependency.wanted or "any version" for dependency in dependencies)


def _fields(before: ReleaseFacts, after: ReleaseFacts) -> Sequence[FieldChange]:
    pairs = [
        ("Requires Python", before.requires_python, after.requires_python),
        ("Summary", before.summary, after.summary),
        ("Licence", before.license, after.license),
        ("Author", before.author, after.author),
        ("Maintainer", before.maintainer, after.maintainer),
        ("Metadata version", before.format_version, after.format_version),
    ]
    return [FieldChange(label, old, new) for label, old, new in pairs if old != new]


def _lists(before: ReleaseFacts, after: ReleaseFacts) -> Sequence[ListChange]:
    pairs = [
        ("Extras", [*before.dependencies][1:], [*after.dependencies][1:]),
        ("Keywords", before.keywords, after.keywords),
        ("Links", _link_texts(before), _link_texts(after)),
        ("Classifiers", _classifier_texts(before), _classifier_texts(after)),
    ]
    changes = [
        ListChange(label, _missing(new, set(old)), _missing(old, set(new)))
        for label, old, new in pairs
    ]
    return [change for change in changes if change.added or change.removed]


def _missing(texts: Sequence[str], present: Collection[str]) -> Sequence[str]:
    return [text for text in texts if text not in present]


def _link_texts(facts: ReleaseFacts) -> Sequence[str]:
    return [f"{link.label}: {link.address}" for link in facts.links]


def _classifier_texts(facts: ReleaseFacts) -> Sequence[str]:
    return [f"{group} :: {rest}" for group, some in facts.classifiers.items() for rest in some]


def _lines(before: str, after: str) -> Sequence[DiffLine]:
    old, new = before.splitlines(), after.splitlines()
    if max(len(old), len(new)) > MAX_COMPARED_LINES:
        return ()
    groups = difflib.SequenceMatcher(None, old, new).get_grouped_opcodes(_CONTEXT_LINES)
    lines: list[DiffLine] = []
    for group in groups:
        if lines or group[0][1] > 0:
            lines.append(DiffLine("", is_gap=True))
        for tag, old_from, old_to, new_from, new_to in group:
            if tag == "equal":
                lines += [DiffLine(text) for text in old[old_from:old_to]]
            else:
                lines += [DiffLine(text, Change.REMOVED) for text in old[old_from:old_to]]
                lines += [DiffLine(text, Change.ADDED) for text in new[new_from:new_to]]
    return lines
