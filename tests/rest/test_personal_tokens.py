"""Personal access tokens over REST, with python-gitlab."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
import requests
from gitlab import GitlabAuthenticationError, GitlabCreateError, GitlabError, GitlabListError

from days import in_days, today
from people import People, Person, connect
from registry import Registry
from running import Server
from wheelyard.actions.tokens import create_personal_token
from wheelyard.app import Machinery
from wheelyard.domain.models.callers import Caller
from wheelyard.domain.models.tokens import Token


def status(person: Person, people: People, path: str, method: str = "GET", **body: object) -> int:
    """Return the status of a raw call."""
    answer = requests.request(
        method, people.api + path, headers=person.headers, json=body or None, timeout=30
    )
    return answer.status_code


def own_id(person: Person) -> int:
    """Return the id of the token that a person uses."""
    return int(person.gitlab.personal_access_tokens.get("self").id)


def works(people: People, secret: str) -> bool:
    """Tell whether a secret lets somebody in."""
    answer = requests.get(
        f"{people.api}/personal_access_tokens/self", headers={"PRIVATE-TOKEN": secret}, timeout=30
    )
    return answer.status_code == 200


# --- looking ----------------------------------------------------------------------------------


def test_the_shape(people: People) -> None:
    person = people.new("api", "read_user")
    shown = person.gitlab.personal_access_tokens.get("self").attributes
    assert datetime.fromisoformat(shown.pop("created_at")).date() <= today()
    assert shown.pop("last_used_at") is None
    assert isinstance(shown.pop("id"), int)
    assert shown == {
        "name": "test",
        "revoked": False,
        "description": "",
        "scopes": ["api", "read_user"],
        "user_id": person.user.id,
        "active": True,
        "expires_at": None,
    }


def test_everybody_lists_their_own(people: People) -> None:
    person, other = people.new(), people.new()
    people.registry.token(person.user, "read_api")
    listed = person.gitlab.personal_access_tokens.list(get_all=True)
    assert [token.user_id for token in listed] == [person.user.id] * 2
    by_id = person.gitlab.personal_access_tokens.list(user_id=person.user.id, get_all=True)
    assert {token.id for token in by_id} == {token.id for token in listed}
    with pytest.raises(GitlabAuthenticationError):
        person.gitlab.personal_access_tokens.list(user_id=other.user.id, get_all=True)


def test_an_administrator_lists_everybodys(people: People, admin: Person) -> None:
    person = people.new()
    listed = admin.gitlab.personal_access_tokens.list(user_id=person.user.id, get_all=True)
    assert [token.id for token in listed] == [own_id(person)]
    everybody = admin.gitlab.personal_access_tokens.list(iterator=True)
    assert own_id(person) in {token.id for token in everybody}
    assert status(admin, people, "/personal_access_tokens?user_id=999999999") == 404


def test_nobody_lists_nothing(people: People) -> None:
    for path in ("", "/self", "/1", "/self/associations"):
        answer = requests.get(f"{people.api}/personal_access_tokens{path}", timeout=30)
        assert answer.status_code == 401


def old_token(people: People, person: Person, name: str, expires_at: date | None) -> Token:
    """Make a token ten days ago."""

    async def create(machines: Machinery, by: Caller) -> Token:
        earlier = replace(by, at=by.at - timedelta(days=10))
        created = await create_personal_token(
            machines.db,
            earlier,
            username=person.user.username,
            name=name,
            scopes=["read_api"],
            expires_at=expires_at,
        )
        return created.token

    return people.registry.run(create)


def test_filters(people: People) -> None:
    person = people.new()
    now_id = own_id(person)
    expired = old_token(people, person, "100% Old", today())
    revoked = old_token(people, person, "gone", None)
    ending = old_token(people, person, "ending", today() + timedelta(days=5))
    people.registry.revoke(revoked)

    def ids(**wanted: Any) -> set[int]:
        listed = person.gitlab.personal_access_tokens.list(get_all=True, **wanted)
        return {token.id for token in listed}

    assert ids(state="active") == {now_id, ending.id}
    assert ids(state="inactive") == {expired.id, revoked.id}
    assert ids(revoked="true") == {revoked.id}
    assert ids(revoked="false") == {now_id, expired.id, ending.id}
    assert ids(search="old") == {expired.id}
    assert ids(search="%") == {expired.id}, "a wildcard is a character like another"
    assert ids(search="0_ ") == set()
    a_day_ago = in_days(-1)
    assert ids(created_before=a_day_ago) == {expired.id, revoked.id, ending.id}
    assert ids(created_after=f"{a_day_ago}T00:00:00Z") == {now_id}
    assert ids(expires_before=in_days(0)) == {expired.id}
    assert ids(expires_after=in_days(1)) == {ending.id}
    assert ids(last_used_before="2001-01-01T00:00:00Z") == set()


def test_orders_and_pages(people: People) -> None:
    person = people.new()
    for name in ("b", "a"):
        old_token(people, person, name, None)
    tokens = person.gitlab.personal_access_tokens

    def names(**wanted: Any) -> list[str]:
        return [token.name for token in tokens.list(get_all=True, **wanted)]

    assert names(sort="name_asc") == ["a", "b", "test"]
    assert names(sort="name_desc", per_page=1) == ["test", "b", "a"]
    assert names(sort="created_desc")[0] == "test"
    with pytest.raises(GitlabListError) as refused:
        tokens.list(sort="sideways", get_all=True)
    assert refused.value.response_code == 400


# --- others' tokens (IDOR) --------------------------------------------------------------------


@pytest.mark.parametrize(("method", "rest"), [("GET", ""), ("DELETE", ""), ("POST", "/rotate")])
def test_others_tokens_are_out_of_reach(
    people: People, admin: Person, method: str, rest: str
) -> None:
    """An id of somebody else's token and one that does not exist are the same: 401."""
    person, victim = people.new(), people.new()
    victims = f"/personal_access_tokens/{own_id(victim)}{rest}"
    assert status(person, people, victims, method) == 401
    assert status(person, people, f"/personal_access_tokens/999999999{rest}", method) == 401
    assert status(admin, people, f"/personal_access_tokens/999999999{rest}", method) == 404
    assert works(people, victim.secret)


