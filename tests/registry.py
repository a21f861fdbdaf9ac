"""Filling a registry for a test: users, groups, projects and tokens by the real actions."""

import asyncio
import itertools
from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TypeVar

from databases import settings_of
from wheelyard.actions import (
    access_tokens,
    groups,
    members,
    project_settings,
    projects,
    settings,
    tokens,
    users,
)
from wheelyard.app import Machinery, machinery
from wheelyard.domain.access import Level, Visibility
from wheelyard.domain.models.callers import Actor, Caller
from wheelyard.domain.models.places import Namespace, Project
from wheelyard.domain.models.tokens import Token
from wheelyard.domain.models.users import User

T = TypeVar("T")

_numbers = itertools.count(1)


def fresh(stem: str) -> str:
    """Return a name that no other test of this process uses."""
    return f"{stem}-{next(_numbers)}"


class Registry:
    """The registry in one data folder, changed from outside of the server that serves it."""

    def __init__(self, data: Path, database_url: str | None = None) -> None:
        settings = settings_of(data)
        if database_url is not None:
            settings = settings.model_copy(update={"database_url": database_url})
        self._settings = settings

    def run(self, work: Callable[[Machinery, Caller], Awaitable[T]]) -> T:
        """Do `work(machines, by)` as the operator, now."""

        async def with_machinery() -> T:
            async with machinery(self._settings) as machines:
                by = Caller(Actor(username="operator", is_admin=True), datetime.now(UTC), "test")
                return await work(machines, by)

        return asyncio.run(with_machinery())

    def user(self, name: str | None = None, *, is_admin: bool = False) -> User:
        """Create a user."""
        username = name or fresh("user")
        return self.run(
            lambda machines, by: users.create_user(
                machines.db, machines.passwords, by, username=username, is_admin=is_admin
            )
        )

    def group(self, full_path: str | None = None, visibility: str = "private") -> Namespace:
        """Create a group."""
        return self.run(
            lambda machines, by: groups.create_group(
                machines.db,
                by,
                full_path=full_path or fresh("group"),
                visibility=Visibility(visibility),
            )
        )

    def project(self, full_path: str | None = None, visibility: str = "private") -> Project:
        """Create a project; without a path in a new group of the same visibility."""
        path = full_path or f"{self.group(visibility=visibility).full_path}/{fresh('project')}"
        return self.run(
            lambda machines, by: projects.create_project(
                machines.db, by, full_path=path, visibility=Visibility(visibility)
            )
        )

    def configure(self, project: Project, key: str, value: str) -> Project:
        """Change one of a project's settings."""
        return self.run(
            lambda machines, by: project_settings.set_project_setting(
                machines.db, by, full_path=project.full_path, key=key, text=value
            )
        )

    def member(
        self, place: Project | Namespace, user: User, role: str, expires_at: date | None = None
    ) -> None:
        """Give a user a role."""
        self.run(
            lambda machines, by: members.set_member(
                machines.db,
                by,
                full_path=place.full_path,
                username=user.username,
                level=Level[role.upper()],
                expires_at=expires_at,
            )
        )

    def token(self, user: User, *scopes: str) -> str:
        """Create a personal access token and return its secret."""
        return self.new_token(user, *scopes).secret

    def new_token(self, user: User, *scopes: str) -> tokens.NewToken:
        """Create a personal access token (scope `api` unless others are named)."""
        return self.run(
            lambda machines, by: tokens.create_personal_token(
                machines.db, by, username=user.username, name="test", scopes=scopes or ("api",)
            )
        )

    def deploy_token(self, place: Project | Namespace, *scopes: str) -> tokens.NewToken:
        """Create a deploy token that may read and write, unless scopes are named."""
        return self.run(
            lambda machines, by: tokens.create_deploy_token(
                machines.db,
                by,
                full_path=place.full_path,
                name="test",
                scopes=scopes or ("read_package_registry", "write_package_registry"),
            )
        )

    def access_token(self, place: Project | Namespace) -> tokens.NewToken:
        """Create an access token of a project or group, with the scope `api`."""
        return self.run(
            lambda machines, by: access_tokens.create_access_token(
                machines.db, by, place, name="test", scopes=["api"], level=Level.DEVELOPER
            )
        )

    def revoke(self, token: Token) -> None:
        """Revoke a token."""
        self.run(lambda machines, by: tokens.revoke_token(machines.db, by, token.id))

    def block(self, user: User) -> None:
        """Block a user."""
        self.run(lambda machines, by: users.set_blocked(machines.db, by, user.id, is_blocked=True))

    def setting(self, key: str, value: str) -> None:
        """Change a setting of the instance."""
        self.run(lambda machines, by: settings.set_setting(machines.db, by, key, value))

    def publisher(self, visibility: str = "private") -> tuple[Project, str]:
        """Create a project, and a token of a user who is its maintainer."""
        project, user = self.project(visibility=visibility), self.user()
        self.member(project, user, "maintainer")
        return project, self.token(user)
