"""The API's description is complete, and the page to try it needs no other host."""

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any
from urllib.parse import urljoin

import pytest
import requests

from running import Server

MAX_ASSET_BYTES = 2_000_000


@pytest.fixture(scope="module")
def document(server: Server) -> dict[str, Any]:
    answer = requests.get(f"{server.address}/api/v4/openapi.json", timeout=30)
    assert answer.headers["content-type"] == "application/json"
    shown: dict[str, Any] = answer.json()
    return shown


def operations(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield f"{method.upper()} {path}", operation


def test_every_operation_is_explained(document: dict[str, Any]) -> None:
    for which, operation in operations(document):
        assert operation["summary"], which
        for parameter in operation.get("parameters", []):
            assert parameter["description"], (which, parameter["name"])
    for name, schema in document["components"]["schemas"].items():
        for field, described in schema.get("properties", {}).items():
            assert described["description"], (name, field)


def test_every_operation_has_a_name_of_its_own(document: dict[str, Any]) -> None:
    names = Counter(operation["operationId"] for _, operation in operations(document))
    assert [name for name, times in names.items() if times > 1] == []


def test_every_error_has_our_shape(document: dict[str, Any]) -> None:
    for which, operation in operations(document):
        errors = {status for status in operation["responses"] if status >= "400"}
        assert {"401", "403", "404", "429", "503"} <= errors, which
    assert "HTTPValidationError" not in str(document)
    assert document["components"]["schemas"]["Error"]["required"] == ["message"]


@pytest.mark.parametrize(
    "path",
    [
        "/projects/{project}/packages/pypi",
        "/projects/{project}/packages/pypi/simple/{package_name}/",
        "/groups/{group}/-/packages/pypi/files/{sha256}/{filename}",
        "/packages/pypi/pypi/{package_name}/json",
        "/projects/{id}/packages/{package_id}",
    ],
)
def test_the_addresses_of_package_clients_are_in_it(document: dict[str, Any], path: str) -> None:
    assert path in document["paths"]


def test_the_page_loads_everything_from_here(server: Server) -> None:
    page = requests.get(f"{server.address}/api/v4/docs", timeout=30)
    assert page.status_code == 200
    assert "connect-src 'self'" in page.headers["content-security-policy"]
    base = re.search(r'<base href="([^"]+)"', page.text)
    assert base is not None
    below = urljoin(page.url, base[1])
    assets = re.findall(r'(?:src|href)="([^"]+\.(?:js|css))"', page.text)
    assert len(assets) == 3
    total = 0
    for asset in assets:
        answer = requests.get(urljoin(below, asset), timeout=30)
        assert answer.status_code == 200, asset
        assert answer.url.startswith(server.address)
        total += len(answer.content)
    assert total < MAX_ASSET_BYTES
    started = requests.get(urljoin(below, "api-docs.js"), timeout=30).text
    assert "validatorUrl: null" in started
    assert "//" not in re.sub(r"(?m)^//.*", "", started)
    licence = requests.get(urljoin(below, "swagger-ui/LICENSE"), timeout=30)
    assert "Apache License" in licence.text


def test_there_is_nothing_else_beside_the_page(server: Server) -> None:
    for path in ("docs/swagger-ui/", "docs/no-such.js", "docs/..%2f__init__.py"):
        answer = requests.get(f"{server.address}/api/v4/{path}", timeout=30)
        assert answer.status_code == 404
        assert "message" in answer.json()