def test_a_deploy_token_is_no_personal_one(people: People, admin: Person) -> None:
    deploy = people.registry.deploy_token(people.registry.project()).token
    assert status(admin, people, f"/personal_access_tokens/{deploy.id}") == 404
    assert status(admin, people, f"/personal_access_tokens/{deploy.id}", "DELETE") == 404


# --- revoking ---------------------------------------------------------------------------------


def test_revoke_by_id(people: People, admin: Person) -> None:
    person, by_admin = people.new(), people.new()
    second = people.registry.new_token(person.user)
    person.gitlab.personal_access_tokens.delete(second.token.id)
    assert not works(people, second.secret)
    assert person.gitlab.personal_access_tokens.get(second.token.id).revoked is True
    person.gitlab.personal_access_tokens.delete(second.token.id)  # again changes nothing
    admin.gitlab.personal_access_tokens.delete(own_id(by_admin))
    assert not works(people, by_admin.secret)


@pytest.mark.parametrize("scope", ["api", "read_api", "read_user", "self_rotate"])
def test_any_scope_shows_and_revokes_itself(people: People, scope: str) -> None:
    person = people.new(scope)
    assert person.gitlab.personal_access_tokens.get("self").scopes == [scope]
    assert status(person, people, "/personal_access_tokens/self/associations") == 200
    assert status(person, people, "/personal_access_tokens/self", "DELETE") == 204
    assert not works(people, person.secret)


