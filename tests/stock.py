"""Packages for the tests of the pages: published by the real action, by whomever the test wants."""

from collections.abc import Sequence
from dataclasses import replace

from distributions import build_metadata, build_sdist, build_wheel
from registry import Registry
from shelves import Shelf
from wheelyard.app import Machinery
from wheelyard.domain.models.callers import Actor, Caller
from wheelyard.domain.models.packages import PackageFile
from wheelyard.domain.models.places import Project
from wheelyard.domain.models.users import User

File = tuple[str, bytes]


def stock(
    registry: Registry, project: Project, *files: File, by: User | None = None
) -> list[PackageFile]:
    """Publish files, in this order, as an administrator with the account of `by`."""

    async def publish(machines: Machinery, operator: Caller) -> list[PackageFile]:
        actor = operator.actor
        if by is not None:
            actor = Actor(user_id=by.id, username=by.username, is_admin=True)
        shelf = Shelf(machines, replace(operator, actor=actor), project)
        return [await shelf.publish(*file) for file in files]

    return registry.run(publish)


def described(
    name: str,
    version: str,
    fields: Sequence[tuple[str, str]] = (),
    description: str = "",
    *,
    requires_python: str | None = None,
) -> list[File]:
    """Return a wheel and an sdist whose metadata say this."""
    metadata = build_metadata(
        name, version, fields=fields, description=description, requires_python=requires_python
    )
    return [
        build_wheel(name, version, metadata=metadata),
        build_sdist(name, version, metadata=metadata),
    ]
