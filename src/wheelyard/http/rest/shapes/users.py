"""The JSON of users."""

from typing import Literal

from typing_extensions import TypedDict

from wheelyard.domain.models.users import User
from wheelyard.http.rest.shapes.answers import Nothing
from wheelyard.http.rest.shapes.moments import Moment, moment


class BasicUserJson(TypedDict):
    """A user, as anybody sees them."""

    id: int
    username: str
    public_email: str | None
    name: str
    state: Literal["active", "blocked"]
    locked: bool
    avatar_url: str | None
    web_url: str


class UserJson(BasicUserJson):
    """A user, as they and administrators see them."""

    created_at: Moment
    bot: bool
    email: str | None
    commit_email: str | None
    is_admin: bool
    can_create_group: bool
    can_create_project: bool
    external: bool
    two_factor_enabled: bool
    identities: Nothing
    namespace_id: int | None


class AssociationsCountJson(TypedDict):
    """In how many groups and projects a user has a role; the others are GitLab's."""

    groups_count: int
    projects_count: int
    issues_count: int
    merge_requests_count: int


def basic_user_json(user: User, base_url: str = "") -> BasicUserJson:
    """Show a user, as anybody sees them."""
    return {
        "id": user.id,
        "username": user.username,
        "public_email": None,
        "name": user.name,
        "state": "blocked" if user.is_blocked else "active",
        "locked": False,
        "avatar_url": None,
        "web_url": f"{base_url}/{user.username}",
    }


def user_json(user: User, base_url: str = "", namespace_id: int | None = None) -> UserJson:
    """Show a user, as they and administrators see them."""
    return {
        **basic_user_json(user, base_url),
        "created_at": moment(user.created_at),
        "bot": user.is_bot,
        "email": user.email,
        "commit_email": user.email,
        "is_admin": user.is_admin,
        "can_create_group": True,
        "can_create_project": True,
        "external": False,
        "two_factor_enabled": False,
        "identities": [],
        "namespace_id": namespace_id,
    }


def associations_count_json(groups: int, projects: int) -> AssociationsCountJson:
    """Show in how many groups and projects a user has a role."""
    return {
        "groups_count": groups,
        "projects_count": projects,
        "issues_count": 0,
        "merge_requests_count": 0,
    }
