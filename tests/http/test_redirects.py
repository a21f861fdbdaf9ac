"""Who is sent to an object store for a file, by their program, and who must not be."""

from typing import Any

import pytest

from wheelyard.blobs.opening import open_blobs
from wheelyard.domain.keys import distribution_key
from wheelyard.http.redirects import Delivery, Redirects

KEY = distribution_key("0" * 64)
UV, PIP, POETRY = "uv/0.13.9 {}", "pip/26.3 {}", "poetry/2.5.1"


def request(
    agent: str = UV,
    method: str = "GET",
    *,
    scheme: str = "https",
    host: str = "packages.example",
    client: str = "10.1.2.3",
) -> dict[str, Any]:
    headers = [(b"user-agent", agent.encode()), (b"host", host.encode("latin-1"))]
    return {"method": method, "scheme": scheme, "headers": headers, "client": (client, 1)}


@pytest.fixture
def store_at(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Use a store at an address; nothing answers there, and nothing is asked of it."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIATEST")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secretsecret")
    monkeypatch.setenv("AWS_ALLOW_HTTP", "true")

    def use(endpoint: str) -> str:
        monkeypatch.setenv("AWS_ENDPOINT_URL", endpoint)
        return "s3://wheels/prefix"

    return use


@pytest.mark.parametrize(
    ("delivery", "agent", "method", "is_redirected"),
    [
        ("auto", UV, "GET", True),
        ("auto", UV, "HEAD", False),
        ("auto", PIP, "GET", False),
        ("auto", POETRY, "GET", False),
        ("auto", "", "GET", False),
        ("auto", "not-uv/1", "GET", False),
        ("redirect", UV, "GET", True),
        ("redirect", PIP, "GET", True),
        ("redirect", "", "GET", True),
        ("redirect", PIP, "HEAD", False),
        ("stream", UV, "GET", False),
        ("stream", PIP, "GET", False),
    ],
)
async def test_the_ways_of_delivery(
    store_at: Any, delivery: str, agent: str, method: str, is_redirected: bool
) -> None:
    blobs = open_blobs(store_at("https://store.example:9000"))
    location = await Redirects(blobs, Delivery(delivery)).location(request(agent, method), KEY)
    if not is_redirected:
        assert location is None
        return
    assert location is not None
    path, _, query = location.partition("?")
    assert path == f"https://store.example:9000/wheels/prefix/{KEY}"
    assert "X-Amz-Signature=" in query
    assert "X-Amz-Expires=900" in query


@pytest.mark.parametrize(
    ("endpoint", "asked", "external", "why"),
    [
        ("https://packages.example", {}, None, "the same host and port"),
        ("https://packages.example:443", {}, None, "the same, with the port written"),
        (
            "https://packages.example",
            {"host": "Packages.Example:443"},
            None,
            "the same, in capitals",
        ),
        (
            "https://packages.example",
            {"host": "inner:8080"},
            "https://packages.example",
            "external",
        ),
        ("http://store.example", {}, None, "from https to http"),
        ("http://store.example", {"scheme": "http"}, "https://packages.example", "the same"),
        ("https://127.0.0.1:9000", {}, None, "to the loopback of another machine"),
        ("https://localhost:9000", {}, None, "likewise, by name"),
        ("https://[::1]:9000", {}, None, "likewise, by IPv6"),
    ],
)
async def test_nobody_is_sent_where_it_does_harm(
    store_at: Any, endpoint: str, asked: dict[str, str], external: str | None, why: str
) -> None:
    blobs = open_blobs(store_at(endpoint))
    for delivery in (Delivery.AUTO, Delivery.REDIRECT):
        redirects = Redirects(blobs, delivery, external)
        assert await redirects.location(request(**asked), KEY) is None, why


@pytest.mark.parametrize(
    ("endpoint", "asked"),
    [
        ("https://packages.example:9000", {}),  # clients drop credentials for another port, too
        ("https://store.example", {"scheme": "http"}),
        ("http://store.example", {"scheme": "http"}),
        ("http://127.0.0.1:9000", {"scheme": "http", "client": "127.0.0.1"}),
        ("http://127.0.0.1:9000", {"scheme": "http", "client": "::1"}),
        ("https://store.example", {"host": "nonsense:port"}),
        ("https://store.example", {"host": "[nonsense"}),
        ("https://store.example", {"host": ""}),
    ],
)
async def test_others_are(store_at: Any, endpoint: str, asked: dict[str, str]) -> None:
    redirects = Redirects(open_blobs(store_at(endpoint)), Delivery.AUTO)
    assert await redirects.location(request(**asked), KEY)


async def test_a_store_without_addresses_is_always_read_from_here() -> None:
    redirects = Redirects(open_blobs("memory://"), Delivery.REDIRECT)
    assert await redirects.location(request(), KEY) is None
