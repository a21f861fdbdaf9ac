"""Figures of use, and the batches they are written in."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Protocol

from wheelyard.domain.figures import (
    Contents,
    Figures,
    InstanceFigures,
    ProjectStorage,
    ReleaseDownloads,
)
from wheelyard.domain.names import NormalisedName
from wheelyard.domain.usage import Usage


class Downloads(Protocol):
    """Storage and download figures."""

    async def of_project(self, project_id: int, since: date) -> Figures:
        """Return the figures of a project, with its downloads by day from `since` on."""

    async def stored_bytes(self, project_ids: Iterable[int]) -> Mapping[int, int]:
        """Return how many bytes each of these projects stores, superseded files included."""

    async def of_instance(self, since: date) -> InstanceFigures:
        """Return the figures of everything, with uploads and downloads by day from `since` on."""

    async def largest_projects(self, limit: int) -> Sequence[ProjectStorage]:
        """Return the projects that store most, the largest first; empty ones are left out."""

    async def of_release(self, release_id: int, since: date) -> Figures:
        """Return the figures of one release."""

    async def by_file(self, release_id: int) -> Mapping[int, int]:
        """Return all downloads there ever were of each file of a release, by the file's id.

        Files that were never downloaded are left out.
        """

    async def by_release(
        self, project_id: int, name: NormalisedName, since: date, limit: int
    ) -> Sequence[ReleaseDownloads]:
        """Return the releases of a name that were downloaded most from `since` on, most first."""

    async def contents(self, release_ids: Sequence[int]) -> Mapping[int, Contents]:
        """Return what the index lists of each of some releases, in one query.

        Releases without a listed file are left out.
        """


class UsageRecords(Protocol):
    """Last uses and download counts."""

    async def add(self, usage: Usage) -> None:
        """Add a batch; tokens and files that have been deleted meanwhile are left out."""
