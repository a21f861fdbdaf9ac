"""The state of a list in its address: what is looked for, in which order, and which page.

The address says it all, so a list can be bookmarked, sent to somebody and gone back to.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

from wheelyard.domain.listing import Window
from wheelyard.domain.names import normalise_name
from wheelyard.domain.releases import ReleaseFilter
from wheelyard.domain.status import ProjectStatus
from wheelyard.http.web.urls import query

PER_PAGE = 25
YANKED = "yanked"

_MAX_PAGE_DIGITS = 6
_MAX_SEARCH_CHARS = 256
_ORDERS = {
    "published": "created_at",
    "name": "normalised_name",
    "version": "version",
    "project": "project_path",  # of a group's list
}
_DESCENDING_FIRST = frozenset({"published", "version"})
_STATUSES = frozenset({*(status.value for status in ProjectStatus), YANKED})


@dataclass(frozen=True, slots=True)
class ListState:
    """Which packages are shown. Texts are "" and `page` is 1 when nothing else was asked for.

    search: a part of the name. name: the whole name. status: of the name (PEP 792), or "yanked".
    """

    search: str = ""
    name: str = ""
    status: str = ""
    sort: str = "published"
    is_descending: bool = True
    page: int = 1

    @property
    def is_filtered(self) -> bool:
        """Whether there may be packages that are not shown."""
        return bool(self.search or self.name or self.status)

    @property
    def filter(self) -> ReleaseFilter:
        """What the database is asked for."""
        is_status = self.status in set(ProjectStatus)
        statuses = frozenset({ProjectStatus(self.status)} if is_status else ProjectStatus)
        name = normalise_name(self.name) if self.name else None
        if self.name and name is None:
            statuses = frozenset()  # nothing has a name that is none
        return ReleaseFilter(
            name_part=self.search or None,
            name=name,
            statuses=statuses,
            is_yanked=True if self.status == YANKED else None,
        )

    @property
    def window(self) -> Window:
        """The part that is shown."""
        offset = (self.page - 1) * PER_PAGE
        return Window(PER_PAGE, offset, _ORDERS[self.sort], self.is_descending)

    @property
    def query(self) -> str:
        """The query that asks for it; what is usual is left out."""
        is_usual = self.sort == "published" and self.is_descending
        return query(
            search=self.search,
            name=self.name,
            status=self.status,
            sort=None if is_usual else self.sort,
            order=None if is_usual else "desc" if self.is_descending else "asc",
            page=None if self.page == 1 else self.page,
        )

    def sorted_by(self, sort: str) -> "ListState":
        """Return the same list in this order; in the same order again, the other way round."""
        is_descending = sort in _DESCENDING_FIRST
        if sort == self.sort:
            is_descending = not self.is_descending
        return replace(self, sort=sort, is_descending=is_descending, page=1)

    def at_page(self, page: int) -> "ListState":
        """Return another page of the same list."""
        return replace(self, page=page)

    def without_name(self) -> "ListState":
        """Return the list of packages of any name."""
        return replace(self, name="", page=1)


def parse_state(read: Callable[[str], str]) -> ListState:
    """Return the state in an address; what makes no sense there is left out.

    read: returns the value of a parameter, "" when there is none.
    """
    page, sort, status, order = read("page"), read("sort"), read("status"), read("order")
    sort = sort if sort in _ORDERS else "published"
    is_page = page.isascii() and page.isdigit() and len(page) <= _MAX_PAGE_DIGITS
    return ListState(
        search=read("search")[:_MAX_SEARCH_CHARS],
        name=read("name")[:_MAX_SEARCH_CHARS],
        status=status if status in _STATUSES else "",
        sort=sort,
        is_descending=order == "desc" if order in {"asc", "desc"} else sort in _DESCENDING_FIRST,
        page=max(int(page), 1) if is_page else 1,
    )