def test_deleting_a_token_is_recorded(people: People, admin: Person) -> None:
    """Audit events of token deletions were lost in PyPI's 2026 audit."""
    person = people.new()
    token_id = own_id(person)
    assert status(person, people, "/personal_access_tokens/self", "DELETE") == 204
    events = requests.get(
        f"{people.api}/audit_events?entity_type=User&entity_id={person.user.id}",
        headers=admin.headers,
        timeout=30,
    ).json()
    event = next(event for event in events if event["event_name"] == "token_revoked")
    assert event["details"]["of_token_id"] == token_id
    assert event["author_id"] == person.user.id
    assert event["token_id"] == token_id


# --- scopes -----------------------------------------------------------------------------------


@pytest.mark.parametrize("scope", ["read_api", "read_user", "self_rotate"])
def test_scopes_are_enforced(people: People, scope: str) -> None:
    person = people.new(scope)
    other = people.registry.new_token(person.user).token.id
    reads = 200 if scope == "read_api" else 403
    assert status(person, people, "/personal_access_tokens") == reads
    assert status(person, people, f"/personal_access_tokens/{other}") == reads
    assert status(person, people, f"/personal_access_tokens/{other}", "DELETE") == 403
    assert status(person, people, f"/personal_access_tokens/{other}/rotate", "POST") == 403
    body = {"name": "x", "scopes": ["self_rotate"]}
    assert status(person, people, "/user/personal_access_tokens", "POST", **body) == 403


# --- rotating ---------------------------------------------------------------------------------


def test_rotate(people: People) -> None:
    person = people.new("api", "read_user")
    before = own_id(person)
    new = person.gitlab.personal_access_tokens.rotate(before)
    assert new["id"] != before
    assert new["name"] == "test"
    assert new["scopes"] == ["api", "read_user"]
    assert new["expires_at"] == in_days(7)
    assert not works(people, person.secret)
    assert works(people, new["token"])


def test_rotate_until_a_date(people: People) -> None:
    person = people.new()
    day = in_days(90)
    assert person.gitlab.personal_access_tokens.rotate("self", expires_at=day)["expires_at"] == day
    second = people.new()
    for wrong in (in_days(0), "2001-01-01", "soon"):
        with pytest.raises(GitlabError) as refused:
            second.gitlab.personal_access_tokens.rotate("self", expires_at=wrong)
        assert refused.value.response_code == 400
    assert works(people, second.secret)


@pytest.mark.parametrize(
    ("scope", "expected"), [("api", 200), ("self_rotate", 200), ("read_api", 403)]
)
def test_which_scopes_rotate_themselves(people: People, scope: str, expected: int) -> None:
    person = people.new(scope)
    assert status(person, people, "/personal_access_tokens/self/rotate", "POST") == expected
    assert works(people, person.secret) == (expected != 200)


@pytest.mark.parametrize("path", ["self", "by id"])
def test_rotating_with_a_replaced_token_ends_its_family(people: People, path: str) -> None:
    """One of the two who hold it has stolen it; nobody knows which one."""
    first, bystander = people.new(), people.new()
    unrelated = people.registry.token(first.user)
    ids = own_id(first)
    second = first.gitlab.personal_access_tokens.rotate("self")["token"]
    third = connect(people.address, second).personal_access_tokens.rotate("self")["token"]
    assert works(people, third)
    route = "self" if path == "self" else str(ids)
    assert status(first, people, f"/personal_access_tokens/{route}/rotate", "POST") == 401
    assert not works(people, third)
    assert works(people, unrelated)
    assert works(people, bystander.secret)


def test_using_a_replaced_token_otherwise_is_a_plain_401(people: People) -> None:
    person = people.new()
    successor = person.gitlab.personal_access_tokens.rotate("self")["token"]
    assert status(person, people, "/personal_access_tokens/self") == 401
    assert status(person, people, "/personal_access_tokens/self", "DELETE") == 401
    assert works(people, successor)


