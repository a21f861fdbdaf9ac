"""Groups, projects and members: made, changed, recorded; and what cannot be made."""

from dataclasses import replace

import pytest

from trails import Trail
from wheelyard.actions.groups import create_group
from wheelyard.actions.members import set_member
from wheelyard.actions.project_settings import set_project_setting
from wheelyard.actions.projects import create_project
from wheelyard.actions.users import create_user
from wheelyard.app import Machinery
from wheelyard.domain.access import Level, RegistryAccess, Visibility
from wheelyard.domain.errors import Reason, Refused
from wheelyard.domain.models.callers import Actor, Caller
from wheelyard.domain.models.members import Grant
from wheelyard.domain.models.places import Duplicates
from wheelyard.domain.names import MAX_DEPTH

PRIVATE, PUBLIC = Visibility.PRIVATE, Visibility.PUBLIC


@pytest.fixture
async def place(machines: Machinery, by: Caller) -> str:
    """Make a user, a group and a project, and return the project's path."""
    await create_user(machines.db, machines.passwords, by, username="ann")
    await create_group(machines.db, by, full_path="Group", visibility=PUBLIC)
    await create_project(machines.db, by, full_path="Group/project", visibility=PRIVATE)
    return "Group/project"


async def test_a_group_and_its_event(machines: Machinery, by: Caller, trail: Trail) -> None:
    await create_group(machines.db, by, full_path="top", visibility=PUBLIC)
    group = await create_group(machines.db, by, full_path="TOP/sub", visibility=PRIVATE)
    assert (group.full_path, group.visibility) == ("top/sub", PRIVATE)
    action, target, details = await trail.last(by)
    assert (action, target, details["visibility"]) == ("group_created", "top/sub", "private")


async def test_whoever_makes_a_group_owns_it(machines: Machinery, by: Caller) -> None:
    user = await create_user(machines.db, machines.passwords, by, username="ann")
    ann = replace(by, actor=Actor(user_id=user.id, username="ann"))
    await create_group(machines.db, ann, full_path="hers", visibility=PRIVATE)
    async with machines.db.read() as tx:
        assert Grant("hers", Level.OWNER) in await tx.users.grants(user)


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        *((path, Reason.INVALID) for path in ("", "-", "a b", "a/", "Group/", "Group/x.git")),
        *((path, Reason.INVALID) for path in ("api", "ann/group", "Group/-", "Group/..")),
        *((path, Reason.NOT_FOUND) for path in ("absent/group", "Group/project/sub")),
        *((path, Reason.CONFLICT) for path in ("group", "ANN", "group/PROJECT")),
    ],
)
@pytest.mark.usefixtures("place")
async def test_groups_that_cannot_be(
    machines: Machinery, by: Caller, trail: Trail, path: str, reason: Reason
) -> None:
    before = list(await trail.events())
    with pytest.raises(Refused) as refusal:
        await create_group(machines.db, by, full_path=path, visibility=PUBLIC)
    assert refusal.value.reason is reason
    assert list(await trail.events()) == before


async def test_groups_do_not_nest_for_ever(machines: Machinery, by: Caller) -> None:
    path = "g"
    await create_group(machines.db, by, full_path=path, visibility=PUBLIC)
    for _ in range(MAX_DEPTH):
        path += "/g"
        await create_group(machines.db, by, full_path=path, visibility=PUBLIC)
    with pytest.raises(Refused, match="deep"):
        await create_group(machines.db, by, full_path=path + "/g", visibility=PUBLIC)


async def test_a_project_and_its_event(
    machines: Machinery, by: Caller, trail: Trail, place: str
) -> None:
    async with machines.db.read() as tx:
        project = await tx.projects.by_path(place)
    assert project is not None
    assert (project.visibility, project.registry_access) == (PRIVATE, RegistryAccess.ENABLED)
    action, target, details = await trail.last(by)
    assert (action, target, details["visibility"]) == ("project_created", place, "private")
    own = await create_project(machines.db, by, full_path="ann/own", visibility=PUBLIC)
    assert own.full_path == "ann/own"


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        *((path, Reason.INVALID) for path in ("project", "", "/p", "Group/", "Group/a b")),
        *((path, Reason.NOT_FOUND) for path in ("absent/project", "Group/absent/project")),
        *((path, Reason.CONFLICT) for path in ("Group/project", "gROUP/PROJECT")),
    ],
)
@pytest.mark.usefixtures("place")
async def test_projects_that_cannot_be(
    machines: Machinery, by: Caller, path: str, reason: Reason
) -> None:
    with pytest.raises(Refused) as refusal:
        await create_project(machines.db, by, full_path=path, visibility=PUBLIC)
    assert refusal.value.reason is reason


