"""Fixtures of the tests that speak HTTP."""

from collections.abc import Iterator

import pytest
import requests

from requesting import open_session


@pytest.fixture(scope="module")
def session() -> Iterator[requests.Session]:
    """Return connections that are kept, from an address that only this module comes from."""
    with open_session() as made:
        yield made
