"""A registry that looks lived in, for the pictures in docs/: groups, packages, eight weeks."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from operator import itemgetter
from typing import Final

from distributions import build_metadata, build_sdist, build_wheel
from registry import Registry
from shelves import Shelf
from wheelyard.actions.groups import create_group
from wheelyard.actions.members import set_member
from wheelyard.actions.projects import create_project
from wheelyard.actions.users import create_user
from wheelyard.app import Machinery
from wheelyard.domain.access import Level, Visibility
from wheelyard.domain.models.callers import Actor, Caller
from wheelyard.domain.models.packages import PackageFile
from wheelyard.domain.models.places import Project
from wheelyard.domain.models.users import User
from wheelyard.domain.usage import Usage

PEOPLE: Final = {"ada": "Ada Martin", "jonas": "Jonas Berg", "mira": "Mira Okafor"}
GROUPS: Final = {"platform": "Tools that every team uses", "research": "Models and notebooks"}
PROJECTS: Final = {
    "platform/http-kit": ("Clients for our services", ["http-kit", "http-kit-testing"]),
    "platform/config": ("Settings from files, variables and vaults", ["teamconfig"]),
    "research/forecast": ("Demand, a week ahead", ["forecast", "forecast-data", "seasonal"]),
}
VERSIONS: Final = ["1.0.0", "1.1.0", "1.2.0", "1.2.1", "2.0.0", "2.1.0"]
README: Final = """# {name}

{summary}.

## Install

```console
pip install {name}
```

## Use

```python
from {module} import connect  # reads the team's settings

with connect("orders", retries=3) as orders:
    print(orders.latest(limit=10))
```

| Option | Meaning |
|---|---|
| `retries` | how often to try again |
| `timeout` | seconds until giving up |
"""


@dataclass
class Showcase:
    """What is in it: a person who owns everything, and an administrator."""

    owner: User
    administrator: User


def fill(registry: Registry) -> Showcase:
    """Fill an empty registry: eight weeks of uploads and downloads, the same each time."""
    return registry.run(_fill)


async def _fill(machines: Machinery, by: Caller) -> Showcase:
    dice = random.Random(20)  # noqa: S311  figures for pictures
    people = [
        await create_user(machines.db, machines.passwords, by, username=name, name=full)
        for name, full in PEOPLE.items()
    ]
    administrator = await create_user(
        machines.db, machines.passwords, by, username="root-2", name="Sam Root", is_admin=True
    )
    for path, description in GROUPS.items():
        await create_group(
            machines.db,
            by,
            full_path=path,
            visibility=Visibility.INTERNAL,
            description=description,
        )
        for person, level in zip(
            people, (Level.OWNER, Level.MAINTAINER, Level.DEVELOPER), strict=True
        ):
            await set_member(machines.db, by, full_path=path, username=person.username, level=level)
    projects = [
        await create_project(
            machines.db, by, full_path=path, visibility=Visibility.INTERNAL, description=summary
        )
        for path, (summary, _) in PROJECTS.items()
    ]
    for at, project, name, version in sorted(_plan(projects, by.at, dice), key=itemgetter(0)):
        who = dice.choice(people)
        actor = Actor(user_id=who.id, username=who.username, is_admin=True)
        shelf = Shelf(machines, replace(by, at=at, actor=actor), project)
        size = dice.randrange(20_000, 90_000)
        for file in _files(name, version, project.description, size):
            await _download(machines, await shelf.publish(*file), at, by.at, dice)
    return Showcase(people[0], administrator)


def _plan(
    projects: Sequence[Project], now: datetime, dice: random.Random
) -> Iterator[tuple[datetime, Project, str, str]]:
    """Say what is published when: a package's versions some nine days apart."""
    for project in projects:
        _, names = PROJECTS[project.full_path]
        for number, name in enumerate(names):
            for age, version in enumerate(reversed(VERSIONS[number:])):
                days = timedelta(days=9 * age + dice.randrange(6), hours=2 + number)
                yield now - days, project, name, version


def _files(name: str, version: str, summary: str, size: int) -> list[tuple[str, bytes]]:
    module = name.replace("-", "_")
    extra = [("Requires-Dist", "tenacity>=8")] if version.startswith("2") else []
    fields = [
        ("Summary", summary),
        ("Author-email", "Ada Martin <ada@example.org>"),
        ("License-Expression", "Apache-2.0"),
        ("Keywords", "services,team"),
        ("Project-URL", "Source, https://git.example.org/" + name),
        ("Classifier", "Programming Language :: Python :: 3"),
        ("Classifier", "Typing :: Typed"),
        ("Requires-Dist", "httpx>=0.27" if version.startswith("2") else "httpx>=0.25,<1"),
        *extra,
        ("Requires-Dist", "pytest>=8; extra == 'test'"),
        ("Provides-Extra", "test"),
        ("Description-Content-Type", "text/markdown"),
    ]
    metadata = build_metadata(
        name,
        version,
        fields=fields,
        description=README.format(name=name, module=module, summary=summary),
        requires_python=">=3.11" if version.startswith("2") else ">=3.9",
    )
    content = {f"{module}/data.bin": random.Random(size).randbytes(size)}  # noqa: S311  any bytes
    return [
        build_wheel(name, version, metadata=metadata, files=content),
        build_sdist(name, version, metadata=metadata),
    ]


async def _download(
    machines: Machinery, file: PackageFile, since: datetime, until: datetime, dice: random.Random
) -> None:
    days = {
        (file.id, (since + timedelta(days=day)).date()): dice.randrange(1, 40)
        for day in range((until - since).days)
        if dice.random() < 0.8
    }
    async with machines.db.write() as tx:
        await tx.usage.add(Usage({}, {file.id: until - timedelta(hours=3)}, days))
