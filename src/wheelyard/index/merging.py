"""Several projects' pages of one name as one page, for groups that mix them."""

from collections.abc import Sequence

from wheelyard.domain.documents.page import ProjectPage
from wheelyard.domain.models.packages import ListedFile


def merge_pages(pages: Sequence[ProjectPage]) -> ProjectPage | None:
    """Return one page of all files and versions of `pages`, the owner's first; None for none.

    Of two files with one name the one uploaded last is listed, as within a project. The status
    is that of the first page that offers files, so that a quarantine withholds its own files.
    """
    if len(pages) <= 1:
        return pages[0] if pages else None
    stated = next((page for page in pages if page.status and page.status.offers_files), pages[0])
    listed: dict[str, ListedFile] = {}
    for file in sorted((file for page in pages for file in page.files), key=_uploaded):
        listed[file.filename] = file
    return ProjectPage(
        name=stated.name,
        files=list(listed.values()),
        versions=list(dict.fromkeys(version for page in pages for version in page.versions)),
        status=stated.status,
        reason=stated.reason,
        serial=max(page.serial for page in pages),
    )


def _uploaded(file: ListedFile) -> tuple[object, int]:
    return file.uploaded_at, file.id
