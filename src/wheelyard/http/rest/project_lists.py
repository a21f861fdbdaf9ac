"""Lists of projects: GitLab's filters, and the answer, in three queries however many there are."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Annotated

from fastapi import Depends, Query

from wheelyard.domain.access import Level, Visibility
from wheelyard.domain.filters import ProjectFilter, Span, membership
from wheelyard.domain.models.callers import Actor
from wheelyard.domain.models.places import Namespace, Project
from wheelyard.domain.names import ancestor_keys, path_key
from wheelyard.http.paging import Paging, asked_ids, paging_by
from wheelyard.http.rest.access_levels import AccessLevel
from wheelyard.http.rest.calls import Call
from wheelyard.http.rest.moments import utc
from wheelyard.http.rest.shapes.projects import (
    AccessJson,
    PermissionsJson,
    ProjectForCallerJson,
    ProjectWithStatisticsJson,
    SimpleProjectJson,
    project_json,
    simple_project_json,
)
from wheelyard.ports.database import Transaction

AnyProject = ProjectWithStatisticsJson | ProjectForCallerJson | SimpleProjectJson
"""A project as it is shown to whoever asks."""

ProjectPaging = Annotated[
    Paging,
    paging_by("name", "path", "created_at", "updated_at", "last_activity_at", "similarity"),
]
"""A handler's parameter: GitLab's orders of projects, of which a keyset has that of ids only."""


class ProjectQuery:
    """GitLab's filters of a list of projects.

    Of what is asked for and no project here is or has, an archive or a star, the list is empty.
    What else there is in GitLab is taken and means nothing here.
    """

    def __init__(
        self,
        *,
        search: Annotated[str | None, Query(max_length=255)] = None,
        search_namespaces: bool = False,
        is_member: Annotated[bool, Query(alias="membership")] = False,
        owned: bool = False,
        simple: bool = False,
        visibility: Visibility | None = None,
        min_access_level: AccessLevel | None = None,
        ids: Annotated[Span[int], Depends(asked_ids)],
        last_activity_after: datetime | None = None,
        last_activity_before: datetime | None = None,
        archived: bool = False,
        starred: bool = False,
        topic: Annotated[str | None, Query(max_length=255)] = None,
        statistics: bool = False,
    ) -> None:
        self.is_simple = simple
        self.has_statistics = statistics
        self._ids = ids
        self._active = Span(utc(last_activity_after), utc(last_activity_before))
        self._is_none = archived or starred or bool(topic)
        self._search = search
        self._searches_namespaces = search_namespaces
        self._visibility = visibility
        self._least = _least(is_member=is_member, is_owner=owned, min_access_level=min_access_level)

    def narrow(self, wanted: ProjectFilter, call: Call) -> ProjectFilter:
        """Return the filter narrowed to what the caller asks for."""
        within = wanted.within
        if self._least is not None:
            within = membership(call.actor, call.today, self._least)
        return replace(
            wanted,
            within=within,
            search=self._search,
            searches_namespaces=self._searches_namespaces,
            visibility=self._visibility,
            ids=self._ids,
            active=self._active,
            is_none=self._is_none,
        )


def _least(*, is_member: bool, is_owner: bool, min_access_level: int | None) -> Level | None:
    if is_owner:
        return Level.OWNER
    if min_access_level is not None:
        return Level(min_access_level)
    return Level.GUEST if is_member else None


ProjectParameters = Annotated[ProjectQuery, Depends()]
"""A handler's parameter: the filters that the request asks for."""


async def show_projects(
    call: Call, tx: Transaction, paging: Paging, wanted: ProjectFilter, asked: ProjectQuery
) -> list[AnyProject]:
    """Answer with a page of projects."""
    listing = await tx.projects.listing(wanted, paging.window)
    keys = {key for project in listing.items for key in ancestor_keys(project.key)}
    namespaces = await tx.namespaces.by_keys(keys)
    ids = [project.id for project in listing.items]
    published = await tx.projects.published_at(ids)
    stored = await tx.downloads.stored_bytes(ids) if asked.has_statistics else {}

    def shape(project: Project) -> AnyProject:
        if asked.is_simple:
            return simple_project_json(
                project, call.base_url, namespaces, published.get(project.id)
            )
        return _shown(call, project, namespaces, published, stored)

    return paging.show(listing, shape)


async def show_project(
    call: Call, tx: Transaction, project: Project, *, has_statistics: bool = False
) -> AnyProject:
    """Answer with one project."""
    ids = [project.id]
    namespaces = await tx.namespaces.by_keys(ancestor_keys(project.key))
    stored = await tx.downloads.stored_bytes(ids) if has_statistics else {}
    return _shown(call, project, namespaces, await tx.projects.published_at(ids), stored)


def _shown(
    call: Call,
    project: Project,
    namespaces: Mapping[str, Namespace],
    published: Mapping[int, datetime],
    stored: Mapping[int, int],
) -> AnyProject:
    """Show a project: to somebody anonymous in short, its statistics to reporters, as in GitLab."""
    known = call.base_url, namespaces, published.get(project.id)
    if call.actor.is_anonymous:
        return simple_project_json(project, *known)
    shown: ProjectForCallerJson = {
        **project_json(project, *known),
        "permissions": permissions(call.actor, project, call.today),
    }
    is_reporter = call.actor.level_at(project.key, call.today) >= Level.REPORTER
    if project.id not in stored or not is_reporter:
        return shown
    size = stored[project.id]
    return {**shown, "statistics": {"storage_size": size, "packages_size": size}}


def permissions(actor: Actor, project: Project, today: date) -> PermissionsJson:
    """Return what the caller is in the project itself, and by way of its groups."""
    own = path_key(actor.username)  # nobody is a member of a user's namespace
    above = {key for key in ancestor_keys(project.key) if key != own}
    return {
        "project_access": _access(actor.role_at({project.key}, today)),
        "group_access": _access(actor.role_at(above, today)),
    }


def _access(level: Level | None) -> AccessJson | None:
    return None if level is None else {"access_level": int(level), "notification_level": 3}
