"""Package protection rules over REST, with python-gitlab; what they do to uploads and deletes."""

import socket
from http.client import HTTPResponse
from urllib.parse import urlsplit

import pytest
import requests
from gitlab import GitlabDeleteError, GitlabUpdateError

from distributions import build_wheel, upload_fields
from people import People, Person
from requesting import Index, open_session, project_index
from wheelyard.domain.models.places import Project

ROLES = ("developer", "maintainer", "owner")


class Yard:
    """A project with people of every role, and its index."""

    def __init__(self, people: People) -> None:
        self.project: Project = people.registry.project()
        self.people = {role: people.with_role(self.project, role) for role in ROLES}
        self.index: Index = project_index(open_session(), people.address, self.project)
        self.rules_url = f"{people.api}/projects/{self.project.id}/packages/protection/rules"

    def secret(self, role: str) -> str:
        return self.people[role].secret

    def protect(self, pattern: str, push: str | None, delete: str | None = None) -> int:
        answer = requests.post(
            self.rules_url,
            headers=self.people["maintainer"].headers,
            json={
                "package_name_pattern": pattern,
                "package_type": "pypi",
                "minimum_access_level_for_push": push,
                "minimum_access_level_for_delete": delete,
            },
            timeout=30,
        )
        assert answer.status_code == 201, answer.text
        rule_id: int = answer.json()["id"]
        return rule_id

    def push(self, role: str, name: str, version: str = "1.0") -> int:
        answer = self.index.upload_wheel(name, ("x", self.secret(role)), version)
        if answer.status_code == 403:
            assert "Package protected." in answer.json()["message"]
            assert answer.json()["errors"][0]["code"] == "package-protected"
        return answer.status_code


@pytest.fixture
def yard(people: People) -> Yard:
    return Yard(people)


# --- the rules themselves ---------------------------------------------------------------------


def test_python_gitlab_manages_rules(yard: Yard) -> None:
    rules = (
        yard.people["maintainer"]
        .gitlab.projects.get(yard.project.id, lazy=True)
        .package_protection_rules
    )
    created = rules.create(
        {
            "package_name_pattern": "core-*",
            "package_type": "pypi",
            "minimum_access_level_for_push": "maintainer",
        }
    )
    assert created.attributes | {"project_id": yard.project.id} == {
        "id": created.id,
        "project_id": yard.project.id,
        "package_name_pattern": "core-*",
        "package_type": "pypi",
        "minimum_access_level_for_push": "maintainer",
        "minimum_access_level_for_delete": None,
    }
    assert [rule.id for rule in rules.list(get_all=True)] == [created.id]
    changed = rules.update(created.id, {"minimum_access_level_for_delete": "owner"})
    assert changed["minimum_access_level_for_push"] == "maintainer"
    assert changed["minimum_access_level_for_delete"] == "owner"
    changed = rules.update(created.id, {"minimum_access_level_for_push": None})
    assert changed["minimum_access_level_for_push"] is None
    rules.delete(created.id)
    assert rules.list(get_all=True) == []
    for gone in (lambda: rules.update(created.id, {}), lambda: rules.delete(created.id)):
        with pytest.raises((GitlabUpdateError, GitlabDeleteError)) as refused:
            gone()
        assert refused.value.response_code == 404


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"package_name_pattern": ""}, 422),
        ({"package_name_pattern": "a/b"}, 422),
        ({"package_name_pattern": "a" * 256}, 422),
        ({"package_name_pattern": "é*"}, 422),
        ({"minimum_access_level_for_push": None}, 422),
        ({"minimum_access_level_for_push": "developer"}, 400),
        ({"minimum_access_level_for_push": 40}, 400),
        ({"package_type": "npm"}, 400),
        ({"package_type": None}, 400),
    ],
)
def test_what_is_no_rule(yard: Yard, change: dict[str, object], expected: int) -> None:
    rule: dict[str, object] = {
        "package_name_pattern": "a*",
        "package_type": "pypi",
        "minimum_access_level_for_push": "owner",
    }
    headers = yard.people["maintainer"].headers
    answer = requests.post(yard.rules_url, headers=headers, json=rule | change, timeout=30)
    assert answer.status_code == expected
    assert answer.json()["message"]


