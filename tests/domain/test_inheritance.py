import pytest
from hypothesis import given
from hypothesis import strategies as st

from wheelyard.domain.access import RegistryAccess
from wheelyard.domain.errors import Refused
from wheelyard.domain.findings import Strictness
from wheelyard.domain.inheritance import INHERITED_SETTINGS, check_choices, hand_down, settle
from wheelyard.domain.models.places import Duplicates, GroupChoices, ProjectChoices
from wheelyard.domain.settings import InstanceSettings

ALLOW, DENY = Duplicates.ALLOW, Duplicates.DENY
INSTANCE = InstanceSettings(duplicates=DENY)

# The groups from the top down ("!": locked), the project's own choice, and what holds.
DUPLICATES = """
-        | -     | deny
-        | allow | allow
allow    | -     | allow
allow    | deny  | deny
allow!   | deny  | allow
-!       | allow | deny
deny allow   | -     | allow
deny! allow  | allow | deny
allow deny!  | allow | deny
allow! deny! | deny  | allow
allow -!     | deny  | allow
"""


def group(text: str) -> GroupChoices:
    value = text.rstrip("!")
    locked = frozenset({"duplicates"} if text.endswith("!") else ())
    return GroupChoices(duplicates=None if value == "-" else Duplicates(value), locked=locked)


@pytest.mark.parametrize("row", DUPLICATES.strip().splitlines())
def test_duplicates(row: str) -> None:
    groups, own, expected = (cell.strip() for cell in row.split("|"))
    inherited = hand_down((group(text) for text in groups.split()), INSTANCE)
    chosen = ProjectChoices(duplicates=None if own == "-" else Duplicates(own))
    assert settle(chosen, inherited).duplicates == expected


# What the group says of packages ("!": locked), the project's own access level, and what holds.
ACCESS = """
-    | -        | enabled
-    | disabled | disabled
-    | public   | public
off  | -        | disabled
off  | private  | private
off! | private  | disabled
off! | -        | disabled
on!  | disabled | enabled
on!  | private  | private
on!  | public   | public
on   | disabled | disabled
"""


@pytest.mark.parametrize("row", ACCESS.strip().splitlines())
def test_registry_access(row: str) -> None:
    above, own, expected = (cell.strip() for cell in row.split("|"))
    is_on = {"-": None, "on": True, "off": False}[above.rstrip("!")]
    locked = frozenset({"packages_enabled"} if above.endswith("!") else ())
    choices = GroupChoices(packages_enabled=is_on, locked=locked)
    access = None if own == "-" else RegistryAccess(own)
    for may_pull in (True, False):
        instance = InstanceSettings(anyone_may_pull_allowed=may_pull)
        settled = settle(ProjectChoices(registry_access=access), hand_down([choices], instance))
        shown = "enabled" if expected == "public" and not may_pull else expected
        assert settled.registry_access == shown


groups = st.builds(
    GroupChoices,
    packages_enabled=st.none() | st.booleans(),
    duplicates=st.none() | st.sampled_from(Duplicates),
    validation=st.none() | st.sampled_from(Strictness),
    locked=st.frozensets(st.sampled_from(INHERITED_SETTINGS)),
)
projects = st.builds(
    ProjectChoices,
    registry_access=st.none() | st.sampled_from(RegistryAccess),
    duplicates=st.none() | st.sampled_from(Duplicates),
    validation=st.none() | st.sampled_from(Strictness),
)


@given(st.lists(groups, max_size=4), st.lists(groups, max_size=3), projects)
def test_nothing_below_changes_what_is_locked(
    above: list[GroupChoices], below: list[GroupChoices], own: ProjectChoices
) -> None:
    at = hand_down(above, INSTANCE)
    plain = settle(ProjectChoices(), at)
    settled = settle(own, hand_down([*above, *below], INSTANCE))
    for name in at.locked - {"packages_enabled"}:
        assert getattr(settled, name) == getattr(plain, name)
    if "packages_enabled" in at.locked:
        assert (settled.registry_access == "disabled") == (plain.registry_access == "disabled")


@given(st.lists(groups, max_size=4), projects, projects)
def test_what_is_taken_has_an_effect(
    above: list[GroupChoices], before: ProjectChoices, after: ProjectChoices
) -> None:
    """A choice that differs is either refused, or it is what holds."""
    inherited = hand_down(above, INSTANCE)
    try:
        check_choices(before, after, inherited)
    except Refused:
        assert inherited.locked
        return
    settled = settle(after, inherited)
    if after.duplicates not in {None, before.duplicates}:
        assert settled.duplicates == after.duplicates
    if after.validation not in {None, before.validation}:
        assert settled.validation == after.validation
    if after.registry_access not in {None, before.registry_access}:
        assert settled.registry_access == after.registry_access