def test_naming_a_replaced_token_is_no_reuse(people: People) -> None:
    """As in GitLab: who does so holds another token, or has loaded a page again."""
    person = people.new()
    old = people.registry.new_token(person.user)
    successor = person.gitlab.personal_access_tokens.rotate(old.token.id)["token"]
    path = f"/personal_access_tokens/{old.token.id}/rotate"
    assert status(person, people, path, "POST") == 400
    assert works(people, successor)
    assert works(people, person.secret)


def test_an_expired_token_is_not_rotated(people: People) -> None:
    person = people.new()
    expired = old_token(people, person, "old", today())
    assert status(person, people, f"/personal_access_tokens/{expired.id}/rotate", "POST") == 400


# --- creating ---------------------------------------------------------------------------------


def test_an_administrator_creates_for_somebody(people: People, admin: Person) -> None:
    person = people.new()
    tokens = admin.gitlab.users.get(person.user.id, lazy=True).personal_access_tokens
    day = in_days(30)
    created = tokens.create(
        {"name": "ci", "scopes": ["read_api"], "expires_at": day, "description": "for the build"}
    )
    assert (created.user_id, created.expires_at) == (person.user.id, day)
    assert created.description == "for the build"
    assert works(people, created.token)
    body = {"name": "ci", "scopes": ["read_api"]}
    path = f"/users/{person.user.id}/personal_access_tokens"
    assert status(person, people, path, "POST", **body) == 403
    assert status(admin, people, "/users/999999999/personal_access_tokens", "POST", **body) == 404


@pytest.mark.parametrize(
    "body",
    [
        {"scopes": ["api"]},
        {"name": "x"},
        {"name": "", "scopes": ["api"]},
        {"name": "x", "scopes": []},
        {"name": "x", "scopes": ["sudo"]},
        {"name": "x", "scopes": ["write_package_registry"]},
        {"name": "x", "scopes": ["api"], "expires_at": "2001-01-01"},
        {"name": "x", "scopes": ["api"], "expires_at": "soon"},
        {"name": "x" * 256, "scopes": ["api"]},
    ],
)
def test_what_cannot_be_created(people: People, admin: Person, body: dict[str, object]) -> None:
    tokens = admin.gitlab.users.get(admin.user.id, lazy=True).personal_access_tokens
    with pytest.raises((GitlabCreateError, AttributeError)) as refused:
        tokens.create(body)
    if isinstance(refused.value, GitlabCreateError):
        assert refused.value.response_code == 400
    path = f"/users/{admin.user.id}/personal_access_tokens"
    assert status(admin, people, path, "POST", **body) == 400


def test_self_service_makes_no_wider_token(people: People) -> None:
    """As in GitLab: a stolen token makes no second one that does as much."""
    person = people.new()
    path = "/user/personal_access_tokens"
    for scope in ("api", "read_api", "read_user"):
        assert status(person, people, path, "POST", name="x", scopes=[scope]) == 400
    answer = requests.post(
        people.api + path,
        headers=person.headers,
        data={"name": "x", "scopes[]": "self_rotate"},
        timeout=30,
    )
    assert answer.status_code == 201
    assert answer.json()["scopes"] == ["self_rotate"]
    assert works(people, answer.json()["token"])


# --- the instance's limit ---------------------------------------------------------------------


def test_the_longest_lifetime(start_server: Callable[..., Server]) -> None:
    server = start_server()
    limited = People(server.address, Registry(server.data))
    limited.registry.setting("max_personal_access_token_lifetime", "3")
    admin = limited.new(is_admin=True)
    own = admin.gitlab.users.get(admin.user.id, lazy=True).personal_access_tokens
    latest = in_days(3)
    body: dict[str, object] = {"name": "x", "scopes": ["api"]}
    assert own.create(body).expires_at == latest
    assert own.create({**body, "expires_at": latest}).expires_at == latest
    too_late = in_days(4)
    with pytest.raises(GitlabCreateError) as refused:
        own.create({**body, "expires_at": too_late})
    assert refused.value.response_code == 400
    assert admin.gitlab.personal_access_tokens.rotate("self")["expires_at"] == latest
