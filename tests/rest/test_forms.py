"""Parameters and addresses as scripts with curl write them."""

import pytest
import requests

from people import People
from registry import fresh


@pytest.mark.parametrize(
    "form", ["name={} Müller ☃", "name={}%20M%C3%BCller%20%E2%98%83", "name={}+M%C3%BCller+☃"]
)
def test_forms_are_utf_8_encoded_or_not(people: People, form: str) -> None:
    """`curl --data` sends the bytes that the shell has."""
    name = fresh("forms")
    person = people.new()
    headers = {**person.headers, "Content-Type": "application/x-www-form-urlencoded"}
    answer = requests.post(
        f"{people.api}/projects", form.format(name).encode(), headers=headers, timeout=30
    )
    assert (answer.status_code, answer.json()["name"]) == (201, f"{name} Müller ☃")


def test_a_form_in_another_encoding_is_refused(people: People) -> None:
    headers = {**people.new().headers, "Content-Type": "application/x-www-form-urlencoded"}
    for form in ("name=Müller".encode("latin-1"), b"name=M%FCller"):
        answer = requests.post(f"{people.api}/projects", form, headers=headers, timeout=30)
        assert answer.status_code == 400
        assert answer.json()["message"] == ("400 Bad request - The form or the query is malformed.")


@pytest.mark.parametrize(
    ("method", "address", "status"),
    [
        ("POST", "groups/", 201),
        ("GET", "groups/{path}/", 200),
        ("GET", "groups/{path}/members/?per_page=1", 200),
        ("GET", "version/", 200),
        ("GET", "docs/", 200),
        ("GET", "version//", 404),
        ("DELETE", "groups//", 404),
        ("DELETE", "groups/", 405),
    ],
)
def test_a_slash_at_the_end_means_nothing(
    people: People, method: str, address: str, status: int
) -> None:
    """GitLab takes it as well; a redirect would lose what curl was given to send."""
    person = people.new()
    path = people.registry.group(visibility="public").full_path
    answer = requests.request(
        method,
        f"{people.api}/{address.format(path=path)}",
        data={"name": "x", "path": fresh("slash")} if method == "POST" else None,
        headers=person.headers,
        timeout=30,
        allow_redirects=False,
    )
    assert answer.status_code == status
