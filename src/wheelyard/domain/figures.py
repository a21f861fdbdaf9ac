"""Storage and download figures."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Figures:
    """What is stored, and how often it was downloaded.

    files and size_bytes count superseded files too: they are still served. `downloads` are all
    there ever were of these files, and of a project's deleted ones; `by_day` (UTC) has those of the
    days that were asked for and leaves out days without any.
    """

    packages: int
    files: int
    size_bytes: int
    downloads: int
    by_day: Mapping[date, int]


@dataclass(frozen=True, slots=True)
class InstanceFigures:
    """What the whole instance stores, takes in and hands out.

    users: without those that stand behind access tokens. files and size_bytes: superseded files
    count. uploads_by_day, downloads_by_day: by day (UTC), those of files that were deleted since as
    well; days without any are left out.
    """

    users: int
    groups: int
    projects: int
    packages: int
    files: int
    size_bytes: int
    uploads_by_day: Mapping[date, int]
    downloads_by_day: Mapping[date, int]


@dataclass(frozen=True, slots=True)
class ProjectStorage:
    """What one project stores, superseded files included."""

    full_path: str
    files: int
    size_bytes: int


@dataclass(frozen=True, slots=True)
class Contents:
    """What the index lists of a release: how many files, of what size, how many of them yanked."""

    files: int = 0
    size_bytes: int = 0
    yanked_files: int = 0

    @property
    def is_yanked(self) -> bool:
        """Whether there is nothing in it that a resolver would choose by itself."""
        return 0 < self.files == self.yanked_files


@dataclass(frozen=True, slots=True)
class ReleaseDownloads:
    """How often the files of one release were downloaded."""

    release_id: int
    version: str
    downloads: int
