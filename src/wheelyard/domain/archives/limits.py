"""How much an archive may hold and unpack to, and the one way in which reading it fails."""

from dataclasses import dataclass

from wheelyard.domain.findings import Finding, found

KIBIBYTE = 1024
MEBIBYTE = 1024 * KIBIBYTE

CHUNK_BYTES = 256 * KIBIBYTE
"""How much is read or unpacked at a time."""

MAX_NAME_BYTES = 4096
"""The longest member name: Linux's longest path."""

MAX_NAME_DEPTH = 128
"""The most folders in a member name, so that walking up from it is bounded."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one archive.

    max_members: the largest wheel known to us has 16 thousand.
    max_directory_bytes: a ZIP archive's central directory, which is held in memory.
    max_unpacked_bytes: all members together.
    free_unpacked_bytes, max_ratio: from the first on, an archive may unpack to the second times
    its own size (PyPI's rule and figures).
    max_metadata_bytes, max_record_bytes, max_small_file_bytes: METADATA or PKG-INFO, RECORD, and
    WHEEL or entry_points.txt, which are held in memory.
    """

    max_members: int = 100_000
    max_directory_bytes: int = 32 * MEBIBYTE
    max_unpacked_bytes: int = 32 * KIBIBYTE * MEBIBYTE
    free_unpacked_bytes: int = 64 * MEBIBYTE
    max_ratio: int = 50
    max_metadata_bytes: int = 10 * MEBIBYTE
    max_record_bytes: int = 32 * MEBIBYTE
    max_small_file_bytes: int = MEBIBYTE

    def unpacked_bytes(self, size_bytes: int) -> int:
        """Return how much an archive of this size may unpack to."""
        by_ratio = max(self.free_unpacked_bytes, size_bytes * self.max_ratio)
        return min(self.max_unpacked_bytes, by_ratio)


class Unreadable(Exception):  # noqa: N818  it names what happened, as the callers read it
    """An archive that cannot be read any further; `finding` says why."""

    def __init__(self, code: str, message: str, field: str | None = None) -> None:
        super().__init__(message)
        self.finding: Finding = found(code, message, field)


def bomb(limit_bytes: int) -> Unreadable:
    """Build the refusal of an archive that unpacks to more than it may."""
    return Unreadable(
        "archive-bomb",
        f"The archive unpacks to more than {limit_bytes} bytes, too much for its size.",
    )
