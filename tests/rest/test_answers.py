"""What is answered is what `openapi.json` describes: every address, for everybody."""

from typing import Any

import pytest
import requests
from schemathesis.core.failures import Failure, FailureGroup

from described import Description
from running import Server
from worlds import World, build_world


@pytest.fixture(scope="module")
def world(server: Server) -> World:
    return build_world(server)


@pytest.fixture(scope="module")
def description(server: Server) -> Description:
    return Description(server.address)


def test_every_answer_is_described_to_its_fields(description: Description) -> None:
    """A schema that says no more than "an object" or "a list" fits everything."""
    vague = [
        f"{method.upper()} {path} {status}"
        for path, methods in description.document["paths"].items()
        for method, operation in methods.items()
        for status, response in operation["responses"].items()
        if "application/json" in response.get("content", {})
        and not says_something(
            response["content"]["application/json"].get("schema", {}), description.document
        )
    ]
    assert vague == []


def says_something(schema: dict[str, Any], document: dict[str, Any]) -> bool:
    """Tell whether a schema says which fields there are, or that there is no more to say."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return says_something(document["components"]["schemas"][name], document)
    if "anyOf" in schema:
        return all(says_something(each, document) for each in schema["anyOf"])
    if schema.get("type") == "array":
        return schema.get("maxItems") == 0 or says_something(schema["items"], document)
    if schema.get("type") == "object":
        return bool(schema.get("properties"))
    return "type" in schema


def test_what_is_read_fits_its_description(world: World, description: Description) -> None:
    """By everybody, so that refusals are looked at as well; an administrator reads all of it."""
    paths = description.document["paths"]
    for path in (path for path, methods in paths.items() if "get" in methods):
        address = path.format(**world.real_ids(path))
        for who, headers in world.callers.items():
            accept = {"Accept": "application/vnd.pypi.simple.v1+json, */*;q=0.1"}
            answer = requests.get(
                world.people.api + address, headers={**accept, **headers}, timeout=30
            )
            if who == "administrator":
                assert answer.status_code == 200, (path, answer.text)
                assert answer.content not in {b"[]", b"{}"} or path.endswith("/pipelines"), path
            description.check("GET", path, answer)


def test_the_look_finds_what_does_not_fit(world: World, description: Description) -> None:
    """A check that lets everything pass would be none."""
    headers = dict(world.callers["administrator"])
    answer = requests.get(f"{world.people.api}/version", headers=headers, timeout=30)
    description.check("GET", "/version", answer)
    for wrong in (b'{"version": 1}', b"[]", b'{"version": "1"}'):
        answer._content = wrong  # noqa: SLF001  an answer as no server would send it
        with pytest.raises((Failure, FailureGroup)):
            description.check("GET", "/version", answer)
