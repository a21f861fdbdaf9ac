"""The JSON of storage and download figures."""

from typing_extensions import TypedDict

from wheelyard.domain.figures import Figures
from wheelyard.http.rest.shapes.moments import Day


class DownloadsJson(TypedDict):
    """The downloads of one day (UTC)."""

    date: Day
    downloads: int


class FiguresJson(TypedDict):
    """What is stored, and how often it was downloaded; days without downloads are left out."""

    packages: int
    files: int
    bytes: int
    downloads: int
    downloads_by_day: list[DownloadsJson]


def figures_json(figures: Figures) -> FiguresJson:
    """Show storage and download figures; days (UTC) without downloads are left out."""
    return {
        "packages": figures.packages,
        "files": figures.files,
        "bytes": figures.size_bytes,
        "downloads": figures.downloads,
        "downloads_by_day": [
            {"date": day.isoformat(), "downloads": times} for day, times in figures.by_day.items()
        ],
    }