def test_a_pattern_has_one_rule(yard: Yard) -> None:
    first, second = yard.protect("a*", "owner"), yard.protect("b*", "owner")
    headers = yard.people["maintainer"].headers
    rule = {
        "package_name_pattern": "a*",
        "package_type": "pypi",
        "minimum_access_level_for_push": "admin",
    }
    answer = requests.post(yard.rules_url, headers=headers, json=rule, timeout=30)
    assert answer.status_code == 422
    answer = requests.patch(
        f"{yard.rules_url}/{second}",
        headers=headers,
        json={"package_name_pattern": "a*"},
        timeout=30,
    )
    assert answer.status_code == 422
    assert first != second


def test_who_manages_rules(people: People, yard: Yard) -> None:
    rule_id = yard.protect("a*", "owner")
    stranger = people.new()
    for person, reading, deleting in (
        (yard.people["developer"], 403, 403),
        (stranger, 404, 404),
        (people.with_role(yard.project, "maintainer", "read_api"), 200, 403),
    ):
        for method, url, expected in (
            ("GET", yard.rules_url, reading),
            ("DELETE", f"{yard.rules_url}/{rule_id}", deleting),
        ):
            answer = requests.request(method, url, headers=person.headers, timeout=30)
            assert answer.status_code == expected
    assert requests.get(yard.rules_url, timeout=30).status_code == 401


def test_rules_of_other_projects_are_out_of_reach(people: People, yard: Yard) -> None:
    other = Yard(people)
    rule_id = other.protect("a*", "owner")
    headers = yard.people["owner"].headers
    for method in ("PATCH", "DELETE"):
        answer = requests.request(
            method, f"{yard.rules_url}/{rule_id}", headers=headers, json={}, timeout=30
        )
        assert answer.status_code == 404
    assert other.push("maintainer", "a-name") == 403


def test_changes_of_rules_are_recorded(people: People, yard: Yard) -> None:
    rule_id = yard.protect("a*", "owner")
    maintainer = yard.people["maintainer"]
    requests.delete(f"{yard.rules_url}/{rule_id}", headers=maintainer.headers, timeout=30)
    events = requests.get(
        f"{people.api}/projects/{yard.project.id}/audit_events",
        headers=maintainer.headers,
        timeout=30,
    ).json()
    assert [event["event_name"] for event in events[:2]] == [
        "protection_rule_deleted",
        "protection_rule_created",
    ]


# --- publishing -------------------------------------------------------------------------------


def test_the_levels(admin: Person, yard: Yard) -> None:
    for level in ("maintainer", "owner", "admin"):
        yard.protect(f"for-{level}", level)
    assert [yard.push(role, "for-maintainer") for role in ROLES] == [403, 201, 201]
    assert [yard.push(role, "for-owner") for role in ROLES] == [403, 403, 201]
    assert [yard.push(role, "for-admin") for role in ROLES] == [403, 403, 403]
    assert [yard.push(role, "unprotected") for role in ROLES] == [201, 201, 201]
    as_admin = yard.index.upload_wheel("for-admin", ("x", admin.secret))
    assert as_admin.status_code == 201


def test_the_strictest_rule_wins(yard: Yard) -> None:
    yard.protect("*", "maintainer")
    yard.protect("core-*", "owner")
    yard.protect("core-open", "maintainer")
    assert yard.push("maintainer", "core-open") == 403
    assert yard.push("maintainer", "other") == 201


def test_a_deploy_token_never_pushes_a_protected_package(people: People, yard: Yard) -> None:
    yard.protect("core", "maintainer")
    secret = people.registry.deploy_token(yard.project).secret
    assert yard.index.upload_wheel("core", ("x", secret)).status_code == 403
    assert yard.index.upload_wheel("other", ("x", secret)).status_code == 201


@pytest.mark.parametrize("pattern", ["My.Package", "my-package", "MY__PACK*", "*ackage"])
def test_no_spelling_is_a_way_around(yard: Yard, pattern: str) -> None:
    yard.protect(pattern, "owner")
    for name in ("my-package", "My.Package", "my_package", "MY-.-PACKAGE"):
        assert yard.push("maintainer", name) == 403
    assert yard.index.names(("x", yard.secret("owner"))) == []


def test_a_name_in_the_form_that_is_not_the_files(yard: Yard) -> None:
    """The form says one name, the file another: it is the file's that is published."""
    yard.protect("core", "owner")
    filename, content = build_wheel("core", "1.0")
    auth = ("x", yard.secret("maintainer"))
    form = upload_fields(filename, content, name="harmless")
    answer = yard.index.upload(filename, content, auth, form=form)
    assert answer.status_code in {400, 403}
    assert yard.index.files("core", auth) == []


