"""Paths of users, groups and projects: none may stand where the server has an address."""

import pytest

from wheelyard.domain.errors import Refused
from wheelyard.domain.names import check_path, path_of_name
from wheelyard.http.web import urls

TAKEN_BY_THE_SERVER = [
    *("-", "admin", "api", "dashboard", "explore", "groups", "help", "profile", "projects"),
    *("public", "search", "static", "uploads", "user", "users", "Users", "ADMIN", "favicon.ico"),
]


@pytest.mark.parametrize("path", TAKEN_BY_THE_SERVER)
def test_reserved_at_the_top(path: str) -> None:
    with pytest.raises(Refused) as refused:
        check_path(path, top_level=True)
    assert refused.value.problems[0].code == "invalid-path"


@pytest.mark.parametrize("path", ["edit", "Edit", "-"])
def test_reserved_below(path: str) -> None:
    with pytest.raises(Refused):
        check_path(path)


@pytest.mark.parametrize("path", ["admin", "api", "search", "a", "A.b-c_d", "0", "_x"])
def test_free_below(path: str) -> None:
    assert check_path(path) == path


@pytest.mark.parametrize(
    "path", ["", ".", "..", "-a", ".a", "a.", "a/b", "a b", "a.git", "a.atom", "é", "a" * 256]
)
def test_impossible(path: str) -> None:
    for top_level in (True, False):
        with pytest.raises(Refused):
            check_path(path, top_level=top_level)


def test_every_page_of_the_server_is_reserved() -> None:
    """A page that begins with another word could be hidden by, or hide, a user or group."""
    pages = [value for name, value in vars(urls).items() if name.isupper()]
    words = {value.split("/")[1] for value in pages if isinstance(value, str) and value != "/"}
    assert words
    for word in words:
        with pytest.raises(Refused):
            check_path(word, top_level=True)


def test_a_path_made_of_a_name() -> None:
    assert path_of_name("My Project") == "my-project"
    assert path_of_name("  Über Tools 2!  ") == "uber-tools-2"
