"""The members of projects and groups: listed with where they come from, invited, changed, gone."""

from collections.abc import Sequence
from dataclasses import dataclass

import pytest

from days import in_days, today
from lookups import recorded
from registry import Registry, fresh
from running import Server
from visiting import Page, Visitor, filled
from wheelyard.domain.models.places import Namespace, Project
from wheelyard.domain.models.users import User


@pytest.fixture
def group(registry: Registry, user: User) -> Namespace:
    group = registry.group()
    registry.member(group, user, "owner")
    return group


@pytest.fixture
def project(registry: Registry, group: Namespace) -> Project:
    return registry.project(f"{group.full_path}/{fresh('tools')}")


def address_of(place: Project | Namespace) -> str:
    if isinstance(place, Project):
        return f"/{place.full_path}/-/project_members"
    return f"/groups/{place.full_path}/-/group_members"


@dataclass(frozen=True)
class Row:
    """A line of the table."""

    source: str
    role: str
    expires: str
    buttons: Sequence[str]


def rows(page: Page) -> dict[str, Row]:
    """Return the lines by user name."""
    body = page.soup.find("tbody")
    found = {}
    for line in [] if body is None else body.find_all("tr"):
        who, source, role, _, expires, deeds = (
            cell.get_text(" ", strip=True) for cell in line.find_all("td")
        )
        name = next(word for word in who.split() if word.startswith("@")).removeprefix("@")
        known = [deed for deed in ("Edit", "Remove", "Leave") if deed in deeds.split()]
        found[name] = Row(source, role, expires, known)
    return found


def invite(visitor: Visitor, place: Project | Namespace, **fields: str) -> Page:
    return visitor.submit(visitor.get(address_of(place)), "Invite", **fields)


def deed_of(page: Page, user: User, deed: str) -> str:
    """Return the button of the dialog for one member."""
    form = page.soup.select_one(f'form[action$="/{user.id}/{deed}"]')
    assert form is not None
    return str(form["action"])


def send(visitor: Visitor, page: Page, address: str, **fields: str) -> Page:
    form = page.soup.find("form", attrs={"action": address})
    assert form is not None
    return visitor.post(address, {**filled(form), **fields})


def test_the_list_says_where_roles_come_from(
    registry: Registry, visitor: Visitor, user: User, project: Project
) -> None:
    guest = registry.user()
    registry.member(project, guest, "guest")
    assert visitor.get(f"/{project.full_path}").links()["Members"] == address_of(project)
    page = visitor.get(address_of(project))
    assert (page.status, page.heading) == (200, "Members")
    group = project.full_path.partition("/")[0]
    shown = rows(page)
    assert shown[user.username] == Row(f"Inherited from {group}", "Owner", "never", [])
    assert shown[guest.username] == Row("Direct member", "Guest", "never", ["Edit", "Remove"])
    found = rows(visitor.get(f"{address_of(project)}?search={guest.username}"))
    assert list(found) == [guest.username]


@pytest.mark.parametrize("kind", ["project", "group"])
def test_inviting_changing_and_removing(
    *,
    server: Server,
    registry: Registry,
    visitor: Visitor,
    user: User,
    kind: str,
    project: Project,
    group: Namespace,
) -> None:
    place: Project | Namespace = project if kind == "project" else group
    friend = registry.user()
    browser = Visitor(server.address).sign_in_as(registry, friend)
    assert browser.get(f"/{project.full_path}").status == 404
    invited = invite(visitor, place, username=friend.username, level="20", expires_at=in_days(5))
    assert (invited.status, invited.location) == (303, address_of(place))
    page = visitor.get(address_of(place))
    assert rows(page)[friend.username] == Row(
        "Direct member", "Reporter", in_days(5), ["Edit", "Remove"]
    )
    assert browser.get(f"/{project.full_path}").status == 200
    address = deed_of(page, friend, "change")
    saved = send(visitor, page, address, new_level="40", new_expires_at="")
    assert saved.status == 303
    shown = rows(visitor.get(address_of(place)))[friend.username]
    assert (shown.role, shown.expires) == ("Maintainer", "never")
    assert send(visitor, page, deed_of(page, friend, "remove")).status == 303
    assert friend.username not in rows(visitor.get(address_of(place)))
    assert browser.get(f"/{project.full_path}").status == 404
    done = [action for action, by in recorded(registry, place.full_path) if by == user.username]
    assert done == ["member_added", "member_changed", "member_removed"]


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"username": "no-such-user"}, "There is no user 'no-such-user'."),
        ({"username": ""}, "There is no user ''."),
        ({"level": "35"}, "Select a role."),
        ({"level": "owner"}, "Select a role."),
        ({"expires_at": "2001-01-01"}, "cannot be a date in the past"),
        ({"expires_at": "soon"}, "is not a date"),
    ],
)
def test_mistakes_come_back_with_the_form(
    registry: Registry,
    visitor: Visitor,
    project: Project,
    fields: dict[str, str],
    problem: str,
) -> None:
    friend = registry.user()
    page = invite(visitor, project, **{"username": friend.username, **fields})
    assert page.status == 422
    assert problem in page.text
    assert friend.username not in rows(page)


