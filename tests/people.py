"""People who use the REST API in tests: an account, a token, and python-gitlab with it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from gitlab import Gitlab
from gitlab.exceptions import GitlabError

from registry import Registry
from wheelyard.app import Machinery
from wheelyard.domain.models.callers import Caller
from wheelyard.domain.models.places import Namespace, Project
from wheelyard.domain.models.users import User


@dataclass(frozen=True)
class Person:
    """Somebody, the secret of a token of theirs, and a client that uses it."""

    user: User
    secret: str
    gitlab: Gitlab

    def get(self, path: str, **query: object) -> Any:
        """Read an address for which python-gitlab has no object."""
        return self.gitlab.http_get(path, query_data=query)

    @property
    def headers(self) -> dict[str, str]:
        """The token as `requests` sends it."""
        return {"PRIVATE-TOKEN": self.secret}


class People:
    """Makes people in the registry of a running server."""

    def __init__(self, address: str, registry: Registry) -> None:
        self.address = address
        self.api = f"{address}/api/v4"
        self.registry = registry

    def new(self, *scopes: str, is_admin: bool = False, name: str | None = None) -> Person:
        """Make somebody with a token (scope `api` unless others are named)."""
        return self.connect(self.registry.user(name, is_admin=is_admin), *scopes)

    def with_role(self, place: Project | Namespace, role: str, *scopes: str) -> Person:
        """Make somebody with a role in a group or project."""
        person = self.new(*scopes)
        self.registry.member(place, person.user, role)
        return person

    def deploy_secret(self, project_id: int) -> str:
        """Make a deploy token of a project, which may read and write, and return its secret."""

        async def find(machines: Machinery, _by: Caller) -> Project | None:
            async with machines.db.read() as tx:
                return await tx.projects.get(project_id)

        project = self.registry.run(find)
        assert project is not None
        return self.registry.deploy_token(project).secret

    def connect(self, user: User, *scopes: str) -> Person:
        """Return a person for a user that exists, with a new token."""
        secret = self.registry.token(user, *scopes)
        return Person(user, secret, connect(self.address, secret))


def connect(address: str, secret: str | None = None) -> Gitlab:
    """Return a python-gitlab client."""
    return Gitlab(address, private_token=secret, retry_transient_errors=False)


def refused(work: Callable[..., object], *given: object, **named: object) -> tuple[int, str]:
    """Do what must be refused, and return the status and the message."""
    with pytest.raises(GitlabError) as refusal:
        work(*given, **named)
    return refusal.value.response_code or 0, str(refusal.value.error_message)
