"""The JSON of members."""

from collections.abc import Mapping
from typing import Literal, NotRequired

from typing_extensions import TypedDict

from wheelyard.domain.models.members import Member, Membership
from wheelyard.http.rest.shapes.moments import Day, Moment, day_or_none, moment


class MemberJson(TypedDict):
    """A member of a group or project."""

    id: int
    username: str
    name: str
    state: Literal["active", "blocked"]
    locked: bool
    avatar_url: str | None
    web_url: str
    access_level: int
    created_at: Moment
    expires_at: Day | None
    membership_state: str


class MembersAddedJson(TypedDict):
    """Whether all of several members were added; if not, what was wrong with whom."""

    status: Literal["success", "error"]
    message: NotRequired[dict[str, str]]


class MembershipJson(TypedDict):
    """A role of a user's own, and where it is."""

    source_id: int
    source_name: str
    source_type: Literal["Project", "Namespace"]
    access_level: int


def member_json(member: Member, base_url: str = "") -> MemberJson:
    """Show a member of a group or project; `id` is the user's."""
    return {
        "id": member.user_id,
        "username": member.username,
        "name": member.name,
        "state": "blocked" if member.is_blocked else "active",
        "locked": False,
        "avatar_url": None,
        "web_url": f"{base_url}/{member.username}",
        "access_level": int(member.level),
        "created_at": moment(member.created_at),
        "expires_at": day_or_none(member.expires_at),
        "membership_state": "active",
    }


def members_added_json(wrong: Mapping[str, str]) -> MembersAddedJson:
    """Show what was wrong with whom, if anything."""
    return {"status": "error", "message": dict(wrong)} if wrong else {"status": "success"}


def membership_json(membership: Membership) -> MembershipJson:
    """Show a role of a user's own."""
    return {
        "source_id": membership.place_id,
        "source_name": membership.place_name,
        "source_type": "Project" if membership.is_project else "Namespace",
        "access_level": int(membership.level),
    }
