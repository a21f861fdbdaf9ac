"""Audit events: who may read them, what they say, and that nobody changes them."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import requests
from gitlab import Gitlab
from gitlab.exceptions import GitlabAuthenticationError, GitlabGetError, GitlabListError

from databases import ERRORS, environment_of, run_sql, unguard_audit
from people import People, Person
from publications import publish
from registry import Registry
from running import Server


def test_a_change_of_a_project_is_shown_to_its_maintainer(
    people: People, registry: Registry
) -> None:
    project = registry.project()
    maintainer = people.with_role(project, "maintainer")
    publish(people.address, project, maintainer, ("pkg", "1.0"))
    events = maintainer.gitlab.projects.get(project.id, lazy=True).audit_events
    shown = events.list(get_all=True)
    assert [event.event_name for event in shown] == [
        "file_published",
        "member_added",
        "project_created",
    ]
    newest = shown[0]
    assert (newest.author_id, newest.entity_id) == (maintainer.user.id, project.id)
    assert newest.entity_type == "Project"
    assert newest.details["filename"] == "pkg-1.0-py3-none-any.whl"
    assert newest.details["ip_address"] == "127.0.0.1"
    assert newest.details["entity_path"] == project.full_path
    assert newest.details["author_name"] == maintainer.user.username
    assert len(newest.hash) == 64
    assert events.get(newest.id).asdict() == newest.asdict()
    elsewhere = registry.project()
    other = people.with_role(elsewhere, "maintainer")
    with pytest.raises(GitlabGetError) as refused:
        other.gitlab.projects.get(elsewhere.id, lazy=True).audit_events.get(newest.id)
    assert refused.value.response_code == 404


def test_events_of_a_group(people: People, registry: Registry) -> None:
    group = registry.group()
    owner = people.with_role(group, "owner")
    events = owner.gitlab.groups.get(group.id, lazy=True).audit_events.list(get_all=True)
    assert [event.event_name for event in events] == ["member_added", "group_created"]
    assert {event.entity_type for event in events} == {"Group"}


def test_who_may_read(people: People, registry: Registry, anonymous: Gitlab) -> None:
    project = registry.project(visibility="public")
    developer = people.with_role(project, "developer")
    for client, status in ((developer.gitlab, 403), (people.new().gitlab, 403), (anonymous, 403)):
        with pytest.raises(GitlabListError) as refused:
            client.projects.get(project.id, lazy=True).audit_events.list(get_all=True)
        assert refused.value.response_code == status
        with pytest.raises((GitlabListError, GitlabAuthenticationError)) as of_instance:
            client.audit_events.list(get_all=True)
        assert of_instance.value.response_code == (401 if client is anonymous else 403)


def test_filters_of_the_instance(people: People, registry: Registry, admin: Person) -> None:
    first, second = registry.project(), registry.project()
    registry.configure(first, "duplicates", "deny")
    events = admin.gitlab.audit_events
    shown = events.list(entity_type="Project", entity_id=first.id, get_all=True)
    assert [event.event_name for event in shown] == ["project_changed", "project_created"]
    created_at = shown[1].created_at
    later = events.list(
        entity_type="Project", entity_id=first.id, created_after=shown[0].created_at, get_all=True
    )
    assert [event.event_name for event in later] == ["project_changed"]
    until = events.list(entity_type="Project", created_before=created_at, per_page=1, page=1)
    assert [event.entity_id for event in until] == [first.id]
    of_projects = events.list(entity_type="Project", get_all=True)
    assert second.id in {event.entity_id for event in of_projects}
    assert events.get(shown[0].id).event_name == "project_changed"
    for query in ({"entity_type": "Pipeline"}, {"created_after": "yesterday"}, {"entity_id": "0"}):
        answer = requests.get(
            f"{people.api}/audit_events", headers=admin.headers, params=query, timeout=30
        )
        assert answer.status_code == 400, query


def test_nobody_changes_the_record(server: Server, registry: Registry) -> None:
    registry.group()
    for statement in (
        "UPDATE audit_events SET actor = 'mallory'",
        "DELETE FROM audit_events WHERE id = 1",
    ):
        with pytest.raises(ERRORS, match="append-only"):
            run_sql(server.data, statement)


def verify(data: Path, *options: str) -> tuple[int, dict[str, object]]:
    """Run `wheelyard audit verify --json`."""
    command = [sys.executable, "-m", "wheelyard", "audit", "verify", "--json", *options]
    done = subprocess.run(
        [*command, "--data", str(data)],
        capture_output=True,
        check=False,
        env={**os.environ, **environment_of(data)},
    )
    shown: dict[str, object] = json.loads(done.stdout)
    return done.returncode, shown


def test_verify_finds_the_first_event_that_was_changed(tmp_path: Path) -> None:
    registry = Registry(tmp_path / "data")
    for _ in range(5):
        registry.group()
    status, whole = verify(tmp_path / "data")
    assert (status, whole["ok"], whole["first_broken_id"]) == (0, True, None)
    unguard_audit(tmp_path / "data")
    run_sql(tmp_path / "data", "UPDATE audit_events SET entity_id = 77 WHERE id = 3")
    status, broken = verify(tmp_path / "data")
    assert (status, broken["events"], broken["ok"]) == (1, whole["events"], False)
    assert broken["first_broken_id"] == 3


def test_verify_finds_what_was_cut_off_after_a_hash_was_noted(tmp_path: Path) -> None:
    registry = Registry(tmp_path / "data")
    for _ in range(3):
        registry.group()
    noted = str(verify(tmp_path / "data")[1]["last_hash"])
    registry.group()
    assert verify(tmp_path / "data", "--noted", noted)[0] == 0
    unguard_audit(tmp_path / "data")
    run_sql(tmp_path / "data", "DELETE FROM audit_events WHERE id >= 3")
    assert verify(tmp_path / "data")[0] == 0
    status, cut = verify(tmp_path / "data", "--noted", noted)
    assert (status, cut["ok"], cut["first_broken_id"]) == (1, False, None)


@pytest.mark.parametrize("drop", ["DELETE FROM audit_events WHERE id = 2"])
def test_verify_finds_what_was_removed(
    tmp_path: Path, drop: str, start_server: Callable[..., Server]
) -> None:
    server = start_server()
    registry = Registry(server.data)
    registry.group()
    registry.group()
    unguard_audit(server.data)
    run_sql(server.data, drop)
    status, broken = verify(server.data)
    assert (status, broken["first_broken_id"]) == (1, 3)
    assert tmp_path in server.data.parents
