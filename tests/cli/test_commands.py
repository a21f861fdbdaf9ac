"""The command line, each command as an operator types it, while a server runs on the same data."""

import json
import os
import resource
import statistics
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import requests

from cli.passwords import opens_account
from databases import environment_for
from registry import Registry, fresh
from running import Server

MAX_SECONDS = 2.0
"""Twice what a call takes on a slow machine."""


def wheelyard(
    *arguments: str | Path, text: str | None = None, **environment: str
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "wheelyard", *map(str, arguments)],
        input=text,
        capture_output=True,
        text=True,
        env={**os.environ, **environment_for(arguments), **environment},
        timeout=60,
        check=False,
    )


def shown(*arguments: str | Path, text: str | None = None) -> dict[str, Any]:
    """Run a command that succeeds, and return the one object that it prints."""
    ended = wheelyard(*arguments, text=text)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout.count("\n") == 1
    told: dict[str, Any] = json.loads(ended.stdout)
    return told


def refusal(*arguments: str | Path) -> tuple[int, str]:
    """Run a command that fails; return its exit status and the sentence."""
    ended = wheelyard(*arguments)
    assert ended.stdout == ""
    return ended.returncode, ended.stderr


@pytest.fixture
def data(server: Server) -> Path:
    return server.data


@pytest.fixture
def project(registry: Registry) -> str:
    return registry.project().full_path


def test_from_nothing_to_a_token(server: Server, data: Path) -> None:
    """The calls of the first day, in their order; what they make is there for the server."""
    user, group = fresh("ann"), fresh("team")
    told = shown("user", "create", user, "--email", "a@example.org", "--data", data, "--json")
    assert told["username"] == user
    assert (told["email"], told["is_admin"], told["state"]) == ("a@example.org", False, "active")
    assert isinstance(told["id"], int)

    told = shown("group", "create", group, "--visibility", "public", "--data", data, "--json")
    assert (told["full_path"], told["visibility"], told["parent_id"]) == (group, "public", None)
    told = shown("group", "create", f"{group}/sub", "--data", data, "--json")
    assert (told["full_path"], told["visibility"]) == (f"{group}/sub", "private")

    told = shown("project", "create", f"{group}/sub/lib", "--data", data, "--json")
    project_id = told["id"]
    assert (told["path_with_namespace"], told["visibility"]) == (f"{group}/sub/lib", "private")
    assert told["namespace"]["full_path"] == f"{group}/sub"

    told = shown("member", "add", group, user, "--role", "developer", "--data", data, "--json")
    assert (told["username"], told["access_level"], told["expires_at"]) == (user, 30, None)

    scopes = ("--scope", "read_api", "--scope", "api")
    options = ("--name", "laptop", "--expires-at", "2999-12-31", "--data", data, "--json")
    told = shown("token", "create", user, *scopes, *options)
    assert told["token"].startswith("glpat-")
    assert (told["scopes"], told["expires_at"]) == (["api", "read_api"], "2999-12-31")
    assert (told["name"], told["revoked"]) == ("laptop", False)

    index = f"{server.address}/api/v4/projects/{project_id}/packages/pypi/simple/"
    assert requests.get(index, auth=("__token__", told["token"]), timeout=30).status_code == 200
    assert requests.get(index, timeout=30).status_code == 401


def test_deploy_tokens(data: Path, project: str) -> None:
    scopes = ("--scope", "read_package_registry", "--scope", "write_package_registry")
    for options, username in (
        ((), "gitlab+deploy-token-{id}"),
        (("--username", "robot"), "robot"),
    ):
        command = ("deploy-token", "create", project, "--name", "ci", *scopes, *options)
        told = shown(*command, "--data", data, "--json")
        assert told["token"].startswith("gldt-")
        assert told["username"] == username.format(id=told["id"])
        assert told["scopes"] == ["read_package_registry", "write_package_registry"]