def test_a_dry_run_tells(yard: Yard) -> None:
    yard.protect("core", "owner")
    trial = Index(yard.index.session, yard.index.base + "?dry_run=true")
    assert trial.upload_wheel("core", ("x", yard.secret("maintainer"))).status_code == 403


def test_the_answer_comes_before_the_file_is_read(yard: Yard) -> None:
    """Authorise before the body: the form's fields are enough to refuse."""
    yard.protect("core", "owner")
    boundary = b"-----x"
    form = (
        b"--" + boundary + b'\r\nContent-Disposition: form-data; name="name"\r\n\r\ncore\r\n'
        b"--" + boundary + b"\r\nContent-Disposition: form-data; "
        b'name="content"; filename="core-1.0-py3-none-any.whl"\r\n\r\nPK'
    )
    target = urlsplit(yard.index.base)
    head = (
        f"POST {target.path} HTTP/1.1\r\nHost: {target.netloc}\r\nConnection: close\r\n"
        f"PRIVATE-TOKEN: {yard.secret('maintainer')}\r\nContent-Length: 1000000\r\n"
        f"Content-Type: multipart/form-data; boundary={boundary.decode()}\r\n\r\n"
    )
    address = (target.hostname or "", target.port or 0)
    with socket.create_connection(address, timeout=20) as connection:
        # Only the beginning is sent: a server that waited for the rest would not answer in time.
        connection.sendall(head.encode() + form)
        response = HTTPResponse(connection)
        response.begin()
        assert response.status == 403


# --- deleting ---------------------------------------------------------------------------------


def test_deleting_a_protected_package(people: People, yard: Yard) -> None:
    yard.protect("core", None, "owner")
    assert yard.push("developer", "Core") == 201
    maintainer, owner = yard.people["maintainer"], yard.people["owner"]
    packages = f"{people.api}/projects/{yard.project.id}/packages"
    package = requests.get(packages, headers=maintainer.headers, timeout=30).json()[0]
    files = f"{packages}/{package['id']}/package_files"
    file = requests.get(files, headers=maintainer.headers, timeout=30).json()[0]
    for url in (f"{packages}/{package['id']}", f"{files}/{file['id']}"):
        answer = requests.delete(url, headers=maintainer.headers, timeout=30)
        assert answer.status_code == 403
        assert "Package protected." in answer.json()["message"]
    assert len(yard.index.files("core", ("x", maintainer.secret))) == 1
    assert (
        requests.delete(
            f"{packages}/{package['id']}", headers=owner.headers, timeout=30
        ).status_code
        == 204
    )
    assert yard.index.files("core", ("x", maintainer.secret)) == []


def test_hiding_a_protected_package_is_as_much_as_deleting_it(people: People, yard: Yard) -> None:
    """A yanked release is passed over, a quarantined name is gone: the delete level holds."""
    assert yard.push("developer", "Core") == 201
    yard.protect("core", None, "owner")
    maintainer, owner = yard.people["maintainer"], yard.people["owner"]
    packages = f"{people.api}/projects/{yard.project.id}/packages"
    package = requests.get(packages, headers=maintainer.headers, timeout=30).json()[0]["id"]
    files = f"{packages}/{package}/package_files"
    file = requests.get(files, headers=maintainer.headers, timeout=30).json()[0]["id"]
    hiding = [
        ("PUT", f"{packages}/{package}/yank", {}),
        ("DELETE", f"{packages}/{package}/yank", {}),
        ("PUT", f"{files}/{file}/yank", {}),
        ("DELETE", f"{files}/{file}/yank", {}),
        ("PUT", f"{packages}/pypi/status/core", {"status": "quarantined"}),
        ("PUT", f"{packages}/pypi/status/core", {"status": "active"}),
    ]
    for method, url, body in hiding:
        answer = requests.request(method, url, json=body, headers=maintainer.headers, timeout=30)
        assert answer.status_code == 403, (method, url)
        assert answer.json()["message"] == "403 Forbidden - Package protected."
    (listed,) = yard.index.files("core", ("x", maintainer.secret))
    assert listed["yanked"] is False
    for method, url, body in hiding:
        answer = requests.request(method, url, json=body, headers=owner.headers, timeout=30)
        assert answer.status_code == 200, (method, url, answer.text)
