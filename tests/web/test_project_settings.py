"""Settings → General of a project: visibility, packages on and off, path, transfer, deletion."""

import pytest

from lookups import project_now, recorded
from registry import Registry, fresh
from requesting import open_session, project_index
from running import Server
from visiting import Page, Visitor, filled
from wheelyard.domain.access import RegistryAccess, Visibility
from wheelyard.domain.findings import Strictness
from wheelyard.domain.models.places import Duplicates, Project
from wheelyard.domain.models.users import User

SAVE = "Save changes"


@pytest.fixture
def project(registry: Registry, user: User) -> Project:
    """Return a project of an internal group, of which the visitor is the owner."""
    group = registry.group(visibility="internal")
    registry.member(group, user, "owner")
    return registry.project(f"{group.full_path}/{fresh('tools')}")


def settings_of(project: Project) -> str:
    return f"/{project.full_path}/edit"


def side_bar(page: Page) -> dict[str, str]:
    bar = page.soup.find(id="sidebar")
    assert bar is not None
    return {" ".join(a.get_text(" ").split()): str(a["href"]) for a in bar.find_all("a")}


def fields_of(page: Page, *, packages: bool) -> dict[str, str | list[str]]:
    """Return the form's fields with the box Packages ticked, or not."""
    fields = filled(page.form(SAVE), SAVE)
    fields.pop("packages_enabled", None)
    return {**fields, **({"packages_enabled": "1"} if packages else {})}


def test_the_way_there_and_its_names(visitor: Visitor, project: Project) -> None:
    bar = side_bar(visitor.get(f"/{project.full_path}"))
    assert (bar["Settings"], bar["General"]) == (settings_of(project), settings_of(project))
    page = visitor.get(settings_of(project))
    assert (page.status, page.heading) == (200, "General settings")
    sections = [heading.get_text(strip=True) for heading in page.soup.find_all("h2")]
    assert "Visibility, project features, permissions" in sections
    assert page.labels()["Packages"]["type"] == "checkbox"
    assert page.labels()["Packages"].has_attr("checked")
    assert len([b for b in page.soup.find_all("button") if b.get_text(strip=True) == SAVE]) == 1


def test_packages_off_and_on(
    server: Server, registry: Registry, visitor: Visitor, user: User, project: Project
) -> None:
    index = project_index(open_session(), server.address, project)
    owner = ("x", registry.token(user))
    assert index.upload_wheel("kept", owner).status_code == 201
    for is_on, answer in ((False, 403), (True, 200)):
        page = visitor.get(settings_of(project))
        saved = visitor.post(settings_of(project), fields_of(page, packages=is_on))
        assert (saved.status, saved.location) == (303, settings_of(project))
        assert index.get("/simple/kept/", owner).status_code == answer
        after = visitor.get(settings_of(project))
        assert ("Packages & Registries" in side_bar(after)) is is_on
        assert after.labels()["Packages"].has_attr("checked") is is_on
        assert "was saved" in after.text
    changes = [event for event in recorded(registry, project.full_path) if event[1] != "operator"]
    assert [action for action, _ in changes] == ["file_published", *["project_changed"] * 2]


def test_everything_else_is_saved(registry: Registry, visitor: Visitor, project: Project) -> None:
    page = visitor.submit(
        visitor.get(settings_of(project)),
        SAVE,
        name="Wheel Tools",
        description="For wheels.",
        visibility="internal",
        readers="private",
        duplicates="deny",
        validation="warn",
    )
    assert page.status == 303
    after = project_now(registry, project.id)
    assert after is not None
    assert (after.name, after.description) == ("Wheel Tools", "For wheels.")
    assert after.visibility is Visibility.INTERNAL
    assert after.own.registry_access is RegistryAccess.PRIVATE
    assert (after.own.duplicates, after.own.validation) == (Duplicates.DENY, Strictness.WARN)
    inherit = {"duplicates": "inherit", "validation": "inherit", "readers": "enabled"}
    assert visitor.submit(visitor.get(settings_of(project)), SAVE, **inherit).status == 303
    after = project_now(registry, project.id)
    assert after is not None
    assert (after.own.duplicates, after.own.validation) == (None, None)
    assert after.own.registry_access is RegistryAccess.ENABLED


def test_nothing_changed_is_nothing_recorded(
    registry: Registry, visitor: Visitor, project: Project
) -> None:
    before = recorded(registry, project.full_path)
    assert visitor.submit(visitor.get(settings_of(project)), SAVE).status == 303
    assert recorded(registry, project.full_path) == before
    assert project_now(registry, project.id) == project


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"name": ""}, "name"),
        ({"visibility": "public"}, "public is not allowed in a internal group."),
        ({"visibility": "secret"}, "must be one of"),
        ({"readers": "all"}, "must be one of"),
        ({"duplicates": ""}, "must be one of"),
        ({"validation": "maybe"}, "must be one of"),
    ],
)
def test_mistakes_come_back_with_the_form(
    registry: Registry, visitor: Visitor, project: Project, fields: dict[str, str], problem: str
) -> None:
    page = visitor.submit(
        visitor.get(settings_of(project)), SAVE, description="Not saved", **fields
    )
    assert page.status == 422
    assert page.soup.find(role="alert") is not None
    assert problem in page.text
    assert page.labels()["Project description (optional)"].get_text() == "Not saved"
    assert project_now(registry, project.id) == project


