"""What a token that is not good enough is answered (RFC 6750), and that nobody is somebody else."""

import pytest
import requests
from gitlab import Gitlab

from days import in_days
from people import People, Person, refused
from registry import fresh


@pytest.mark.parametrize(
    ("scope", "path", "method", "needed"),
    [
        ("read_api", "/groups", "POST", "api"),
        ("self_rotate", "/personal_access_tokens", "GET", "api read_api"),
        ("self_rotate", "/user", "GET", "api read_api read_user"),
        ("read_user", "/personal_access_tokens/self/rotate", "POST", "api self_rotate"),
    ],
)
def test_a_refusal_names_the_scopes_that_would_do(
    people: People, scope: str, path: str, method: str, needed: str
) -> None:
    """In the body as in GitLab, and in the header as RFC 6750 has it, which GitLab leaves out."""
    person = people.new(scope)
    body = {"name": "n", "path": "n"} if method == "POST" else None
    answer = requests.request(
        method, people.api + path, json=body, headers=person.headers, timeout=30
    )
    assert answer.status_code == 403
    told = "The request requires higher privileges than provided by the access token."
    assert answer.json() == {
        "error": "insufficient_scope",
        "error_description": told,
        "scope": needed,
        "message": f"403 Forbidden - {told}",
    }
    assert answer.headers["WWW-Authenticate"] == (
        'Bearer realm="Wheelyard API", error="insufficient_scope", '
        f'error_description="{told}", scope="{needed}"'
    )


def test_scopes_for_what_is_not_here_are_taken_and_grant_nothing(
    people: People, admin: Person
) -> None:
    """A script that comes from GitLab asks for what it asks for there."""
    of_git = ["read_repository", "write_repository", "read_registry", "write_registry"]
    of_proxies = ["read_virtual_registry", "write_virtual_registry"]
    owner = people.new()
    project = owner.gitlab.projects.create({"name": fresh("scopes")})
    user = admin.gitlab.users.get(owner.user.id)
    end = in_days(30)
    for scopes in ([*of_git, *of_proxies], ["api", *of_git]):
        wish = {"name": "x", "scopes": scopes, "expires_at": end}
        for tokens in (user.personal_access_tokens, project.access_tokens):
            made = tokens.create(wish)
            assert sorted(made.scopes) == sorted(scopes)
            status = requests.get(
                f"{people.api}/projects/{project.id}",
                headers={"PRIVATE-TOKEN": made.token},
                timeout=30,
            ).status_code
            assert status == (200 if "api" in scopes else 403)
    every = ["read_package_registry", "write_package_registry", *of_git, *of_proxies]
    every.remove("write_repository")  # GitLab's deploy tokens have no such scope either
    assert project.deploytokens.create({"name": "x", "scopes": every}).token


@pytest.mark.parametrize("way", ["none", "unknown", "revoked"])
def test_a_challenge_asks_for_a_bearer_token(people: People, way: str) -> None:
    person = people.new()
    headers = {"none": {}, "unknown": {"PRIVATE-TOKEN": "glpat-x"}, "revoked": person.headers}[way]
    if way == "revoked":
        person.gitlab.personal_access_tokens.delete("self")
    answer = requests.get(f"{people.api}/user", headers=headers, timeout=30)
    assert answer.status_code == 401
    challenge = answer.headers["WWW-Authenticate"]
    assert challenge.startswith('Bearer realm="Wheelyard API"')
    assert ('error="invalid_token"' in challenge) is (way == "revoked")


def test_nobody_acts_as_somebody_else(people: People, admin: Person, anonymous: Gitlab) -> None:
    """GitLab's sudo: without its scope an error, and never the deed in one's own name."""
    person, name = people.new(), fresh("sudo")
    body = {"name": name}
    for gitlab, code in ((admin.gitlab, 403), (person.gitlab, 403), (anonymous, 401)):
        assert refused(gitlab.projects.create, body, sudo=person.user.username)[0] == code
        if gitlab is not anonymous:
            named = {**body, "sudo": person.user.username}
            assert refused(gitlab.projects.create, named)[0] == code
    answer = requests.get(
        f"{people.api}/user", headers={**admin.headers, "Sudo": "root"}, timeout=30
    )
    assert (answer.status_code, answer.json()["scope"]) == (403, "sudo")
    assert admin.gitlab.projects.list(search=name, get_all=True) == []


@pytest.mark.parametrize("way", ["data", "json"])
def test_sudo_in_a_body_of_a_call_that_takes_none(people: People, admin: Person, way: str) -> None:
    """As a form and as JSON; also of a deletion, of which GitLab reads the body too."""
    person = people.new()
    sent = {"sudo": "root"}
    user = f"{people.api}/users/{person.user.id}"
    for method, address in (("POST", f"{user}/block"), ("DELETE", user)):
        answer = requests.request(
            method,
            address,
            headers=admin.headers,
            data=sent if way == "data" else None,
            json=sent if way == "json" else None,
            timeout=30,
        )
        assert (answer.status_code, answer.json()["scope"]) == (403, "sudo")
    assert requests.get(f"{people.api}/user", headers=person.headers, timeout=30).ok
    assert requests.post(f"{user}/block", headers=admin.headers, timeout=30).status_code == 201