@pytest.mark.parametrize(
    ("key", "text", "field", "value", "before"),
    [
        ("visibility", "public", "visibility", "public", "private"),
        ("packages_enabled", "false", "registry_access", "disabled", "enabled"),
        ("package_registry_access_level", "public", "registry_access", "public", "enabled"),
        ("duplicates", "deny", "duplicates", Duplicates.DENY, "allow"),
    ],
)
async def test_a_change_and_its_event(
    machines: Machinery,
    by: Caller,
    trail: Trail,
    place: str,
    *,
    key: str,
    text: str,
    field: str,
    value: str,
    before: str,
) -> None:
    project = await set_project_setting(machines.db, by, full_path=place, key=key, text=text)
    assert getattr(project, field) == value
    action, target, details = await trail.last(by)
    assert (action, target, details[field]) == ("project_changed", place, [before, value])


@pytest.mark.parametrize(
    ("key", "text"),
    [
        *(("visibility", text) for text in ("", "secret", "PUBLIC", "private ")),
        *(("packages_enabled", text) for text in ("", "maybe", "2")),
        *(("package_registry_access_level", text) for text in ("", "on", "ENABLED")),
        *(("duplicates", text) for text in ("", "sometimes")),
        *(("absent", "x"), ("", ""), ("id", "7"), ("full_path", "other")),
    ],
)
async def test_changes_that_cannot_be(
    machines: Machinery, by: Caller, trail: Trail, place: str, *, key: str, text: str
) -> None:
    before = list(await trail.events())
    with pytest.raises(Refused) as refusal:
        await set_project_setting(machines.db, by, full_path=place, key=key, text=text)
    assert refusal.value.reason is Reason.INVALID
    assert list(await trail.events()) == before


@pytest.mark.parametrize(
    ("key", "field", "own", "inherited"),
    [
        ("package_registry_access_level", "registry_access", "private", "enabled"),
        ("duplicates", "duplicates", "deny", "allow"),
        ("validation", "validation", "off", None),
    ],
)
async def test_a_choice_is_taken_back(
    machines: Machinery, by: Caller, place: str, *, key: str, field: str, own: str, inherited: str
) -> None:
    for text, expected, choice in ((own, own, own), ("inherit", inherited, None)):
        project = await set_project_setting(machines.db, by, full_path=place, key=key, text=text)
        assert (getattr(project, field), getattr(project.own, field)) == (expected, choice)
    change = {"key": "packages_enabled", "text": "inherit"}
    with pytest.raises(Refused):
        await set_project_setting(machines.db, by, full_path=place, **change)


async def test_a_role_and_its_events(
    machines: Machinery, by: Caller, trail: Trail, place: str
) -> None:
    for level in (Level.GUEST, Level.OWNER):
        member = await set_member(
            machines.db, by, full_path=place, username="ANN", level=level, expires_at=by.at.date()
        )
        assert (member.username, member.level) == ("ann", level)
    added, changed = (await trail.events())[-2:]
    assert (added.action, changed.action) == ("member_added", "member_changed")
    assert (added.target, changed.target) == (place, place)
    assert (added.details["level"], changed.details["level"]) == ([None, 10], [10, 50])
    assert changed.details["expires_at"] == by.at.date().isoformat()


@pytest.mark.parametrize(
    ("path", "username"), [("Group/project", "nobody"), ("absent", "ann"), ("ann", "ann")]
)
@pytest.mark.usefixtures("place")
async def test_roles_that_cannot_be(
    machines: Machinery, by: Caller, path: str, username: str
) -> None:
    with pytest.raises(Refused) as refusal:
        await set_member(machines.db, by, full_path=path, username=username, level=Level.GUEST)
    assert refusal.value.reason is Reason.NOT_FOUND