def test_what_a_group_locks_stays(
    server: Server, registry: Registry, visitor: Visitor, project: Project
) -> None:
    group = project.full_path.partition("/")[0]
    token = registry.token(registry.user(is_admin=True))
    answer = visitor.session.put(
        f"{server.address}/api/v4/groups/{group}",
        json={"locked_settings": ["packages_enabled"], "packages_enabled": True},
        headers={"PRIVATE-TOKEN": token},
        timeout=30,
    )
    assert answer.status_code == 200, answer.text
    page = visitor.get(settings_of(project))
    assert "A group above has locked this." in page.text
    refused = visitor.post(settings_of(project), fields_of(page, packages=False))
    assert refused.status == 422
    assert "is locked by a group above" in refused.text
    assert visitor.submit(page, SAVE, description="Still possible").status == 303


def test_a_maintainer_leaves_visibility_and_deletion_to_owners(
    server: Server, registry: Registry, project: Project
) -> None:
    maintainer = registry.user()
    registry.member(project, maintainer, "maintainer")
    visitor = Visitor(server.address).sign_in_as(registry, maintainer)
    page = visitor.get(settings_of(project))
    assert page.status == 200
    assert "Delete project" not in page.text
    assert "Transfer project" not in page.text
    assert page.soup.find("input", attrs={"name": "visibility"}) is None
    assert visitor.submit(page, SAVE, name="Renamed").status == 303
    assert (
        visitor.submit(visitor.get(settings_of(project)), SAVE, visibility="public").status == 403
    )
    token = str(filled(page.form(SAVE))["authenticity_token"])
    for deed in ("delete", "transfer"):
        address = f"/{project.full_path}/-/settings/{deed}"
        sent = {"authenticity_token": token, "confirm_path": project.full_path}
        assert visitor.post(address, {**sent, "namespace_id": "1"}).status == 403
    assert project_now(registry, project.id) is not None


def test_another_path(registry: Registry, visitor: Visitor, project: Project) -> None:
    page = visitor.get(settings_of(project))
    wrong = visitor.submit(page, "Change path", path="a/b")
    assert wrong.status == 422
    assert wrong.labels()["Path"]["value"] == "a/b"
    assert wrong.labels()["Project name"]["value"] == project.name
    path = fresh("moved")
    moved = visitor.submit(page, "Change path", path=path)
    group = project.full_path.partition("/")[0]
    assert (moved.status, moved.location) == (303, f"/{group}/{path}/edit")
    taken = registry.project(f"{group}/{fresh('taken')}")
    again = visitor.submit(visitor.get(moved.location), "Change path", path=taken.path)
    assert again.status == 422
    assert visitor.get(settings_of(project)).status == 404


def test_transfer(registry: Registry, visitor: Visitor, user: User, project: Project) -> None:
    other, hidden = registry.group(), registry.group()
    registry.member(other, user, "maintainer")
    page = visitor.get(settings_of(project))
    offered = {option.get_text() for option in page.labels()["New namespace"].find_all("option")}
    assert {other.full_path, user.username} <= offered
    assert offered.isdisjoint({hidden.full_path, project.full_path.partition("/")[0]})
    for chosen in (str(hidden.id), "x", "9" * 18, ""):
        refused = visitor.submit(page, "Transfer project", namespace_id=chosen)
        assert refused.status == 422
        assert "You may not move projects there." in refused.text
    moved = visitor.submit(page, "Transfer project", namespace_id=str(other.id))
    assert (moved.status, moved.location) == (303, f"/{other.full_path}/{project.path}")
    assert visitor.get(moved.location).status == 200


def test_deletion_wants_the_path(
    registry: Registry, visitor: Visitor, user: User, project: Project
) -> None:
    page = visitor.get(settings_of(project))
    for typed in ("", project.path):
        refused = visitor.submit(page, "Yes, delete project", confirm_path=typed)
        assert refused.status == 422
        assert f"type its path: {project.full_path}" in refused.text
    assert project_now(registry, project.id) is not None
    gone = visitor.submit(page, "Yes, delete project", confirm_path=project.full_path)
    assert (gone.status, gone.location) == (303, "/" + project.full_path.partition("/")[0])
    assert "was deleted" in visitor.get(gone.location).text
    assert project_now(registry, project.id) is None
    assert recorded(registry, project.full_path)[-1] == ("project_deleted", user.username)


def test_for_maintainers_alone(
    server: Server, registry: Registry, stranger: Visitor, project: Project
) -> None:
    developer, outsider = registry.user(), registry.user()
    registry.member(project, developer, "developer")
    address = settings_of(project)
    for who, status in ((developer, 403), (outsider, 404)):
        visitor = Visitor(server.address).sign_in_as(registry, who)
        assert visitor.get(address).status == status
        if who is developer:
            assert "Settings" not in side_bar(visitor.get(f"/{project.full_path}"))
    hidden, unknown = stranger.get(address), stranger.get("/not/there/edit")
    assert (hidden.status, unknown.status) == (302, 302)
    assert hidden.location.startswith("/users/sign_in")


def test_forgery(visitor: Visitor, project: Project) -> None:
    for address in ("edit", "-/settings/path", "-/settings/transfer", "-/settings/delete"):
        sent: dict[str, str | list[str]] = {"confirm_path": project.full_path, "name": "forged"}
        assert visitor.post(f"/{project.full_path}/{address}", sent).status == 403