def test_settings_of_the_instance(data: Path) -> None:
    told = shown("settings", "list", "--data", data, "--json")
    assert (told["max_file_size_bytes"], told["packages_enabled"]) == (50 * 1024 * 1024, True)
    told = shown("settings", "set", "packages_enabled", "true", "--data", data, "--json")
    assert told == {"packages_enabled": True}
    assert refusal("settings", "set", "packages_enabled", "perhaps", "--data", data) == (
        1,
        "wheelyard: packages_enabled must be true or false, not 'perhaps'.\n",
    )
    status, sentence = refusal("settings", "set", "colour", "red", "--data", data)
    assert status == 1
    assert sentence.startswith("wheelyard: 'colour' is not a setting. There are: ")


@pytest.mark.parametrize(
    ("key", "value", "is_shown"),
    [
        ("visibility", "internal", "internal"),
        ("packages_enabled", "false", False),
        ("package_registry_access_level", "public", "public"),
        ("duplicates", "deny", "deny"),
        ("validation", "off", "off"),
        ("validation", "inherit", None),
    ],
)
def test_settings_of_a_project(
    data: Path, project: str, key: str, value: str, *, is_shown: str | bool | None
) -> None:
    told = shown("project", "set", project, key, value, "--data", data, "--json")
    assert (told["path_with_namespace"], told[key]) == (project, is_shown)
    assert told["namespace"]["full_path"] == project.rpartition("/")[0]


def test_options_stand_before_and_after(data: Path) -> None:
    before = shown("--data", data, "--json", "user", "create", fresh("user"))
    between = shown("user", "--json", "create", "--data", data, fresh("user"))
    assert between["id"] > before["id"]


def test_without_json_it_is_a_sentence(data: Path) -> None:
    name = fresh("user")
    ended = wheelyard("user", "create", name, WHEELYARD_DATA=str(data))
    assert ended.returncode == 0
    assert ended.stdout.startswith(f"Created the user {name} (id ")


def test_a_password_from_standard_input(data: Path) -> None:
    name = fresh("user")
    command = ("user", "create", name, "--password-stdin", "--data", data, "--json")
    ended = wheelyard(*command, text="short\n")
    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr == "wheelyard: A password has 8 to 128 characters.\n"
    password = "a long enough password"
    told = shown(*command, text=f"{password}\n")
    assert password not in json.dumps(told)

    assert opens_account(data, name, password)
    assert not opens_account(data, name, password + " ")


def test_what_is_refused_ends_with_1(data: Path, registry: Registry) -> None:
    user = registry.user().username
    assert refusal("user", "create", user, "--data", data, "--json")[0] == 1
    status, sentence = refusal("project", "create", "nowhere/lib", "--data", data, "--json")
    assert status == 1
    assert "Not Found" in sentence
    assert sentence.startswith("wheelyard: ")
    command = ("token", "create", user, "--name", "x", "--scope", "everything", "--data", data)
    status, sentence = refusal(*command)
    assert status == 1
    assert sentence.startswith("wheelyard: 'everything' is not a scope here. There are: api, ")


@pytest.mark.parametrize(
    "arguments",
    [
        ("user", "create"),
        ("user", "destroy", "ann"),
        ("group", "create", "x", "--visibility", "secret"),
        ("member", "add", "x", "y", "--role", "king"),
        ("token", "create", "root", "--name", "x", "--scope", "api", "--expires-at", "soon"),
    ],
)
def test_wrong_usage_ends_with_2(data: Path, arguments: tuple[str, ...]) -> None:
    status, text = refusal(*arguments, "--data", data)
    assert status == 2
    assert "Error" in text


def test_a_data_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    status, sentence = refusal("user", "create", "ann", "--data", tmp_path / "file" / "data")
    assert status == 1
    assert sentence == f"wheelyard: {tmp_path / 'file' / 'data'}: Not a directory\n"


def test_a_call_that_writes_a_row_is_quick(data: Path) -> None:
    """In seconds of the processor: what else the machine does is no concern of ours."""
    seconds = []
    for _ in range(3):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        shown("user", "create", fresh("user"), "--data", data, "--json")
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        seconds.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    assert statistics.median(seconds) < MAX_SECONDS
