"""The administrators' pages: for them alone, and with effect."""

import pytest

from lookups import recorded
from registry import Registry, fresh
from visiting import Visitor
from wheelyard.domain.models.users import User

SIZE = "max_file_size_bytes"
PAGES = [
    "/admin",
    "/admin/users",
    "/admin/application_settings/general",
    "/admin/audit_log?about=user",
]


@pytest.mark.parametrize("address", PAGES)
def test_for_administrators_alone(
    admin: Visitor, visitor: Visitor, stranger: Visitor, address: str
) -> None:
    assert admin.get(address).status == 200
    assert visitor.get(address).status == 404
    assert stranger.get(address).status == 302


def test_users(admin: Visitor, visitor: Visitor, user: User) -> None:
    name = fresh("made")
    made = admin.submit(admin.get("/admin/users"), "Create user", username=name)
    assert made.status == 303
    assert f"@{name}" in admin.get(f"/admin/users?search={name}").text
    assert admin.get("/admin/users").labels()["Password"]["maxlength"] == "128"
    again = admin.submit(admin.get("/admin/users"), "Create user", username=name)
    assert again.status == 422
    found = admin.get(f"/admin/users?search={user.username}")
    assert admin.post(f"/admin/users/{user.id}/block", {}).status == 403
    assert admin.submit(found, "Block user").status == 303
    assert visitor.get("/-/profile").status == 302


def changes(registry: Registry) -> dict[str, int]:
    """Return how often each setting has been saved."""
    return {key: len(recorded(registry, key)) for key in (SIZE, "validation", "duplicates")}


def test_settings(admin: Visitor, registry: Registry) -> None:
    address = "/admin/application_settings/general"
    wrong = admin.submit(admin.get(address), "Save changes", max_file_size_bytes="many")
    assert wrong.status == 422
    before = changes(registry)
    assert admin.submit(admin.get(address), "Save changes").status == 303
    assert changes(registry) == before, "what nobody changed is not recorded"
    try:
        saved = admin.submit(admin.get(address), "Save changes", max_file_size_bytes="52428801")
        assert changes(registry) == {**before, SIZE: before[SIZE] + 1}
        assert saved.status == 303
        assert admin.get(address).labels()["Largest file, in bytes"]["value"] == "52428801"
    finally:
        registry.setting("max_file_size_bytes", "52428800")
