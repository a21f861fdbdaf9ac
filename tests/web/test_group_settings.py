"""Groups: made at the top and in others; their settings, another path, transfer, deletion."""

import pytest

from lookups import group_now, project_now, recorded
from registry import Registry, fresh
from running import Server
from visiting import Visitor, filled
from wheelyard.domain.access import RegistryAccess, Visibility
from wheelyard.domain.findings import Strictness
from wheelyard.domain.models.places import Duplicates, GroupChoices, Namespace, Project
from wheelyard.domain.models.users import User

SAVE, NEW = "Save changes", "/groups/new"


@pytest.fixture
def group(registry: Registry, user: User) -> Namespace:
    group = registry.group(visibility="internal")
    registry.member(group, user, "owner")
    return group


@pytest.fixture
def project(registry: Registry, group: Namespace) -> Project:
    return registry.project(f"{group.full_path}/{fresh('tools')}")


def settings_of(group: Namespace) -> str:
    return f"/groups/{group.full_path}/-/edit"


# --- new groups -------------------------------------------------------------------------------


def test_a_new_group_and_one_in_it(registry: Registry, visitor: Visitor, user: User) -> None:
    page = visitor.get(NEW)
    assert (page.status, page.heading) == (200, "New group")
    assert page.labels()["Group name"].has_attr("required")
    assert visitor.get("/").links()["New group"] == NEW
    name = fresh("My Group")
    path = name.lower().replace(" ", "-")
    made = visitor.submit(page, "Create group", name=name, visibility="internal")
    assert (made.status, made.location) == (303, f"/{path}")
    assert recorded(registry, path)[0] == ("group_created", user.username)
    shown = visitor.get(made.location)
    assert shown.heading.startswith(name)
    inner = visitor.get(shown.links()["New subgroup"])
    chosen = inner.labels()["Parent group"].find("option", selected=True)
    assert chosen is not None
    assert chosen.get_text() == path
    within = visitor.submit(inner, "Create group", name="Inner", path="inner")
    assert (within.status, within.location) == (303, f"/{path}/inner")


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"name": ""}, "A group needs a name."),
        ({"name": "x", "path": "admin"}, "is a reserved name"),
        ({"name": "x", "path": "a/b"}, "cannot be a path"),
        ({"name": "x", "visibility": "secret"}, "must be one of"),
        ({"name": "x", "parent_id": "999999999"}, "You may not create groups there."),
        ({"name": "x", "parent_id": "x"}, "You may not create groups there."),
    ],
)
def test_mistakes_in_a_new_group(visitor: Visitor, fields: dict[str, str], problem: str) -> None:
    page = visitor.submit(visitor.get(NEW), "Create group", **fields)
    assert page.status == 422
    assert problem in page.text
    assert page.labels()["Group name"].get("value", "") == fields["name"]


def test_no_group_in_a_group_of_others(
    registry: Registry, visitor: Visitor, user: User, stranger: Visitor
) -> None:
    developers, hidden = registry.group(), registry.group()
    registry.member(developers, user, "developer")
    for parent in (developers, hidden):
        page = visitor.get(f"{NEW}?parent_id={parent.id}")
        assert parent.full_path not in page.text
        refused = visitor.submit(page, "Create group", name="x", parent_id=str(parent.id))
        assert refused.status == 422
    assert "New subgroup" not in visitor.get(f"/{developers.full_path}").text
    assert stranger.get(NEW).status == 302
    assert visitor.post(NEW, {"name": "x", "visibility": "private"}).status == 403


# --- settings ---------------------------------------------------------------------------------


def test_the_way_there(visitor: Visitor, group: Namespace) -> None:
    links = visitor.get(f"/{group.full_path}").links()
    assert (links["Settings"], links["General"]) == (settings_of(group), settings_of(group))
    page = visitor.get(settings_of(group))
    assert (page.status, page.heading) == (200, "General settings")


def test_what_is_saved_holds_below(
    registry: Registry, visitor: Visitor, group: Namespace, project: Project
) -> None:
    page = visitor.submit(
        visitor.get(settings_of(group)),
        SAVE,
        name="Research",
        description="What we find out.",
        packages_enabled="false",
        duplicates="deny",
        validation="warn",
        locked=["packages_enabled", "validation"],
        merges_names="1",
    )
    assert (page.status, page.location) == (303, settings_of(group))
    after, below = group_now(registry, group.id), project_now(registry, project.id)
    assert after is not None
    assert below is not None
    locked = frozenset({"packages_enabled", "validation"})
    wanted = GroupChoices(False, Duplicates.DENY, Strictness.WARN, locked)  # noqa: FBT003  a value
    assert (after.name, after.description) == ("Research", "What we find out.")
    assert (after.choices, after.merges_names) == (wanted, True)
    assert below.registry_access is RegistryAccess.DISABLED
    assert (below.duplicates, below.validation) == (Duplicates.DENY, Strictness.WARN)
    back = filled(visitor.get(settings_of(group)).form(SAVE), SAVE)
    for name in ("locked", "merges_names"):
        back.pop(name)
    inherit = dict.fromkeys(("packages_enabled", "duplicates", "validation"), "inherit")
    assert visitor.post(settings_of(group), {**back, **inherit}).status == 303
    after = group_now(registry, group.id)
    assert after is not None
    assert (after.choices, after.merges_names) == (GroupChoices(), False)


