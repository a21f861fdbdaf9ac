"""No cache on the way keeps an answer of the REST API, least of all one with a secret."""

import pytest
import requests

from people import People, Person


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/user"),
        ("GET", "/projects"),
        ("GET", "/projects/0"),
        ("GET", "/nothing"),
        ("PATCH", "/projects"),
        ("POST", "/users/{id}/personal_access_tokens"),
    ],
)
def test_answers_are_for_whoever_asked(
    people: People, admin: Person, method: str, path: str
) -> None:
    body = {"name": "secret", "scopes": ["api"]}
    answer = requests.request(
        method,
        people.api + path.format(id=admin.user.id),
        data=body if method == "POST" else None,
        headers=admin.headers,
        timeout=30,
    )
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
