"""Listings of releases: what is asked for, and what each entry says."""

from dataclasses import dataclass

from wheelyard.domain.access import Target
from wheelyard.domain.models.packages import Release
from wheelyard.domain.names import NormalisedName, path_key
from wheelyard.domain.status import ProjectStatus


@dataclass(frozen=True, slots=True)
class ReleaseFilter:
    """Which releases are asked for; None is any.

    name_part: some characters of the name, in any case, as it was published or normalised;
        `-`, `_` and `.` are the same.
    name: the whole name. version: the exact version, as in GitLab.
    statuses: those that the name may have.
    is_yanked: whether everything that the index lists of them is yanked.
    """

    name_part: str | None = None
    version: str | None = None
    statuses: frozenset[ProjectStatus] = frozenset(ProjectStatus)
    name: NormalisedName | None = None
    is_yanked: bool | None = None


@dataclass(frozen=True, slots=True)
class Publisher:
    """The user who published a release first; a bot stands behind an access token."""

    username: str
    name: str
    is_bot: bool


@dataclass(frozen=True, slots=True)
class ListedRelease:
    """A release, its project's path, and what access to that project depends on.

    publisher: None for a deploy token, and for somebody who was deleted.
    """

    release: Release
    project_path: str
    target: Target
    publisher: Publisher | None = None

    @property
    def id(self) -> int:
        """The release's id."""
        return self.release.id

    @property
    def project_key(self) -> str:
        """The project's path as it is compared."""
        return path_key(self.project_path)