def test_nothing_changed_is_nothing_recorded(
    registry: Registry, visitor: Visitor, group: Namespace
) -> None:
    before = recorded(registry, group.full_path)
    assert visitor.submit(visitor.get(settings_of(group)), SAVE).status == 303
    assert recorded(registry, group.full_path) == before
    assert group_now(registry, group.id) == group


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"name": ""}, "name"),
        ({"visibility": "private"}, "is not allowed since this group contains"),
        ({"packages_enabled": "perhaps"}, "must be true or false"),
        ({"duplicates": ""}, "must be one of"),
        ({"validation": "maybe"}, "must be one of"),
        ({"locked": "name"}, "can be locked"),
    ],
)
def test_mistakes_come_back_with_the_form(
    registry: Registry, visitor: Visitor, group: Namespace, fields: dict[str, str], problem: str
) -> None:
    registry.project(f"{group.full_path}/{fresh('seen')}", "internal")
    page = visitor.submit(visitor.get(settings_of(group)), SAVE, description="Not yet", **fields)
    assert page.status == 422
    assert problem in page.text
    assert page.labels()["Group description (optional)"].get_text() == "Not yet"
    assert group_now(registry, group.id) == group


def test_another_path(visitor: Visitor, registry: Registry, group: Namespace) -> None:
    page = visitor.get(settings_of(group))
    wrong = visitor.submit(page, "Change path", path="a b")
    assert wrong.status == 422
    assert wrong.labels()["Group name"]["value"] == group.name
    taken = visitor.submit(page, "Change path", path=registry.group().path)
    assert taken.status == 422
    path = fresh("moved")
    moved = visitor.submit(page, "Change path", path=path)
    assert (moved.status, moved.location) == (303, f"/groups/{path}/-/edit")
    assert visitor.get(moved.location).status == 200


def test_transfer(registry: Registry, visitor: Visitor, user: User, group: Namespace) -> None:
    inner = registry.group(f"{group.full_path}/{fresh('inner')}")
    other, hidden = registry.group(visibility="internal"), registry.group()
    registry.member(other, user, "maintainer")
    page = visitor.get(settings_of(group))
    options = page.labels()["New parent group"].find_all("option")
    offered = {option.get_text() for option in options}
    assert other.full_path in offered
    assert offered.isdisjoint({hidden.full_path, inner.full_path, group.full_path})
    for chosen in (str(hidden.id), str(inner.id), "x", "9" * 18, ""):
        assert visitor.submit(page, "Transfer group", parent_id=chosen).status == 422
    moved = visitor.submit(page, "Transfer group", parent_id=str(other.id))
    assert (moved.status, moved.location) == (303, f"/{other.full_path}/{group.path}")
    below = f"/groups/{other.full_path}/{group.path}/-/edit"
    up = visitor.submit(visitor.get(below), "Transfer group", parent_id="")
    assert (up.status, up.location) == (303, f"/{group.path}")


def test_deletion_wants_the_path(
    registry: Registry, visitor: Visitor, group: Namespace, project: Project
) -> None:
    page = visitor.get(settings_of(group))
    refused = visitor.submit(page, "Yes, delete group", confirm_path=group.full_path + "x")
    assert refused.status == 422
    assert f"type its path: {group.full_path}" in refused.text
    assert group_now(registry, group.id) is not None
    gone = visitor.submit(page, "Yes, delete group", confirm_path=group.full_path)
    assert (gone.status, gone.location) == (303, "/")
    assert "was deleted" in visitor.get("/").text
    assert group_now(registry, group.id) is None
    assert project_now(registry, project.id) is None


def test_for_owners_alone(
    server: Server, registry: Registry, stranger: Visitor, visitor: Visitor, group: Namespace
) -> None:
    maintainer = registry.user()
    registry.member(group, maintainer, "maintainer")
    browser = Visitor(server.address).sign_in_as(registry, maintainer)
    assert browser.get(settings_of(group)).status == 403
    assert "Settings" not in browser.get(f"/{group.full_path}").links()
    private = registry.group()
    assert browser.get(settings_of(private)).status == 404
    assert stranger.get(settings_of(private)).status == 302
    assert stranger.get("/groups/not/there/-/edit").status == 302
    sent: dict[str, str | list[str]] = {"confirm_path": group.full_path, "name": "forged"}
    for address in ("edit", "settings/path", "settings/transfer", "settings/delete"):
        assert visitor.post(f"/groups/{group.full_path}/-/{address}", sent).status == 403
    after = group_now(registry, group.id)
    assert after is not None
    assert (after.name, after.visibility) == (group.name, Visibility.INTERNAL)
