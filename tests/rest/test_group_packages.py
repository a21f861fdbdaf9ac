"""The packages of a group: of all of its projects that the caller may read."""

from dataclasses import dataclass
from typing import Any

import pytest
import requests
from gitlab import Gitlab
from gitlab.exceptions import GitlabListError

from people import People, Person
from publications import publish
from registry import Registry
from wheelyard.domain.models.places import Namespace, Project


@dataclass(frozen=True)
class Department:
    """A public group with a public project, a private one, and one in a subgroup."""

    group: Namespace
    open: Project
    closed: Project
    deep: Project
    owner: Person

    def names(self, client: Gitlab, **query: Any) -> list[str]:
        group = client.groups.get(self.group.id, lazy=True)
        return [package.name for package in group.packages.list(get_all=True, **query)]


@pytest.fixture(scope="module")
def department(people: People, registry: Registry) -> Department:
    group = registry.group(visibility="public")
    below = registry.group(f"{group.full_path}/below", "public")
    owner = people.with_role(group, "owner")
    made = Department(
        group,
        registry.project(f"{group.full_path}/b-open", "public"),
        registry.project(f"{group.full_path}/c-closed"),
        registry.project(f"{below.full_path}/a-deep", "public"),
        owner,
    )
    for project, name in ((made.open, "in-open"), (made.closed, "in-closed"), (made.deep, "deep")):
        publish(people.address, project, owner, (name, "1.0"))
    return made


def test_the_caller_sees_what_they_may_read(
    department: Department, people: People, anonymous: Gitlab
) -> None:
    insider = people.with_role(department.closed, "guest")
    assert department.names(department.owner.gitlab) == ["in-open", "in-closed", "deep"]
    assert department.names(anonymous) == ["in-open", "deep"]
    assert department.names(people.new().gitlab) == ["in-open", "deep"]
    assert department.names(insider.gitlab) == ["in-open", "in-closed", "deep"]


def test_the_count_is_of_what_the_caller_may_read(department: Department, people: People) -> None:
    url = f"{people.api}/groups/{department.group.id}/packages"
    for by, total in ((None, "2"), (department.owner, "3")):
        headers = {} if by is None else by.headers
        answer = requests.get(url, headers=headers, params={"per_page": "1"}, timeout=30)
        assert (answer.headers["x-total"], len(answer.json())) == (total, 1)


def test_filters(department: Department) -> None:
    by = department.owner.gitlab
    assert department.names(by, exclude_subgroups=True) == ["in-open", "in-closed"]
    assert department.names(by, order_by="project_path") == ["in-open", "deep", "in-closed"]
    assert department.names(by, order_by="name", sort="desc") == ["in-open", "in-closed", "deep"]
    assert department.names(by, package_name="in-", package_version="1.0") == [
        "in-open",
        "in-closed",
    ]
    assert department.names(by, package_type="maven") == []


def test_a_package_says_which_project_it_is_in(department: Department, people: People) -> None:
    maintainer = people.with_role(department.deep, "maintainer")
    shown = maintainer.gitlab.groups.get(department.group.id, lazy=True).packages.list(get_all=True)
    deep = next(package for package in shown if package.name == "deep")
    assert (deep.project_id, deep.project_path) == (department.deep.id, department.deep.full_path)
    deletable = {each.name for each in shown if "delete_api_path" in each.asdict()["_links"]}
    assert deletable == {"deep"}


def test_who_may_ask(department: Department, people: People, registry: Registry) -> None:
    hidden = registry.group()
    url = f"{people.api}/groups/{{}}/packages"
    for group_id in (hidden.id, 10**9, department.owner.user.username):
        for by in (None, people.new()):
            headers = {} if by is None else by.headers
            answer = requests.get(url.format(group_id), headers=headers, timeout=30)
            assert answer.status_code == 404
    with pytest.raises(GitlabListError) as refused:
        department.names(people.new("read_user").gitlab)
    assert refused.value.response_code == 403
    bad = requests.get(url.format(department.group.id), params={"order_by": "size"}, timeout=30)
    assert bad.status_code == 400
