"""A group's page says which names several projects publish, and its maintainers move them."""

from distributions import build_wheel
from people import People
from registry import Registry, fresh
from running import Server
from uploading import upload
from visiting import Visitor


def test_a_collision_is_shown_and_moved(server: Server, registry: Registry) -> None:
    people, group, name = People(server.address, registry), registry.group(), fresh("shared")
    owner = people.with_role(group, "owner")
    first, second = (registry.project(f"{group.full_path}/{path}") for path in ("first", "second"))
    for project in (first, second):
        base = f"{server.address}/api/v4/projects/{project.id}/packages/pypi"
        auth = ("x", owner.headers["PRIVATE-TOKEN"])
        assert upload(base, auth, *build_wheel(name, "1.0")).status_code == 201
    page = Visitor(server.address).sign_in_as(registry, owner.user).get(f"/{group.full_path}")
    assert f"{name} belongs to {first.full_path}" in " ".join(page.text.split())
    visitor = Visitor(server.address).sign_in_as(registry, owner.user)
    answer = visitor.submit(visitor.get(f"/{group.full_path}"), "Give the name")
    assert answer.status == 303
    page = visitor.get(f"/{group.full_path}")
    assert f"{name} belongs to {second.full_path}" in " ".join(page.text.split())


def test_who_may_not_move_names_is_not_shown_them(server: Server, registry: Registry) -> None:
    people, group = People(server.address, registry), registry.group()
    developer = people.with_role(group, "developer")
    visitor = Visitor(server.address).sign_in_as(registry, developer.user)
    assert "several projects" not in visitor.get(f"/{group.full_path}").text
    moved = visitor.post(
        f"/groups/{group.full_path}/-/packages/owners", {"name": "x", "project_id": "1"}
    )
    assert moved.status == 403
