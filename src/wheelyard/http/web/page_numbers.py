"""Numbers in addresses: of rows, and of the pages of a list."""

from wheelyard.domain.errors import not_found
from wheelyard.domain.listing import Window
from wheelyard.http.web.view import View

_MAX_ID_DIGITS = 18  # fits a 64-bit integer
_MAX_PAGE_DIGITS = 6


def row_id(view: View, name: str) -> int:
    """Return the number in the path. Raises Refused (not found) for what is none."""
    number = read_id(str(view.path[name]))
    if number is None:
        raise not_found("404")
    return number


def read_id(text: str) -> int | None:
    """Return the number of a row that a text is, or None."""
    is_id = text.isascii() and text.isdigit() and len(text) <= _MAX_ID_DIGITS
    return int(text) if is_id else None


def page_number(view: View) -> int:
    """Return which page of a list is asked for, from 1; what makes no sense is the first."""
    text = view.query("page")
    is_number = text.isascii() and text.isdigit() and len(text) <= _MAX_PAGE_DIGITS
    return max(int(text), 1) if is_number else 1


def window_of(page: int, per_page: int) -> Window:
    """Return the part of a listing that a page shows, in the listing's own order."""
    return Window(per_page, (page - 1) * per_page)
