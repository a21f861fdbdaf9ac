"""The status markers of a project (PEP 792), and what each lets people do with it."""

from enum import StrEnum


class ProjectStatus(StrEnum):
    """What a project's owner or the index says about it; there is one at a time.

    No installer enforces these: the index itself refuses uploads and withholds files.
    """

    ACTIVE = "active"
    ARCHIVED = "archived"  # no more updates are to be expected
    QUARANTINED = "quarantined"  # thought to be unsafe
    DEPRECATED = "deprecated"  # superseded; behaves as active

    @property
    def accepts_uploads(self) -> bool:
        """Whether new files may be published."""
        return self in {ProjectStatus.ACTIVE, ProjectStatus.DEPRECATED}

    @property
    def offers_files(self) -> bool:
        """Whether the project's page may list its files."""
        return self is not ProjectStatus.QUARANTINED
