"""Visitors of the shared server: a stranger, and somebody who is signed in."""

import pytest

from registry import Registry
from running import Server
from visiting import Visitor
from wheelyard.domain.models.users import User


@pytest.fixture
def stranger(server: Server) -> Visitor:
    return Visitor(server.address)


@pytest.fixture
def user(registry: Registry) -> User:
    return registry.user()


@pytest.fixture
def visitor(server: Server, registry: Registry, user: User) -> Visitor:
    """Be signed in as `user`."""
    return Visitor(server.address).sign_in_as(registry, user)


@pytest.fixture
def admin(server: Server, registry: Registry) -> Visitor:
    """Be signed in as an administrator."""
    return Visitor(server.address).sign_in_as(registry, registry.user(is_admin=True))
