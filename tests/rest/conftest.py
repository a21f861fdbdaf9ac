"""Clients of the REST API: an administrator, anybody with any role, and nobody."""

import pytest
from gitlab import Gitlab

from people import People, Person, connect
from registry import Registry
from running import Server


@pytest.fixture(scope="session")
def people(server: Server, registry: Registry) -> People:
    """Make people with clients of their own: `people.new()`, `people.with_role(place, role)`."""
    return People(server.address, registry)


@pytest.fixture(scope="session")
def admin(people: People) -> Person:
    """Return an administrator; `admin.gitlab` is their python-gitlab client."""
    return people.new(is_admin=True)


@pytest.fixture(scope="session")
def anonymous(server: Server) -> Gitlab:
    """Return a client without a token."""
    return connect(server.address)
