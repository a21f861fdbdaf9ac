"""The state of a list in its address: read from it, and written back."""

from collections.abc import Mapping
from urllib.parse import parse_qsl

import pytest

from wheelyard.domain.listing import Window
from wheelyard.domain.status import ProjectStatus
from wheelyard.http.web.list_state import PER_PAGE, ListState, parse_state


def parsed(query: str) -> ListState:
    values: Mapping[str, str] = dict(parse_qsl(query))
    return parse_state(lambda name: values.get(name, ""))


@pytest.mark.parametrize(
    "query",
    [
        "",
        "search=a+b",
        "name=pkg&status=yanked",
        "sort=name&order=asc",
        "sort=version&order=desc&page=7",
        "sort=published&order=asc",
        "search=%26%3D%25&status=quarantined&sort=name&order=desc&page=2",
    ],
)
def test_an_address_comes_back_as_it_was(query: str) -> None:
    assert parsed(query).query == query


@pytest.mark.parametrize(
    "query",
    [
        "sort=size",
        "order=up",
        "status=odd",
        "page=0",
        "page=-1",
        "page=x",
        "page=1234567",
        "page=²",
    ],
)
def test_what_makes_no_sense_is_left_out(query: str) -> None:
    assert parsed(query) == ListState()


def test_the_order_that_people_expect_first() -> None:
    usual = ListState()
    assert (usual.sort, usual.is_descending) == ("published", True)
    by_name = usual.at_page(3).sorted_by("name")
    assert (by_name.is_descending, by_name.page) == (False, 1)
    assert by_name.sorted_by("name").is_descending
    assert by_name.sorted_by("version").is_descending
    assert not usual.sorted_by("published").is_descending
    assert parsed("sort=name").is_descending is False


def test_what_the_database_is_asked_for() -> None:
    state = parsed("search=pk&name=My.Pkg&status=archived&sort=name&order=desc&page=3")
    assert state.window == Window(PER_PAGE, 2 * PER_PAGE, "normalised_name", is_descending=True)
    assert (state.filter.name_part, state.filter.name) == ("pk", "my-pkg")
    assert state.filter.statuses == {ProjectStatus.ARCHIVED}
    assert state.filter.is_yanked is None
    yanked = parsed("status=yanked").filter
    assert (yanked.is_yanked, yanked.statuses) == (True, frozenset(ProjectStatus))
    assert parsed("name=no+name!").filter.statuses == frozenset()
    assert parsed("name=pkg").without_name() == ListState()