def test_what_a_members_role_may_not_be(
    registry: Registry, visitor: Visitor, user: User, project: Project, group: Namespace
) -> None:
    friend = registry.user()
    registry.member(group, friend, "developer")
    less = invite(visitor, project, username=friend.username, level="20")
    assert less.status == 422
    assert "inherited membership" in less.text
    twice = invite(visitor, group, username=friend.username, level="20")
    assert twice.status == 422
    assert "Member already exists" in twice.text
    page = visitor.get(address_of(group))
    alone = send(visitor, page, deed_of(page, user, "change"), new_level="30")
    assert alone.status == 403
    assert "The last owner cannot go." in alone.text
    past = send(
        visitor, page, deed_of(page, friend, "change"), new_level="30", new_expires_at="2001-01-01"
    )
    assert past.status == 422
    assert send(visitor, page, deed_of(page, friend, "change"), new_level="x").status == 422


def test_a_maintainer_touches_no_owner(
    server: Server, registry: Registry, project: Project
) -> None:
    maintainer, owner, friend = registry.user(), registry.user(), registry.user()
    registry.member(project, maintainer, "maintainer")
    registry.member(project, owner, "owner")
    visitor = Visitor(server.address).sign_in_as(registry, maintainer)
    page = visitor.get(address_of(project))
    assert rows(page)[owner.username].buttons == []
    roles = [option.get_text() for option in page.labels()["Select a role"].find_all("option")]
    assert roles[-1] == "Maintainer"
    over = invite(visitor, project, username=friend.username, level="50")
    assert over.status == 403
    assert "over your own" in over.text
    assert over.labels()["Username"]["value"] == friend.username
    token = filled(page.form("Invite"))["authenticity_token"]
    for deed in ("change", "remove"):
        address = f"{address_of(project)}/{owner.id}/{deed}"
        sent: dict[str, str | list[str]] = {"authenticity_token": token, "new_level": "10"}
        assert visitor.post(address, sent).status == 403
    assert owner.username in rows(visitor.get(address_of(project)))


def test_leaving(server: Server, registry: Registry, project: Project) -> None:
    guest = registry.user()
    registry.member(project, guest, "guest")
    visitor = Visitor(server.address).sign_in_as(registry, guest)
    page = visitor.get(address_of(project))
    assert rows(page)[guest.username].buttons == ["Leave"]
    assert "Invite a member" not in page.text
    left = visitor.submit(page, "Leave project")
    assert (left.status, left.location) == (303, "/")
    assert "You left" in visitor.get("/").text
    assert visitor.get(f"/{project.full_path}").status == 404


def test_a_role_that_has_ended_is_given_anew(
    registry: Registry, visitor: Visitor, project: Project
) -> None:
    friend = registry.user()
    registry.member(project, friend, "guest", expires_at=today())
    assert friend.username not in rows(visitor.get(address_of(project)))
    assert invite(visitor, project, username=friend.username, level="30").status == 303
    assert rows(visitor.get(address_of(project)))[friend.username].role == "Developer"


def test_who_may_see_them(
    server: Server, registry: Registry, stranger: Visitor, visitor: Visitor, project: Project
) -> None:
    outsider = Visitor(server.address).sign_in_as(registry, registry.user())
    assert outsider.get(address_of(project)).status == 404
    assert stranger.get(address_of(project)).status == 302
    public = registry.project(visibility="public")
    assert stranger.get(address_of(public)).status == 302
    page = outsider.get(address_of(public))
    assert (page.status, "Invite a member" in page.text) == (200, False)
    sent: dict[str, str | list[str]] = {"username": "x", "level": "10"}
    assert visitor.post(address_of(project), sent).status == 403, "without the token"
