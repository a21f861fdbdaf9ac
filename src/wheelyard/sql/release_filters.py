"""What is asked of a list of releases, as conditions on names and on packages.

Conditions on a name are kept apart: there are far fewer names than releases, so it is names that
are searched.
"""

import re
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sqlalchemy import ColumnElement, Select, exists, false, select

from wheelyard.domain.extent import Extent
from wheelyard.domain.reach import Reach
from wheelyard.domain.releases import ReleaseFilter
from wheelyard.domain.status import ProjectStatus
from wheelyard.domain.version_order import version_key
from wheelyard.sql.connection import Connection
from wheelyard.sql.extents import reachable, within
from wheelyard.sql.name_search import has_gram, rarest_gram
from wheelyard.sql.schema import files, names, packages, projects

_SEPARATORS = re.compile(r"[-_.]+")  # PEP 503: all of them are one "-"


@dataclass(frozen=True)
class Place:
    """Where releases are listed: one project, or what an extent and a reach have in common."""

    project_id: int | None = None
    extent: Extent | None = None
    reach: Reach | None = None

    def among(self, project_id: ColumnElement[Any]) -> ColumnElement[bool]:
        """Say that this project is there, so that the database begins with the projects."""
        if self.project_id is not None:
            return project_id == self.project_id
        return project_id.in_(select(projects.c.id).where(self.projects))

    def holds(self, project_id: ColumnElement[Any]) -> ColumnElement[bool]:
        """Say the same, so that the database begins with something else and asks this of it."""
        if self.project_id is not None:
            return project_id == self.project_id
        return exists().where(projects.c.id == project_id, self.projects)

    @cached_property
    def projects(self) -> ColumnElement[bool]:
        """Say of a row of `projects` that it is there."""
        if self.extent is None or self.reach is None:
            return projects.c.id == self.project_id
        return within(self.extent) & reachable(self.reach)


@dataclass(frozen=True, slots=True)
class Conditions:
    """What holds of the name, and of the package, of each release that is asked for.

    by_index: the same of the package, so that the database may begin with it.
    has_rare_name, has_rare_packages: whether that tells few names, or packages, by itself; then
    they are looked up first, and not all that a project has.
    """

    of_name: tuple[ColumnElement[bool], ...]
    of_package: tuple[ColumnElement[bool], ...]
    by_index: tuple[ColumnElement[bool], ...]
    has_rare_name: bool
    has_rare_packages: bool

    def __bool__(self) -> bool:
        """Whether anything is asked at all."""
        return bool(self.of_name or self.of_package)

    def found_in(self, place: Place) -> Select[Any]:
        """Select the ids of the live packages that meet the conditions, in no order."""
        conditions = packages.c.deleted_at.is_(None), *self.by_index
        statement = select(packages.c.id).where(*conditions)
        if not self.of_name:
            project_id = packages.c.project_id
            is_its = place.among(unindexed(project_id) if self.has_rare_packages else project_id)
            return statement.where(is_its)
        project_id = names.c.project_id
        is_its = place.among(unindexed(project_id) if self.has_rare_name else project_id)
        return (
            statement.select_from(names)
            .join(packages, packages.c.name_id == unindexed(names.c.id))
            .where(is_its, *self.of_name)
        )


def unindexed(number: ColumnElement[int]) -> ColumnElement[int]:
    """Return the same number, but no column that the database could look it up by."""
    return number + 0


async def read_filter(connection: Connection, wanted: ReleaseFilter, place: Place) -> Conditions:
    """Turn a filter into conditions."""
    of_name = _of_status(wanted, place)
    has_rare_name = False
    if wanted.name is not None:
        of_name.append(names.c.normalised == wanted.name)
    if wanted.name_part is not None:
        part = _SEPARATORS.sub("-", wanted.name_part.lower())
        of_name.append(names.c.normalised.contains(part, autoescape=True))
        gram = await rarest_gram(connection, part)
        if gram is not None:
            of_name.append(has_gram(gram))
            has_rare_name = True
    of_package, by_index = _of_package(wanted, place)
    return Conditions(
        tuple(of_name),
        tuple(of_package),
        tuple(by_index),
        has_rare_name,
        has_rare_packages=wanted.is_yanked is True,
    )


def _of_status(wanted: ReleaseFilter, place: Place) -> list[ColumnElement[bool]]:
    """Look at the few names that are marked, by their own index, however many others there are."""
    if not wanted.statuses:
        return [false()]
    unwanted = set(ProjectStatus) - wanted.statuses
    if not unwanted:
        return []
    is_marked = names.c.status != ProjectStatus.ACTIVE
    if ProjectStatus.ACTIVE in unwanted:
        return [is_marked, names.c.status.in_(wanted.statuses)]
    others = names.alias("others")
    is_unwanted = others.c.status != ProjectStatus.ACTIVE, others.c.status.in_(unwanted)
    found = select(others.c.id).where(place.among(others.c.project_id), *is_unwanted)
    return [names.c.id.not_in(found)]


def _of_package(
    wanted: ReleaseFilter, place: Place
) -> tuple[list[ColumnElement[bool]], list[ColumnElement[bool]]]:
    conditions: list[ColumnElement[bool]] = []
    by_index: list[ColumnElement[bool]] = []
    if wanted.version is not None:
        is_it = packages.c.version == wanted.version
        conditions.append(is_it)
        by_index += [packages.c.version_key == version_key(wanted.version), is_it]
    if wanted.is_yanked is not None:
        yanked = _yanked(place)
        is_yanked = unindexed(packages.c.id).in_(yanked)
        conditions.append(is_yanked if wanted.is_yanked else ~is_yanked)
        by_index.append(packages.c.id.in_(yanked) if wanted.is_yanked else ~is_yanked)
    return conditions, by_index


def _yanked(place: Place) -> Any:
    """Select the packages of which everything that is listed is yanked."""
    other = files.alias("other")
    is_offered = exists().where(
        other.c.package_id == files.c.package_id,
        ~other.c.is_superseded,
        other.c.yanked_reason.is_(None),
    )
    return select(files.c.package_id).where(
        place.among(files.c.project_id),
        files.c.yanked_reason.is_not(None),
        ~files.c.is_superseded,
        ~is_offered,
    )
